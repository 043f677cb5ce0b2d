"""`residents …`: who is enrolled, what is held on one, and every door of the commune."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import TaskID

from dispatcher.cli.cover import cover, round_
from dispatcher.cli.failing import said
from dispatcher.cli.opening import NoCommune, opened_office
from dispatcher.cli.speaking import Json, progress, refuse, say
from dispatcher.keys import add_to_ring, ring
from dispatcher.residents.addressing import load_addresses
from dispatcher.residents.columns import ImportRefused
from dispatcher.residents.importing import Source, Summary, import_residents
from dispatcher.residents.resealing import reseal_all
from dispatcher.settings import PlaceSettings
from dispatcher.store.alert_lines import unlocated
from dispatcher.store.logbook import Entry
from dispatcher.store.register_keys import RESIDENTS
from dispatcher.store.rights import erase_person, export_person, find_person
from zones.addresses import Addresses
from zones.area import AreaRefused

app = typer.Typer(help="Residents and addresses.", no_args_is_help=True)
File = Annotated[Path, typer.Argument(help="CSV file", show_default=False)]
Ident = Annotated[str, typer.Argument(metavar="ID", help="the file's id, or ours")]
app.command()(cover)
app.command(name="round")(round_)


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
        found, nowhere = asyncio.run(_imported(file, renamed))
    except (ImportRefused, NoCommune, OSError) as error:
        refuse(said(error), as_json=as_json)
    say(
        {
            "accepted": found.accepted,
            "rejected": [vars(one) for one in found.rejected],
            "duplicates": found.duplicates,
            "unlocated": found.unlocated,
            "beside_who_left": found.beside_who_left,
            "people_without_place": nowhere,
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
            *_unlocated(found.unlocated, nowhere),
            *_beside(found.beside_who_left),
        ],
    )


def _beside(lines: int) -> list[str]:
    if not lines:
        return []
    return [
        f"{lines} lignes portent le nom et la porte d'une personne qui a quitté les alertes, sous"
        " un autre numéro : elles sont inscrites, et la mairie dit si c'est elle (Habitants, Fiches"
        " en double)."
    ]


def _unlocated(lines: int, nowhere: int) -> list[str]:
    told = []
    if lines:
        told.append(
            f"{lines} lignes n'ont pas de coordonnées (lon, lat) : leur lieu est celui de leur"
            " numéro et de leur voie dans les adresses de la commune."
        )
    if nowhere:
        told.append(
            f"{nowhere} personnes inscrites n'ont pas de lieu : aucune zone d'alerte ne les"
            " contient. Chargez les adresses (`residents addresses FICHIER`) ou corrigez leur"
            " numéro et leur voie."
        )
    return told


async def _imported(file: Path, renamed: dict[str, str]) -> tuple[Summary, int]:
    async with opened_office() as office:
        with progress() as bar:
            tasks: dict[str, TaskID] = {}

            def moved(what: str, done: int, total: int) -> None:
                if what not in tasks:
                    tasks[what] = bar.add_task(what)
                bar.update(tasks[what], completed=done, total=total)

            summary = await import_residents(
                office.ledger,
                Source(file, office.commune, renamed),
                author="console",
                key=office.logbook_key,
                progress=moved,
            )
        return summary, await unlocated(office.ledger, office.commune)


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


@app.command()
def export(ident: Ident, *, as_json: Json = False) -> None:
    """Give a copy of all that is held on a resident (GDPR, article 15)."""

    async def copied() -> dict[str, Any] | None:
        async with opened_office() as office:
            person = await find_person(office.ledger, office.commune, ident)
            if person is None:
                return None
            return await export_person(office.ledger, office.commune, person)

    say(_found(copied, ident, as_json=as_json), as_json=as_json)


@app.command()
def erase(ident: Ident, *, as_json: Json = False) -> None:
    """Erase a resident from the registers, at once (GDPR, article 17)."""

    async def erased() -> dict[str, Any] | None:
        async with opened_office() as office:
            person = await find_person(office.ledger, office.commune, ident)
            entry = Entry("console", "residents.erased", "Habitant effacé", {"person": person})
            gone = person and await erase_person(
                office.ledger, person, commune=office.commune, entry=entry, key=office.logbook_key
            )
            return {"erased": person} if gone else None

    say(_found(erased, ident, as_json=as_json), as_json=as_json)


@app.command()
def renew(*, as_json: Json = False) -> None:
    """Make a new key of the register and seal all by it, once a year; nothing has to stop.

    Killed in between, run it again: it first ends what was begun, and makes no other key. The marks
    by which an exact search works stay under the first key.
    """
    say(asyncio.run(_renewed(PlaceSettings())), as_json=as_json)


async def _renewed(place: PlaceSettings) -> dict[str, int]:
    async with opened_office("00000", place=place) as office:
        done = await reseal_all(office.ledger, key=office.logbook_key)
        if not done.values:  # nothing was left of an earlier time
            add_to_ring(place.data_dir, RESIDENTS)
    async with opened_office("00000", place=place) as office:
        done += await reseal_all(office.ledger, key=office.logbook_key)
    newest = max(ring(place.data_dir, RESIDENTS))
    return {"key": newest, "values": done.values, "unopened": done.unopened}


def _found(
    done: Callable[[], Coroutine[Any, Any, dict[str, Any] | None]], ident: str, *, as_json: bool
) -> dict[str, Any]:
    """Return the answer about somebody, or refuse when nobody has this id."""
    try:
        answer = asyncio.run(done())
    except NoCommune as error:
        refuse(str(error), as_json=as_json)
    if not answer:
        refuse(f"Personne n'a l'identifiant « {ident} » dans cette commune.", as_json=as_json)
    return answer
