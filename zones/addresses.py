"""Address files: BAL 1.3 to 1.5, BAN, any CSV with named coordinates; nobody is dropped."""

import codecs
import csv
import gzip
import io
import math
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zones.address_columns import Astray, Columns, cell
from zones.archive import check_size
from zones.area import AreaRefused, Fault

MOST_BYTES = 2_000_000_000  # the whole of France in the BAN is about 4 GB: not one commune's file
_MOST_TOLD = 10_000  # rejected lines; the addresses of all others are kept all the same
_DELIMITERS = ";,\t|"
_QUOTED = re.compile(r'"[^"]*"')
_MOST_HEADER = 100_000  # characters
_MARK_MISREAD = "\u00ef\u00bb\u00bf"  # a UTF-8 byte order mark before Windows-1252 text
_PIECE = 1 << 20
_WORST = 1_000  # the rank of a line without coordinates: any position is better


@dataclass(frozen=True, eq=False)
class Addresses:
    """Columns of one row per address; lon and lat are NaN for an address without coordinates.

    `rejected` tells the coordinates that could not be right, each with its line; their addresses
    are in the columns, without coordinates. `encoding` says how the text was read.
    """

    ids: tuple[str, ...]
    label: tuple[str, ...]
    street: tuple[str, ...]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    rejected: tuple[Fault, ...]
    encoding: str

    def __len__(self) -> int:
        """Count the addresses, located or not."""
        return len(self.ids)


@dataclass
class _Rows:
    """The columns while they grow."""

    ids: list[str] = field(default_factory=list)
    label: list[str] = field(default_factory=list)
    street: list[str] = field(default_factory=list)
    lon: list[float] = field(default_factory=list)
    lat: list[float] = field(default_factory=list)
    rank: list[int] = field(default_factory=list)
    row_of: dict[tuple[str, str], int] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    rejected: list[Fault] = field(default_factory=list)


def read_addresses(path: Path) -> Addresses:
    """Read an address file, plain or gzipped, in UTF-8 (BOM or not) or Windows-1252.

    Lines of one BAL address (same id, number, suffix and street) are one address, at the best of
    its positions. Every address has an id of its own: one met again bears its line too. Raises
    AreaRefused for a file that is no such table, OSError for one that cannot be read.
    """
    check_size(path, most=MOST_BYTES)
    try:
        encoding = _encoding(path)
        with _binary(path) as raw, io.TextIOWrapper(raw, encoding=encoding, newline="") as text:
            return _read(text, encoding)
    except (gzip.BadGzipFile, EOFError, zlib.error) as fault:
        message = "The gzip file is damaged: copy or download it again."
        raise AreaRefused([Fault(path.name, message)]) from fault
    except UnicodeDecodeError as fault:
        message = "The text is neither UTF-8 nor Windows-1252: export it as CSV UTF-8."
        raise AreaRefused([Fault(path.name, message)]) from fault


def _binary(path: Path) -> gzip.GzipFile | io.BufferedReader:
    with path.open("rb") as start:
        packed = start.read(2) == b"\x1f\x8b"
    return gzip.open(path) if packed else path.open("rb")


def _encoding(path: Path) -> str:
    """Read the file once to know its size and whether it is UTF-8 to its end."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    encoding, size = "utf-8-sig", 0
    with _binary(path) as raw:
        while piece := raw.read(_PIECE):
            size += len(piece)
            if size > MOST_BYTES:
                message = f"The file has more than {MOST_BYTES:,} bytes: cut it by commune."
                raise AreaRefused([Fault(path.name, message)])
            if b"\0" in piece:
                message = "The file is not text in UTF-8 or Windows-1252: export it as CSV UTF-8."
                raise AreaRefused([Fault(path.name, message)])
            encoding = _still(decoder, piece, encoding)
    return _still(decoder, b"", encoding, final=True)


def _still(
    decoder: codecs.IncrementalDecoder, piece: bytes, encoding: str, *, final: bool = False
) -> str:
    if encoding != "utf-8-sig":
        return encoding
    try:
        decoder.decode(piece, final)
    except UnicodeDecodeError:
        return "windows-1252"
    return encoding


def _read(text: io.TextIOWrapper, encoding: str) -> Addresses:
    first = text.readline(_MOST_HEADER).removeprefix(_MARK_MISREAD)
    if len(first) >= _MOST_HEADER:
        raise AreaRefused([Fault("line 1", "The header is too long: this is no address table.")])
    delimiter = max(_DELIMITERS, key=_QUOTED.sub("", first).count)
    rows = _Rows()
    table = csv.reader(chain([first], text), delimiter=delimiter, strict=True)
    try:
        columns = Columns.named(next(table, []))
        for cells in table:
            if any(map(str.strip, cells)):
                _take(cells, f"line {table.line_num}", columns, rows)
    except csv.Error as fault:
        message = f"The table cannot be read further ({fault}): look for a quote left open."
        raise AreaRefused([Fault(f"line {table.line_num}", message)]) from fault
    return Addresses(
        ids=tuple(rows.ids),
        label=tuple(rows.label),
        street=tuple(rows.street),
        lon=np.array(rows.lon, dtype=np.float64),
        lat=np.array(rows.lat, dtype=np.float64),
        rejected=tuple(rows.rejected),
        encoding="utf-8" if encoding == "utf-8-sig" else encoding,
    )


def _take(cells: Sequence[str], line: str, columns: Columns, rows: _Rows) -> None:
    lon, lat = _spot(cells, line, columns, rows)
    shared = columns.shared_id(cells)
    rank = _WORST if math.isnan(lon) else columns.rank(cells)
    label = columns.label(cells)
    # an id given to two doors by mistake must not make one of them vanish
    door = (shared, label.casefold())
    row = rows.row_of.get(door) if shared else None
    if row is None:
        if shared:
            rows.row_of[door] = len(rows.ids)
        rows.ids.append(_own_id(shared or cell(cells, columns.own) or line, line, rows.taken))
        rows.label.append(label)
        rows.street.append(cell(cells, columns.street))
        rows.lon.append(lon)
        rows.lat.append(lat)
        rows.rank.append(rank)
    elif rank < rows.rank[row]:
        rows.lon[row], rows.lat[row], rows.rank[row] = lon, lat, rank


def _own_id(wanted: str, line: str, taken: set[str]) -> str:
    """Return the id, with the line where another address has it already."""
    while wanted in taken:
        wanted = f"{wanted} ({line})"
    taken.add(wanted)
    return wanted


def _spot(cells: Sequence[str], line: str, columns: Columns, rows: _Rows) -> tuple[float, float]:
    try:
        place = columns.spot(cells)
    except Astray as fault:
        if len(rows.rejected) < _MOST_TOLD:
            rows.rejected.append(Fault(line, f"{fault} The address is kept without coordinates."))
        return float("nan"), float("nan")
    return (place.lon, place.lat) if place else (float("nan"), float("nan"))
