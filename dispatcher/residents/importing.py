"""Residents from a CSV file: read whole and gathered by person, then written batch by batch.

Nothing is written before the whole file was read, and each person is written once, whole, in one
transaction with all their contacts and homes: an alert launched meanwhile sees each person as
before or as after. A crash between two batches is repaired by running the import again, since a
person already as the file says is left alone. People whom the file does not name stay.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from dispatcher.residents.columns import ImportRefused, places_of
from dispatcher.residents.contacts import Note
from dispatcher.residents.line import read_line
from dispatcher.residents.sentences import sentence
from dispatcher.residents.staging import Filed, Staging, opened_staging
from dispatcher.residents.table import Row, Table, opened_table
from dispatcher.store.doubles import beside_who_left
from dispatcher.store.enrolment import Written, put_residents
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry, write

LINES_AT_ONCE = 1000
PEOPLE_AT_ONCE = 500

Progress = Callable[[str, int, int], None]  # "reading" in bytes or "writing" in people; done; total


@dataclass(frozen=True)
class Remark:
    """A line of the file, and what is to be said of it, in a sentence."""

    line: int
    reason: str


@dataclass(frozen=True)
class Source:
    """A file to import: the commune's, how its headers are named (ours → theirs), whose words."""

    path: Path
    commune: str
    mapping: Mapping[str, str] = field(default_factory=dict)
    language: str = "fr"  # of the sentences


@dataclass
class Summary:
    """What an import did, in lines: taken; of a person named before; without coordinates.

    Who has no coordinates on any line is inside no area: no alert finds them. Lines of a namesake,
    at the same door, of who left by another number are told: the town hall says whether it is she.
    """

    accepted: int = 0
    duplicates: int = 0
    unlocated: int = 0
    beside_who_left: int = 0
    rejected: list[Remark] = field(default_factory=list)
    warnings: list[Remark] = field(default_factory=list)
    ignored_columns: list[str] = field(default_factory=list)
    people: Written = field(default_factory=Written)


def _silent(_what: str, _done: int, _total: int) -> None:
    """Show nothing."""


async def import_residents(
    ledger: Ledger, source: Source, *, author: str, key: bytes, progress: Progress = _silent
) -> Summary:
    """Enrol the people of the file; see this module for what a crash leaves.

    Raises ImportRefused when the file as a whole cannot be used, or changes while it is read (half
    of two files would be enrolled), OSError when it cannot be read.
    A line that cannot be used never stops the others. The logbook says who imported how many.
    """
    summary = Summary()
    before = _state(source.path)
    with ExitStack() as open_things:
        table = await asyncio.to_thread(
            open_things.enter_context, opened_table(source.path, language=source.language)
        )
        staging = open_things.enter_context(opened_staging())
        await _read(table, staging, source=source, summary=summary, progress=progress)
        if _state(source.path) != before:
            raise ImportRefused(sentence("file_changed", source.language))
        named = summary.accepted - summary.duplicates
        waiting = staging.people()
        while filed := await asyncio.to_thread(_next, waiting):
            people = [one.resident for one in filed]
            summary.people += await put_residents(ledger, people, commune=source.commune)
            await _tell_left(ledger, filed, source=source, summary=summary)
            progress("writing", min(named, sum(vars(summary.people).values())), named)
    await write(ledger, commune=source.commune, entry=_entry(summary, author), key=key)
    return summary


async def _read(
    table: Table, staging: Staging, *, source: Source, summary: Summary, progress: Progress
) -> None:
    places = places_of(table.headers, source.mapping, language=source.language)
    summary.ignored_columns.extend(
        header for index, header in enumerate(table.headers) if index not in places.values()
    )
    total = source.path.stat().st_size
    rows = table.rows()
    filing = _Filing(places, len(table.headers), source=source, staging=staging, summary=summary)
    while await asyncio.to_thread(filing.take, rows):
        progress("reading", min(total, table.bytes_read), total)


class _Filing:
    """Rows understood one by one, and filed or refused."""

    def __init__(
        self,
        places: Mapping[str, int],
        width: int,
        *,
        source: Source,
        staging: Staging,
        summary: Summary,
    ) -> None:
        self._places = places
        self._width = width
        self._source = source
        self._staging = staging
        self._summary = summary

    def take(self, rows: Iterator[Row]) -> int:
        """Take the next rows; return how many there were."""
        taken = 0
        for row in islice(rows, LINES_AT_ONCE):
            self._file(row)
            taken += 1
        return taken

    def _file(self, row: Row) -> None:
        if row.fault:
            return self._refuse(row.line, [Note("unreadable_line", row.fault)])
        if any(row.cells[self._width :]):
            counted = f"{len(row.cells)} > {self._width}"
            return self._refuse(row.line, [Note("too_many_cells", counted)])
        cells = {
            name: row.cells[index] for name, index in self._places.items() if index < len(row.cells)
        }
        reading = read_line(cells, commune=self._source.commune)
        self._summary.warnings.extend(self._remarks(row.line, reading.warned))
        if reading.resident is None:
            return self._refuse(row.line, reading.refused)
        self._summary.accepted += 1
        self._summary.unlocated += all(home.lon is None for home in reading.resident.homes)
        self._summary.duplicates += self._staging.add(row.line, reading.resident)
        return None

    def _refuse(self, line: int, notes: list[Note]) -> None:
        said = " ; ".join(remark.reason for remark in self._remarks(line, notes))
        self._summary.rejected.append(Remark(line, f"{said[:1].upper()}{said[1:]}."))

    def _remarks(self, line: int, notes: list[Note]) -> list[Remark]:
        return [
            Remark(line, sentence(note.reason, self._source.language, value=note.value))
            for note in notes
        ]


def _state(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


async def _tell_left(
    ledger: Ledger, filed: Sequence[Filed], *, source: Source, summary: Summary
) -> None:
    """Tell of lines that may bring back who left: enrolled, since a danger must reach who lives."""
    found = await beside_who_left(ledger, source.commune, [one.resident for one in filed])
    lines = [line for one, beside in zip(filed, found, strict=True) if beside for line in one.lines]
    said = sentence("beside_who_left", source.language)
    summary.warnings.extend(Remark(line, said) for line in lines)
    summary.beside_who_left += len(lines)


def _next(waiting: Iterator[Filed]) -> list[Filed]:
    return list(islice(waiting, PEOPLE_AT_ONCE))


def _entry(summary: Summary, author: str) -> Entry:
    people = summary.people
    return Entry(
        author,
        "residents.imported",
        f"Import des habitants : {people.added} ajoutés, {people.updated} modifiés, "
        f"{people.unchanged} inchangés, {len(summary.rejected)} lignes rejetées.",
        {
            "accepted": summary.accepted,
            "rejected": len(summary.rejected),
            "duplicates": summary.duplicates,
            "beside_who_left": summary.beside_who_left,
            **vars(people),
        },
    )
