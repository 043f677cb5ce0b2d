"""`log …`: is the logbook whole, copies of it, lines and situation reports of it."""

import asyncio
import json
from collections.abc import Coroutine
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

import typer

from dispatcher.access.permissions import allowed
from dispatcher.alerts.office import Office, utc_now
from dispatcher.alerts.plan_in_force import in_force
from dispatcher.alerts.refusals import NotThere
from dispatcher.cli.acting import User
from dispatcher.cli.failing import said
from dispatcher.cli.identity import SYSTEM, NotSignedIn, identified
from dispatcher.cli.opening import NoCommune, opened_office
from dispatcher.cli.speaking import Json, refuse, say
from dispatcher.logbook import sitrep as sitreps
from dispatcher.logbook.books import Keeper, LineRefused, Spot, Told, write_line
from dispatcher.logbook.copies import (
    FORMATS,
    Copy,
    CopyRefused,
    note_copy,
    paper,
    spreadsheet,
)
from dispatcher.logbook.export import ExportRefused, Seal, check_export
from dispatcher.logbook.export import export as signed
from dispatcher.logbook.marks import MarksRefused, read_marks
from dispatcher.logbook.proof import Checked, verify_all
from dispatcher.logbook.signature import public_key
from dispatcher.logbook.typesetting import NotPrinted, typeset
from dispatcher.store import pages_of_lines
from dispatcher.store.logbook import Head

app = typer.Typer(help="The logbook (main courante).", no_args_is_help=True)
Book = Annotated[str | None, typer.Option("--book", help="code of one book")]
Event = Annotated[str | None, typer.Option("--event", help="id of one crisis")]
REFUSED = (
    NoCommune, NotSignedIn, NotThere, LineRefused, CopyRefused, ExportRefused, MarksRefused,
    NotPrinted, OSError,
)  # fmt: skip
Result = TypeVar("Result")


def _done(act: Coroutine[Any, Any, Result], *, as_json: bool) -> Result:
    """Run a command's work; refuse in a sentence what it refuses."""
    try:
        return asyncio.run(act)
    except REFUSED as error:
        refuse(said(error), as_json=as_json)


def _keeper(office: Office) -> Keeper:
    return Keeper(office.ledger, office.commune, office.logbook_key)


async def _place(office: Office) -> tuple[str, ZoneInfo]:
    """Return the commune's name and clock; its code where it has no plan yet."""
    try:
        commune = (await in_force(office)).plan.commune
    except NotThere:
        return office.commune, ZoneInfo("Europe/Paris")
    return commune.name, ZoneInfo(commune.timezone)


@app.command()
def verify(
    *,
    against: Annotated[
        Path | None, typer.Option("--against", help="an earlier export: shows a cut end")
    ] = None,
    marks: Annotated[
        Path | None, typer.Option("--marks", help="marks kept elsewhere (TOCSIN_WITNESS_TO)")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check the chain of the logbook line by line, and every seal of the deliveries."""

    async def verified() -> Checked:
        async with opened_office() as office:
            heads = [*_exported(office, against), *_marked(office, marks)]
            return await verify_all(
                office.ledger, office.commune, key=office.logbook_key, heads=heads
            )

    found = _done(verified(), as_json=as_json)
    proof = found.proof
    document = {
        "entries": found.chain.entries,
        "valid": found.valid,
        "first_bad": found.first_bad,
        "seals": proof.seals,
        "sealed_deliveries": proof.deliveries,
        "pending_deliveries": proof.pending,
        "eliminated_seals": proof.eliminated,
        "bad_seal": proof.bad_seal,
        "problem": _problem(found),
    }
    say(document, as_json=as_json)
    if not found.valid:
        raise typer.Exit(1)


def _problem(found: Checked) -> str | None:
    if not found.chain.valid:
        return f"La ligne {found.chain.first_bad} n'est pas celle qui a été écrite, ou manque."
    return f"Preuve des envois : {found.proof.problem}." if found.proof.problem else None


def _exported(office: Office, against: Path | None) -> list[Head]:
    """Return where an earlier export ended. Raises ExportRefused, OSError."""
    if against is None:
        return []
    with against.open("rb") as written:
        return [check_export(written, trusted_key=public_key(office.logbook_key)).reached]


def _marked(office: Office, marks: Path | None) -> list[Head]:
    """Return the heads that were kept elsewhere. Raises MarksRefused, OSError."""
    if marks is None:
        return []
    trusted = public_key(office.logbook_key)
    with marks.open("rb") as written:
        return read_marks(written, commune=office.commune, trusted_key=trusted)


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="where the copy is written")],
    *,
    form: Annotated[str, typer.Option("--format", help="json (signed), csv or pdf")] = "json",
    book: Book = None,
    event: Event = None,
    as_json: Json = False,
) -> None:
    """Write the logbook: signed, as a spreadsheet, or on paper."""
    if form not in FORMATS:
        refuse(f"--format : {', '.join(FORMATS)}, et non « {form} ».", as_json=as_json)

    async def written() -> dict[str, object]:
        async with opened_office() as office:
            name, zone = await _place(office)
            copy = Copy(name, zone, utc_now(), book=book, event=event)
            if form == "json":
                return await _sign(office, copy, file)
            keeper = _keeper(office)
            content = (
                (await spreadsheet(keeper, copy)).encode()
                if form == "csv"
                else await paper(keeper, copy)
            )
            await asyncio.to_thread(file.write_bytes, content)
            line = await note_copy(keeper, copy, form=form, by=SYSTEM.login)
            return {"file": str(file), "format": form, "bytes": len(content), "line": line}

    say(_done(written(), as_json=as_json), as_json=as_json)


async def _sign(office: Office, copy: Copy, file: Path) -> dict[str, object]:
    """Write the signed copy: whole, or the lines of a book or a crisis."""
    with file.open("wb") as sheet:
        seal: Seal = await signed(
            pages_of_lines.all_lines(office.ledger, office.commune, copy.wanted),
            sheet,
            commune=office.commune,
            key=office.logbook_key,
            now=copy.now,
        )
    key = public_key(office.logbook_key)
    return {"entries": seal.entries, "file": str(file), "public_key": key}


@app.command()
def write(  # noqa: PLR0913 - one parameter an option
    text: Annotated[str, typer.Argument(help="what happened")],
    *,
    user: User,
    book: Annotated[str, typer.Option("--book", help="code of the book")] = "",
    event: Annotated[str, typer.Option("--event", help="id of the crisis")] = "",
    origin: Annotated[str, typer.Option("--origin", help="who says it")] = "",
    channel: Annotated[str, typer.Option("--channel", help="phone, radio, mail, paper…")] = "",
    request: Annotated[str, typer.Option("--request", help="what is asked for")] = "",
    decision: Annotated[str, typer.Option("--decision", help="what is decided")] = "",
    at: Annotated[
        datetime | None, typer.Option("--at", help="when it happened, commune's clock")
    ] = None,
    as_json: Json = False,
) -> None:
    """Write a line of the main courante; `--at` where it happened earlier."""

    async def written() -> dict[str, object]:
        async with opened_office() as office:
            actor = await identified(office, user)
            if not allowed(actor.function, "logbook.write"):
                raise NotSignedIn(f"« {actor.login} » n'a pas le droit « logbook.write ».")
            _, zone = await _place(office)
            when = at.replace(tzinfo=zone) if at else None
            told = Told(text, origin, channel, request, decision, at=when)
            number = await write_line(_keeper(office), told, spot=Spot(book, event), by=actor.login)
            return {"number": number}

    say(_done(written(), as_json=as_json), as_json=as_json)


@app.command()
def sitrep(  # noqa: PLR0913 - one parameter an option
    *,
    event: Annotated[str, typer.Option("--event", help="id of the crisis")] = "",
    parts: Annotated[
        Path | None, typer.Option("--parts", help="JSON of the parts as they were changed")
    ] = None,
    issue: Annotated[bool, typer.Option("--issue", help="issue it: a numbered line")] = False,
    pdf: Annotated[Path | None, typer.Option("--pdf", help="the issued report on paper")] = None,
    user: User = "",
    as_json: Json = False,
) -> None:
    """Draft the situation report for the prefecture from the logbook, or issue it."""

    async def reported() -> dict[str, object]:
        async with opened_office() as office:
            keeper, (name, zone) = _keeper(office), await _place(office)
            drafted = await sitreps.draft(keeper, event=event, zone=zone)
            text = {**drafted.parts, **(json.loads(parts.read_text("utf-8")) if parts else {})}
            if not issue:
                return {"number": drafted.number, "issued": False, "parts": text}
            actor = await identified(office, user)
            if not allowed(actor.function, "logbook.write"):
                raise NotSignedIn(f"« {actor.login} » n'a pas le droit « logbook.write ».")
            done = await sitreps.issue(keeper, text, event=event, by=actor.login)
            if pdf is not None:
                await _print(keeper, done.line, pdf, place=(name, zone))
            return {"number": done.number, "issued": True, "line": done.line, "parts": text}

    say(_done(reported(), as_json=as_json), as_json=as_json)


async def _print(keeper: Keeper, number: int, file: Path, *, place: tuple[str, ZoneInfo]) -> None:
    line = await pages_of_lines.by_number(keeper.ledger, keeper.commune, number)
    if line is not None:
        shown = sitreps.as_paper(line, commune_name=place[0], zone=place[1])
        await asyncio.to_thread(file.write_bytes, await typeset("sitrep", shown))
