"""`team-alarm …`: alarms of teams from the command line, each act by a named user."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from dispatcher.alerts.office import Actor, Office
from dispatcher.cli.acting import Asked, User, act
from dispatcher.cli.speaking import Json
from dispatcher.teams import alarming

app = typer.Typer(help="Alarms of teams.", no_args_is_help=True)
Ident = Annotated[str, typer.Argument(metavar="ID", help="the alarm", show_default=False)]


@app.command("list")
def list_alarms(*, user: User, as_json: Json = False) -> None:
    """List them: open ones first, the gravest at the head."""
    act(Asked(user, "team.read", as_json), lambda office, _: alarming.listed(office), told=_lines)


@app.command()
def take(ident: Ident, *, user: User, as_json: Json = False) -> None:
    """Take one that nobody has."""

    async def taken(office: Office, actor: Actor) -> Mapping[str, object]:
        return await alarming.shown_of(office, await alarming.take(office, ident, actor=actor))

    act(Asked(user, alarming.MAY, as_json), taken)


@app.command()
def end(
    ident: Ident,
    *,
    user: User,
    note: Annotated[str, typer.Option(help="how it ends, in words")],
    as_json: Json = False,
) -> None:
    """End one in words."""

    async def ended(office: Office, actor: Actor) -> Mapping[str, object]:
        done = await alarming.end(office, ident, note, actor=actor)
        return await alarming.shown_of(office, done)

    act(Asked(user, alarming.MAY, as_json), ended)


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    """Return the lines that people read: one an alarm."""
    yield f"{len(document['open'])} alarmes d'équipes ouvertes."
    for one in document["open"]:
        owner, what = one["owner"] or "SANS RESPONSABLE", f"{one['call_sign']} · {one['text']}"
        yield f"  {one['alarm']} · {one['raised_at']} · {what} · {owner}"
    for one in document["ended"]:
        yield f"  {one['alarm']} · {one['ended_at']} · {one['text']} · {one['ended_by']}"
