"""The logbook only grows, and shows whatever was done to it behind its back."""

import asyncio
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from dispatcher.logbook.chain import Verdict, verify, verify_ledger
from dispatcher.logbook.export import ExportRefused, check_export, export
from dispatcher.logbook.signature import public_key
from dispatcher.store import logbook
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry, Head, Line, append, digest_of, signed_values, write

KEY = b"k" * 32
COMMUNE = "99042"
NOON = datetime(2026, 2, 10, 12, tzinfo=UTC)


def launched(number: int) -> Entry:
    return Entry(
        "maire", "alert.launched", f"Alerte n° {number} lancée.", {"people": number}, at=NOON
    )


async def filled(ledger: Ledger, lines: int = 5) -> list[Line]:
    for number in range(1, lines + 1):
        await write(ledger, commune=COMMUNE, entry=launched(number), key=KEY)
    return await logbook.read(ledger, COMMUNE)


async def test_what_was_written_is_read_back_and_verifies(ledger: Ledger) -> None:
    lines = await filled(ledger)
    assert [line.number for line in lines] == [1, 2, 3, 4, 5]
    assert lines[2].text == "Alerte n° 3 lancée."
    assert lines[2].happened == NOON
    assert lines[2].recorded_at > NOON.timestamp()
    assert await verify_ledger(ledger, COMMUNE, key=KEY) == Verdict(5, True, None)


async def test_data_of_any_json_shape_still_verifies_after_a_round_trip(ledger: Ledger) -> None:
    data = {"z": (1, 2.5, None), "é": {"10": 1e-7, "a": True}, "big": 2**53, "n": 1.0}
    await write(ledger, commune=COMMUNE, entry=Entry("maire", "x", "«é»", data), key=KEY)
    assert (await verify_ledger(ledger, COMMUNE, key=KEY)).valid


async def test_the_pages_of_a_reading_join(ledger: Ledger) -> None:
    await filled(ledger)
    assert [line.number for line in await logbook.read(ledger, COMMUNE, after=2, limit=2)] == [3, 4]
    newest = await logbook.read(ledger, COMMUNE, limit=2, newest=True)
    assert [line.number for line in newest] == [5, 4]


async def test_each_commune_has_its_own_chain(ledger: Ledger) -> None:
    await filled(ledger, 2)
    assert await write(ledger, commune="35047", entry=launched(9), key=KEY) == 1
    assert await verify_ledger(ledger, "35047", key=KEY) == Verdict(1, True, None)


async def test_lines_written_at_the_same_time_make_one_chain(ledger: Ledger) -> None:
    async def one(number: int) -> int:
        return await write(ledger, commune=COMMUNE, entry=launched(number), key=KEY)

    numbers = await asyncio.gather(*(one(number) for number in range(24)))
    assert sorted(numbers) == list(range(1, 25))
    assert await verify_ledger(ledger, COMMUNE, key=KEY) == Verdict(24, True, None)


async def test_an_act_whose_line_cannot_be_written_is_undone(ledger: Ledger) -> None:
    impossible = Entry("maire", "alert.launched", "…", {"people": float("nan")})

    async def act() -> None:
        async with ledger.writing() as connection:
            await append(connection, commune=COMMUNE, entry=launched(1), key=KEY)
            await append(connection, commune=COMMUNE, entry=impossible, key=KEY)

    with pytest.raises(ValueError, match="JSON compliant"):
        await act()
    assert await logbook.read(ledger, COMMUNE) == []


@pytest.mark.parametrize(
    "statement", ["UPDATE logbook SET text = 'rien'", "DELETE FROM logbook WHERE number = 2"]
)
async def test_the_database_refuses_to_change_or_remove_a_line(
    ledger: Ledger, statement: str
) -> None:
    lines = await filled(ledger)

    async def change() -> None:
        async with ledger.writing() as connection:
            await connection.execute(text(statement))

    with pytest.raises(DBAPIError, match="only grows"):
        await change()
    assert await logbook.read(ledger, COMMUNE) == lines


def flip(lines: list[Line]) -> list[Line]:
    return [*lines[:2], replace(lines[2], text="Alerte n° 3 annulée."), *lines[3:]]


def flip_time(lines: list[Line]) -> list[Line]:
    return [*lines[:2], replace(lines[2], at=lines[2].at + 1), *lines[3:]]


def remove(lines: list[Line]) -> list[Line]:
    return lines[:2] + lines[3:]


def remove_and_renumber(lines: list[Line]) -> list[Line]:
    after = [replace(line, number=line.number - 1) for line in lines[3:]]
    return [*lines[:2], replace(after[0], previous=lines[1].digest), *after[1:]]


def reorder(lines: list[Line]) -> list[Line]:
    return [*lines[:2], lines[3], lines[2], lines[4]]


def forge(lines: list[Line]) -> list[Line]:
    changed = replace(lines[2], text="Rien.")
    return [*lines[:2], replace(changed, digest=digest_of(signed_values(changed), b"x" * 32))]


def of_another_commune(lines: list[Line]) -> list[Line]:
    return [*lines[:2], replace(lines[2], commune="35047"), *lines[3:]]


@pytest.mark.parametrize(
    "harm",
    [flip, flip_time, remove, remove_and_renumber, reorder, forge, of_another_commune],
    ids=lambda harm: harm.__name__,
)
async def test_harm_done_to_the_third_line_is_found_there(
    ledger: Ledger, harm: Callable[[list[Line]], list[Line]]
) -> None:
    verdict = await verify(harm(await filled(ledger)), KEY)
    assert (verdict.valid, verdict.first_bad) == (False, 3)


@pytest.mark.parametrize("kept", [0, 3, 4])
async def test_a_cut_end_is_found_by_the_head_kept_elsewhere(ledger: Ledger, kept: int) -> None:
    lines = await filled(ledger)
    head = await logbook.head(ledger, COMMUNE)
    assert (await verify(lines[:kept], KEY)).valid  # in itself it is a right chain
    assert await verify(lines[:kept], KEY, heads=[head]) == Verdict(kept, False, kept + 1)


async def test_a_logbook_that_grew_since_the_head_was_kept_is_valid(ledger: Ledger) -> None:
    lines = await filled(ledger)
    assert (await verify(lines, KEY, heads=[Head(3, lines[2].digest)])).valid
    assert (await verify(lines, KEY, heads=[Head()])).valid


async def test_a_rewritten_logbook_differs_from_the_head_kept_elsewhere(ledger: Ledger) -> None:
    lines = await filled(ledger)
    assert not (await verify(lines, KEY, heads=[Head(3, "f" * 64)])).valid


async def exported(ledger: Ledger) -> list[bytes]:
    await filled(ledger)
    paper = io.BytesIO()
    lines = logbook.read_all(ledger, COMMUNE)
    await export(lines, paper, commune=COMMUNE, key=KEY, now=NOON)
    return paper.getvalue().splitlines(keepends=True)


async def test_an_export_is_whole_and_names_the_head(ledger: Ledger) -> None:
    written = await exported(ledger)
    seal = check_export(written, trusted_key=public_key(KEY))
    assert len(written) == 6
    assert seal.reached == await logbook.head(ledger, COMMUNE)


@pytest.mark.parametrize("harmed", ["line", "order", "seal", "cut", "key"])
async def test_an_export_that_was_touched_is_refused(ledger: Ledger, harmed: str) -> None:
    written = await exported(ledger)
    one, two, *rest = written
    touched = {
        "line": [one.replace(b"maire", b"prefet"), two, *rest],
        "order": [two, one, *rest],
        "seal": [*written[:-1], written[-1].replace(b'"entries":5', b'"entries":4')],
        "cut": written[:-1],
        "key": written,
    }[harmed]
    trusted = public_key(b"x" * 32 if harmed == "key" else KEY)
    with pytest.raises(ExportRefused):
        check_export(touched, trusted_key=trusted)
