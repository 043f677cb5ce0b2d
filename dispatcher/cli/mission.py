"""`mission …`: missions of teams from the command line, each act by a named user."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from dispatcher.alerts.office import Actor, Office
from dispatcher.cli import mission_from
from dispatcher.cli.acting import Asked, User, act
from dispatcher.cli.speaking import Json
from dispatcher.teams import ordering
from dispatcher.teams.ordering import NewMission
from dispatcher.teams.showing import mission_detailed, missions_listed

app = typer.Typer(help="Missions of teams.", no_args_is_help=True)
mission_from.hook(app)
Ident = Annotated[str, typer.Argument(metavar="ID", help="the mission", show_default=False)]
READ, ACT = "team.read", "team.order"


@app.command("list")
def list_missions(
    *,
    user: User,
    over: Annotated[bool, typer.Option("--over", help="those that ended too")] = False,
    as_json: Json = False,
) -> None:
    """List missions, the most urgent first."""
    act(
        Asked(user, READ, as_json),
        lambda office, actor: missions_listed(office, seen_by=actor.function, over=over),
        told=_lines,
    )  # fmt: skip


@app.command()
def show(ident: Ident, *, user: User, as_json: Json = False) -> None:
    """Show one mission with its timeline."""
    act(
        Asked(user, READ, as_json),
        lambda office, actor: mission_detailed(office, ident, seen_by=actor.function),
        told=_whole,
    )


@app.command()
def make(  # noqa: PLR0913 - one parameter an option
    kind: Annotated[str, typer.Argument(help="evaluate, alert, evacuate, secure, inform …")],
    title: Annotated[str, typer.Argument(help="what to do, in a few words")],
    *,
    user: User,
    text: Annotated[str, typer.Option(help="the rest of it")] = "",
    sector: Annotated[str, typer.Option(help="sector of the plan")] = "",
    lon: Annotated[float | None, typer.Option(help="degrees, WGS 84")] = None,
    lat: Annotated[float | None, typer.Option(help="degrees, WGS 84")] = None,
    urgency: Annotated[int, typer.Option(help="1 a life in danger … 4 there is time")] = 3,
    team: Annotated[str, typer.Option(help="given to it at once")] = "",
    key: Annotated[str, typer.Option(help="the same key again makes nothing")] = "",
    as_json: Json = False,
) -> None:
    """Make a mission."""
    new = NewMission(kind, title, text, sector=sector or None, lon=lon, lat=lat, urgency=urgency)

    async def made(office: Office, actor: Actor) -> Mapping[str, object]:
        done = await ordering.propose(office, new, actor=actor, team=team or None, key=key)
        return await mission_detailed(office, done.mission, seen_by=actor.function)

    act(Asked(user, ACT, as_json), made, told=_whole)


@app.command()
def order(
    ident: Ident,
    team: Annotated[str, typer.Argument(help="id or call sign")],
    *,
    user: User,
    as_json: Json = False,
) -> None:
    """Give a mission to a team."""

    async def given(office: Office, actor: Actor) -> Mapping[str, object]:
        await ordering.order(office, ident, team, actor=actor)
        return await mission_detailed(office, ident, seen_by=actor.function)

    act(Asked(user, ACT, as_json), given, told=_whole)


@app.command()
def move(
    ident: Ident,
    to: Annotated[
        str, typer.Argument(help="accepted, in_progress, suspended, done, failed, cancelled")
    ],
    *,
    user: User,
    note: Annotated[str, typer.Option(help="why; needed where it ends unfinished")] = "",
    as_json: Json = False,
) -> None:
    """Say where a mission stands."""

    async def moved(office: Office, actor: Actor) -> Mapping[str, object]:
        await ordering.move(office, ident, to, actor=actor, note=note)
        return await mission_detailed(office, ident, seen_by=actor.function)

    act(Asked(user, ACT, as_json), moved, told=_whole)


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    """Return the lines that people read: one a mission."""
    for one in document["missions"]:
        team = one["team"] or "SANS ÉQUIPE"
        yield f"{one['mission']} · {one['urgency']} · {one['title']} · {one['state']} · {team}"


def _whole(document: Mapping[str, Any]) -> Iterator[str]:
    yield from _lines({"missions": [document]})
    for row in document["timeline"]:
        said = ", ".join(filter(None, (row["mission_said"], row["said"])))
        yield f"  {row['at']} · {said} · {row['source']}:{row['author']} {row['note'] or ''}"
