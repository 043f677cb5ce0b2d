"""`residents import`, `residents addresses`: who is enrolled, and every door of the commune."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import TaskID

from dispatcher.cli.failing import said
from dispatcher.cli.opening import NoCommune, opened_office
from dispatcher.cli.speaking import Json, progress, refuse, say
from dispatcher.residents.addressing import load_addresses
from dispatcher.residents.columns import ImportRefused
from dispatcher.residents.importing import Source, Summary, import_residents
from zones.addresses import Addresses
from zones.area import AreaRefused

app = typer.Typer(help="Residents and addresses.", no_args_is_help=True)
File = Annotated[Path, typer.Argument(help="CSV file", show_default=False)]


@app.command(name="import")
def import_(
    file: File,
    *,
    mapping: Annotated[
        list[str] | None, typer.Option("--map", help="ours=theirs, for another header")
    ] = None,
    as_json: Json = False,
) -> None:
    """Enrol the people of a CSV file; a line that cannot be used is told and stops no other."""
    renamed = dict(_pair(one, as_json=as_json) for one in mapping or ())
    try:
        found = asyncio.run(_imported(file, renamed))
    except (ImportRefused, NoCommune, OSError) as error:
        refuse(said(error), as_json=as_json)
    say(
        {
            "accepted": found.accepted,
            "rejected": [vars(one) for one in found.rejected],
            "duplicates": found.duplicates,
            "warnings": [vars(one) for one in found.warnings],
            "ignored_columns": found.ignored_columns,
        },
        as_json=as_json,
        lines=[
            *(f"ligne {one.line} : {one.reason}" for one in found.rejected),
            *(f"ligne {one.line}, gardée : {one.reason}" for one in found.warnings),
            *(f"colonne « {one} » : non lue" for one in found.ignored_columns),
            f"{found.accepted} lignes prises, {len(found.rejected)} refusées,"
            f" {found.duplicates} doublons réunis.",
        ],
    )


async def _imported(file: Path, renamed: dict[str, str]) -> Summary:
    async with opened_office() as office:
        with progress() as bar:
            tasks: dict[str, TaskID] = {}

            def moved(what: str, done: int, total: int) -> None:
                if what not in tasks:
                    tasks[what] = bar.add_task(what)
                bar.update(tasks[what], completed=done, total=total)

            return await import_residents(
                office.ledger,
                Source(file, office.commune, renamed),
                author="console",
                key=office.logbook_key,
                progress=moved,
            )


def _pair(text: str, *, as_json: bool) -> tuple[str, str]:
    ours, equals, theirs = text.partition("=")
    if not equals:
        refuse(f"« {text} » : écrivez --map notre_colonne=leur_colonne.", as_json=as_json)
    return ours, theirs


@app.command()
def addresses(file: File, *, as_json: Json = False) -> None:
    """Put the addresses of a file (BAL, BAN, CSV) in the place of those known."""

    async def loaded() -> Addresses:
        async with opened_office() as office:
            return await load_addresses(office.ledger, office.commune, file)

    try:
        read = asyncio.run(loaded())
    except (AreaRefused, NoCommune, OSError) as error:
        refuse(said(error), as_json=as_json)
    say(
        {"addresses": len(read.ids), "rejected": [str(fault) for fault in read.rejected]},
        as_json=as_json,
    )
