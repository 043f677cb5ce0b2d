"""`distress …`: calls for help from the command line, each act by a named user."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any

import typer

from dispatcher.alerts.office import Actor, Office
from dispatcher.cli.acting import Asked, User, act
from dispatcher.cli.speaking import Json, refuse
from dispatcher.distress import calls
from dispatcher.distress.calls import End
from dispatcher.distress.showing import listed, shown, shown_whose
from dispatcher.store.help_calls import HelpCall

app = typer.Typer(help="Calls for help.", no_args_is_help=True)
Ident = Annotated[str, typer.Argument(metavar="ID", help="the call", show_default=False)]
Verb = Callable[[Office, Actor], Awaitable[HelpCall]]
MAY = "alert.replies"


@app.command("list")
def list_calls(*, user: User, as_json: Json = False) -> None:
    """List them: open ones first, without a name or a number."""
    act(Asked(user, "alert.read", as_json), lambda office, _: listed(office), told=_lines)


@app.command()
def look(ident: Ident, *, user: User, as_json: Json = False) -> None:
    """Show who is behind one; the look is in the logbook."""

    async def looked(office: Office, actor: Actor) -> Mapping[str, object]:
        return shown_whose(*await calls.look(office, ident, actor=actor))

    act(Asked(user, MAY, as_json), looked)


@app.command()
def take(ident: Ident, *, user: User, as_json: Json = False) -> None:
    """Take one that nobody has."""
    _act(user, lambda office, actor: calls.take(office, ident, actor=actor), as_json=as_json)


@app.command("hand-over")
def hand_over(
    ident: Ident,
    to: Annotated[str, typer.Argument(help="a login; left out: nobody")] = "",
    *,
    user: User,
    as_json: Json = False,
) -> None:
    """Give one to somebody else."""
    _act(
        user,
        lambda office, actor: calls.hand_over(office, ident, to, actor=actor),
        as_json=as_json,
    )


@app.command()
def end(  # noqa: PLR0913 - one parameter an option
    ident: Ident,
    outcome: Annotated[str, typer.Argument(help="team_sent, called_back, passed_on, no_action")],
    *,
    user: User,
    note: Annotated[str, typer.Option(help="why; needed for no_action")] = "",
    at: Annotated[str, typer.Option(help="when the CODIS had it, ISO 8601")] = "",
    reference: Annotated[str, typer.Option(help="its number there, or who answered")] = "",
    as_json: Json = False,
) -> None:
    """End one in words."""
    how = End(outcome, note, _instant(at, as_json=as_json), reference)
    _act(user, lambda office, actor: calls.end(office, ident, how, actor=actor), as_json=as_json)


@app.command()
def reopen(
    ident: Ident,
    *,
    user: User,
    reason: Annotated[str, typer.Option(help="why")],
    as_json: Json = False,
) -> None:
    """Open one again that was ended too soon."""
    _act(
        user,
        lambda office, actor: calls.reopen(office, ident, actor=actor, reason=reason),
        as_json=as_json,
    )


def _act(user: str, verb: Verb, *, as_json: bool) -> None:
    async def acted(office: Office, actor: Actor) -> Mapping[str, object]:
        return shown(await verb(office, actor))

    act(Asked(user, MAY, as_json), acted)


def _instant(given: str, *, as_json: bool) -> datetime | None:
    if not given:
        return None
    try:
        at = datetime.fromisoformat(given)
    except ValueError:
        refuse(f"« {given} » n'est pas une heure : 2026-11-27T03:12+01:00.", as_json=as_json)
    return at.astimezone()


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    """Return the lines that people read: one a call."""
    yield f"{len(document['open'])} demandes d'aide ouvertes."
    for one in document["open"]:
        owner = one["owner"] or "SANS RESPONSABLE"
        yield f"  {one['call']} · {one['came_at']} · {one['via']} · {owner}"
    for one in document["ended"]:
        yield f"  {one['call']} · {one['ended_at']} · {one['outcome']} · {one['ended_by']}"
