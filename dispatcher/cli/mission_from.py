"""`mission from-step | from-help | from-street`: missions made where they are needed; their doors.

`cli/mission.py` hooks these commands: `mission_from.hook(app)`.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from dispatcher.alerts.drafting import new_id
from dispatcher.alerts.office import Actor, Office
from dispatcher.cli.acting import Asked, User, act
from dispatcher.cli.speaking import Json
from dispatcher.crisis import steps
from dispatcher.distress.calls import End
from dispatcher.store.mission_rows import Mission
from dispatcher.tasking import in_line
from dispatcher.tasking.from_help import from_help
from dispatcher.tasking.from_step import from_step
from dispatcher.tasking.from_street import Choice, from_street
from dispatcher.tasking.reading import paper, read_doors
from dispatcher.tasking.showing import shown_doors, shown_made
from dispatcher.tasking.wishes import Wish
from dispatcher.teams.doors import Knock, note_door
from dispatcher.teams.reporting import Sender

app = typer.Typer(help="Missions of steps, calls for help, streets.", no_args_is_help=True)
MAY = "team.order"
Team = Annotated[str, typer.Option(help="call sign or id of the team that has it")]
Queue = Annotated[bool, typer.Option("--queue", help="wait for the team where it is busy")]
Urgency = Annotated[int | None, typer.Option(help="1 a life in danger … 4 there is time")]
MissionId = Annotated[str, typer.Argument(metavar="MISSION", show_default=False)]
Verb = Callable[[Office, Actor], Awaitable[Mission]]


@app.command("from-step")
def step(  # noqa: PLR0913 - one parameter an option
    event: Annotated[str, typer.Argument(show_default=False)],
    card: Annotated[str, typer.Argument(show_default=False)],
    number: Annotated[int, typer.Argument(metavar="STEP", show_default=False)],
    *,
    user: User,
    team: Team = "",
    queue: Queue = False,
    urgency: Urgency = None,
    as_json: Json = False,
) -> None:
    """Make the mission of a card's step; the task shows it."""
    wish = Wish(team, urgency=urgency, queue=queue)
    _act(
        user,
        lambda office, actor: from_step(
            office, event, (card, number), wish=wish, asked=steps.Asked(actor)
        ),
        as_json=as_json,
    )


@app.command("from-help")
def help_call(
    call: Annotated[str, typer.Argument(show_default=False)],
    team: Annotated[str, typer.Argument(show_default=False)],
    *,
    user: User,
    note: Annotated[str, typer.Option(help="kept with the call")] = "",
    as_json: Json = False,
) -> None:
    """Send a team to who called for help; the call is ended by the same act."""
    _act(
        user,
        lambda office, actor: from_help(
            office, call, wish=Wish(team), how=End("team_sent", note), actor=actor
        ),
        as_json=as_json,
        also="alert.replies",
    )


@app.command("from-street")
def street(  # noqa: PLR0913 - one parameter an option
    alert: Annotated[str, typer.Argument(show_default=False)],
    *,
    user: User,
    street: Annotated[list[str] | None, typer.Option(help="as listed; may be repeated")] = None,
    sector: Annotated[str | None, typer.Option(help="as listed; empty: outside all")] = None,
    team: Team = "",
    queue: Queue = False,
    as_json: Json = False,
) -> None:
    """Make a door-to-door mission of the unreached of streets, or of a sector."""
    choice = Choice(sector, tuple(street or ()))
    _act(
        user,
        lambda office, actor: from_street(
            office, alert, choice, wish=Wish(team, queue=queue), actor=actor
        ),
        as_json=as_json,
        also="alert.unreached",
    )


@app.command()
def doors(
    mission: MissionId,
    *,
    user: User,
    csv: Annotated[Path | None, typer.Option(help="write a spreadsheet's file there")] = None,
    as_json: Json = False,
) -> None:
    """List the doors of a mission in the order of the walk; names to who may read them."""

    async def listed(office: Office, actor: Actor) -> Mapping[str, object]:
        form = "csv" if csv else "json"
        read = await read_doors(office, mission, actor=actor, form=form)
        if csv is None:
            return shown_doors(read.doors, names=read.named, words=read.words)
        csv.touch(mode=0o600)
        csv.write_text(await paper(office, read), encoding="utf-8")
        return {"file": str(csv), "doors": []}

    act(Asked(user, "team.read", as_json), listed, told=_lines)


@app.command()
def door(  # noqa: PLR0913 - one parameter an option
    mission: MissionId,
    door: Annotated[str, typer.Argument(metavar="DOOR", show_default=False)],
    result: Annotated[str, typer.Argument(help="found, evacuated, refused, empty, help")],
    *,
    user: User,
    counted: Annotated[int | None, typer.Option(help="people there")] = None,
    note: Annotated[str, typer.Option()] = "",
    as_json: Json = False,
) -> None:
    """Note what was found at a door."""

    async def noted(office: Office, actor: Actor) -> Mapping[str, object]:
        knock = Knock(door, result, office.clock(), counted, note)
        sender = Sender("console", actor.login, new_id())
        row = await note_door(office, mission, knock, sender=sender)
        return {"door": row.door, "result": row.result, "counted": row.counted}

    act(Asked(user, MAY, as_json), noted)


@app.command()
def line(
    mission: MissionId,
    to: Annotated[str, typer.Argument(help="up, down, first, last, before:ID")],
    *,
    user: User,
    urgency: Urgency = None,
    as_json: Json = False,
) -> None:
    """Move a mission in its line."""
    _act(
        user,
        lambda office, actor: in_line.put_in_line(
            office, mission, to, actor=actor, urgency=urgency
        ),
        as_json=as_json,
    )


@app.command()
def queue(
    mission: MissionId,
    team: Annotated[str, typer.Argument(help="left out: nobody any more")] = "",
    *,
    user: User,
    as_json: Json = False,
) -> None:
    """Keep a proposed mission for a busy team."""
    _act(
        user, lambda office, actor: in_line.queue(office, mission, team, actor=actor),
        as_json=as_json,
    )  # fmt: skip


COMMANDS = (
    ("from-step", step), ("from-help", help_call), ("from-street", street), ("doors", doors),
    ("door", door), ("line", line), ("queue", queue),
)  # fmt: skip


def hook(other: typer.Typer) -> None:
    """Give these commands to another group of commands."""
    for name, command in COMMANDS:
        other.command(name)(command)


def _act(user: str, verb: Verb, *, as_json: bool, also: str = "") -> None:
    async def acted(office: Office, actor: Actor) -> Mapping[str, object]:
        return shown_made(await verb(office, actor))

    act(Asked(user, MAY, as_json, also), acted, ring=True)


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    """Return the lines that people read: one a door."""
    if "file" in document:
        yield str(document["file"])
        return
    sums = document["sums"]
    yield f"{sums['done']} portes sur {sums['doors']}, {sums['people']} personnes comptées."
    for one in document["doors"]:
        yield f"  {one['place']} · {one['door']} · {one['label']} · {one['result'] or 'à voir'}"
