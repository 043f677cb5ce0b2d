"""`privacy slip …`: old evidence goes by a slip, the archivist's visa, and a second person."""

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from dispatcher.alerts.office import Actor, Office
from dispatcher.cli.acting import Asked, User, act
from dispatcher.cli.speaking import Json
from dispatcher.privacy import eliminating
from dispatcher.privacy.eliminating import Visa
from dispatcher.privacy.holding import KEEP
from dispatcher.privacy.slip_paper import paper
from dispatcher.store.eliminations import Slip
from dispatcher.store.held_back import paused

app = typer.Typer(help="Elimination slips of old evidence.", no_args_is_help=True)
Number = Annotated[int, typer.Argument(metavar="SLIP", help="its number")]


def _shown(slip: Slip) -> dict[str, object]:
    return {**asdict(slip), "state": slip.state}


@app.command()
def make(*, user: User, as_json: Json = False) -> None:
    """Write a slip of all evidence that has had its time."""

    async def made(office: Office, actor: Actor) -> object:
        return _shown(await eliminating.make_slip(office, actor=actor))

    act(Asked(user, KEEP, as_json), made)


@app.command(name="print")
def print_(
    number: Number,
    file: Annotated[Path, typer.Argument(help="where the PDF is written")],
    *,
    user: User,
    as_json: Json = False,
) -> None:
    """Print a slip for the archivist's visa (PDF)."""

    async def printed(office: Office, actor: Actor) -> object:
        content = await paper(office, await eliminating.slip(office, number))
        await asyncio.to_thread(file.write_bytes, content)
        return {"file": str(file), "bytes": len(content)}

    act(Asked(user, KEEP, as_json), printed)


@app.command()
def visa(  # noqa: PLR0913 - one parameter an option
    number: Number,
    *,
    by: Annotated[str, typer.Option("--by", help="who signed, and her office")],
    reference: Annotated[str, typer.Option("--reference", help="of the visa")],
    on: Annotated[str, typer.Option("--on", help="the day, YYYY-MM-DD")],
    user: User,
    as_json: Json = False,
) -> None:
    """Keep the archivist's visa as it stands on the signed slip."""

    async def recorded(office: Office, actor: Actor) -> object:
        await eliminating.record_visa(office, number, Visa(by, reference, on), actor=actor)
        return _shown(await eliminating.slip(office, number))

    act(Asked(user, KEEP, as_json), recorded)


@app.command()
def eliminate(number: Number, *, user: User, as_json: Json = False) -> None:
    """Let go what a signed slip names: somebody else than who made it."""

    async def gone(office: Office, actor: Actor) -> object:
        slip = await eliminating.eliminate(office, number, actor=actor)
        held = await paused(office.ledger, office.commune)
        return {**_shown(slip), "paused": slip.number in held}

    act(Asked(user, KEEP, as_json), gone)


@app.command(name="give-up")
def give_up(number: Number, *, user: User, as_json: Json = False) -> None:
    """Give a slip up that has not begun."""

    async def given_up(office: Office, actor: Actor) -> object:
        await eliminating.give_up(office, number, actor=actor)
        return _shown(await eliminating.slip(office, number))

    act(Asked(user, KEEP, as_json), given_up)
