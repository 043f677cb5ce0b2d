"""`log verify`, `log export`: is the logbook whole, and a signed copy of it."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from dispatcher.alerts.office import utc_now
from dispatcher.cli.failing import said
from dispatcher.cli.opening import NoCommune, opened_office
from dispatcher.cli.speaking import Json, refuse, say
from dispatcher.logbook.chain import Verdict, verify_ledger
from dispatcher.logbook.export import Seal, public_key
from dispatcher.logbook.export import export as exported
from dispatcher.store import logbook

app = typer.Typer(help="The logbook (main courante).", no_args_is_help=True)


@app.command()
def verify(*, as_json: Json = False) -> None:
    """Check the chain of the logbook, line by line."""

    async def verified() -> Verdict:
        async with opened_office() as office:
            return await verify_ledger(office.ledger, office.commune, key=office.logbook_key)

    try:
        found = asyncio.run(verified())
    except NoCommune as error:
        refuse(str(error), as_json=as_json)
    say(
        {"entries": found.entries, "valid": found.valid, "first_bad": found.first_bad},
        as_json=as_json,
    )
    if not found.valid:
        raise typer.Exit(1)


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="where the signed copy is written")],
    *,
    as_json: Json = False,
) -> None:
    """Write the logbook and its signature; the public key to check it is told."""

    async def written() -> tuple[Seal, str]:
        async with opened_office() as office:
            lines = logbook.read_all(office.ledger, office.commune)
            with file.open("wb") as paper:
                seal = await exported(
                    lines, paper, commune=office.commune, key=office.logbook_key, now=utc_now()
                )
            return seal, public_key(office.logbook_key)

    try:
        seal, key = asyncio.run(written())
    except (NoCommune, OSError) as error:
        refuse(said(error), as_json=as_json)
    say({"entries": seal.entries, "file": str(file), "public_key": key}, as_json=as_json)
