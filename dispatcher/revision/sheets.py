"""Tables of the plan as CSV or XLSX: read within limits, written for French spreadsheets."""

import csv
import io
from collections.abc import Iterator, Sequence

from dispatcher.revision.workbook import (
    LARGEST,
    MOST_ROWS,
    NO_TABLE,
    NOT_TEXT,
    RUNS,
    TOO_LARGE,
    TOO_MANY,
    Row,
    TableRefused,
    read_xlsx,
    row_of,
)


def read_table(raw: bytes) -> list[Row]:
    """Read a CSV or the first sheet of an XLSX, lines without anything left out.

    Raises TableRefused.
    """
    if len(raw) > LARGEST:
        raise TableRefused(TOO_LARGE)
    rows = list(read_xlsx(raw) if raw.startswith(b"PK") else _csv(raw))
    return [row for row in rows if any(row.cells)]


def write_csv(rows: Sequence[Sequence[str]]) -> bytes:
    """Write a CSV that French spreadsheets open: UTF-8 with its mark, semicolons.

    What a spreadsheet would compute begins with an apostrophe, which reading takes off again.
    """
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows(
        [f"'{cell}" if cell.startswith(RUNS) else cell for cell in row] for row in rows
    )
    return out.getvalue().encode("utf-8-sig")


def _csv(raw: bytes) -> Iterator[Row]:
    text = _decoded(raw)
    head = text.split("\n", 1)[0]
    delimiter = max(";,\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    before = 0
    try:
        for row in reader:
            yield row_of(before + 1, row)
            before = reader.line_num
            if before > MOST_ROWS * 5:
                raise TableRefused(TOO_MANY)
    except csv.Error as fault:
        raise TableRefused(NO_TABLE) from fault


def _decoded(raw: bytes) -> str:
    if b"\x00" in raw:
        raise TableRefused(NO_TABLE)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return raw.decode("cp1252")  # what spreadsheets of French Windows save
    except UnicodeDecodeError as fault:
        raise TableRefused(NOT_TEXT) from fault
