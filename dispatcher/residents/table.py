"""A CSV file as town halls have them: whatever its encoding, separator and line ends."""

import codecs
import csv
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, TextIO

from dispatcher.residents.columns import ImportRefused, known_in
from dispatcher.residents.sentences import sentence

_DELIMITERS = (",", ";", "\t", "|")
_CHUNK = 1 << 20
_LINE_ENDS = ("\n", "\r")
_LINES_IN_A_CELL = 10  # a cell may hold line ends; a forgotten quote must not swallow the file
_LONGEST_LINE = 65_536  # signs: whatever a file holds, no more of it is in memory
# How workbooks begin, .xlsx and .ods (ZIP), .xls (OLE): often renamed .csv.
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


@dataclass(frozen=True)
class Row:
    """A record of the file: the number of its first line (the headers are line 1), its cells."""

    line: int
    cells: list[str]
    fault: str = ""  # why the record could not be read


class Table:
    """An open file: its headers, then its rows, one at a time."""

    def __init__(self, file: TextIO, raw: BinaryIO) -> None:
        """Read the headers of a file that stands at its beginning; see `opened_table`.

        The separator is the one that shows most of our columns, or that `sep=` names.
        """
        self._file, self._raw = file, raw
        self._ahead: deque[str] = deque()
        self._line = 0  # number of the last physical line taken
        first = self._take()
        named = first.strip().lower()
        if named.startswith("sep=") and len(named) == len("sep=;"):
            delimiter, first = named[-1], self._take()
        else:
            delimiter = max(_DELIMITERS, key=lambda one: _likeness(first, one))
        self._delimiter = delimiter
        self.headers = _cells(first, delimiter)

    @property
    def bytes_read(self) -> int:
        """Return how far the file was read."""
        return self._raw.tell()

    def rows(self) -> Iterator[Row]:
        """Give each record that is not blank; one that cannot be read says why, and the rest go on.

        A cell in quotes may hold line ends, ten at most, and only if the record then has the
        number of cells of the headers: else its first line alone is at fault.
        """
        while text := self._take():
            line = self._line
            row = self._record(text, line)
            if row.fault or any(cell.strip() for cell in row.cells):
                yield row

    def _take(self) -> str:
        text = self._ahead.popleft() if self._ahead else self._read()
        self._line += bool(text)
        return text

    def _read(self) -> str:
        """Read a line; of one too long, one sign more than the longest, so that it shows."""
        text = rest = self._file.readline(_LONGEST_LINE + 1)
        while len(rest) > _LONGEST_LINE and not rest.endswith(_LINE_ENDS):
            rest = self._file.readline(_LONGEST_LINE + 1)
        return text

    def _record(self, text: str, line: int) -> Row:
        if len(text) > _LONGEST_LINE:
            return Row(line, [], f"> {_LONGEST_LINE}")
        if '"' not in text:
            return Row(line, _cells(text, self._delimiter))
        joined = self._joined(text)
        if joined is not None:
            return Row(line, joined)
        if text.count('"') % 2:
            return Row(line, [], '"')
        return Row(line, _cells(text, self._delimiter))

    def _joined(self, text: str) -> list[str] | None:
        """Cells of a record that begins with this line, or None when its quotes do not match."""
        taken: list[str] = []
        while len(taken) <= _LINES_IN_A_CELL:
            try:
                cells = next(csv.reader([text], delimiter=self._delimiter, strict=True))
            except csv.Error as fault:
                more = self._take() if "unexpected end" in str(fault) else ""
                if not more:
                    break
                taken.append(more)
                text += more
                continue
            if not taken or self._fits(cells, text):
                return cells
            break
        self._ahead.extendleft(reversed(taken))
        self._line -= len(taken)
        return None

    def _fits(self, cells: list[str], text: str) -> bool:
        """Tell whether lines that quotes join are one record, as wide as the headers.

        Lines that are each as wide are records of their own: two quotes too many would mix people.
        """
        width = len(self.headers)
        alone = {line.count(self._delimiter) + 1 for line in text.splitlines()}
        return len(cells) == width and alone != {width}


@contextmanager
def opened_table(path: Path, *, language: str = "fr") -> Iterator[Table]:
    """Open a CSV file: UTF-8 with or without its mark, UTF-16 with it, else Windows-1252.

    Raises ImportRefused for a file without headers or a workbook under the name of a CSV file,
    OSError for one that cannot be opened.
    """
    with path.open("rb") as file:
        if file.read(len(_WORKBOOKS[0])) in _WORKBOOKS:
            raise ImportRefused(sentence("workbook", language, value=path.name))
    encoding = _encoding(path)
    with (
        path.open("rb") as raw,
        TextIOWrapper(raw, encoding=encoding, errors="replace", newline="") as file,
    ):
        table = Table(file, raw)
        if not any(header.strip() for header in table.headers):
            raise ImportRefused(sentence("empty_file", language))
        yield table


def _likeness(first: str, delimiter: str) -> tuple[int, int]:
    cells = _cells(first, delimiter)
    return known_in(cells), len(cells)


def _cells(text: str, delimiter: str) -> list[str]:
    """Cells of one line, with quotes that do not match taken as they stand."""
    parsed = csv.reader([text.rstrip("\r\n")], delimiter=delimiter)
    return next(parsed, [])


def _encoding(path: Path) -> str:
    """Name the encoding, reading the file once in small parts."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        part = file.read(_CHUNK)
        if part.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        try:
            while part:
                decoder.decode(part)
                part = file.read(_CHUNK)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8-sig"
