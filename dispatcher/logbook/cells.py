"""Cells that no spreadsheet takes for a formula (SECURITY T14), in tables as town halls open them.

Semicolons and a mark of UTF-8, every cell quoted; one that would begin a formula begins with an
apostrophe instead: phone numbers too.
"""

import csv
import io
from collections.abc import Iterable, Sequence

BEGINS_A_FORMULA = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")  # the full-width ones too


def harmless(cell: str) -> str:
    """Return the cell so that no spreadsheet takes it for a formula."""
    begins = {cell[:1], cell.lstrip()[:1]} - {""}
    return f"'{cell}" if begins & BEGINS_A_FORMULA else cell


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table as text: UTF-8 with its mark, CRLF, a header, harmless cells."""
    text = io.StringIO()
    text.write("\ufeff")
    sheet = csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    sheet.writerow(columns)
    for row in rows:
        sheet.writerow([harmless(cell) for cell in row])
    return text.getvalue()
