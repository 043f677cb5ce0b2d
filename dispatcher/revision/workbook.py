"""An XLSX book of one sheet: read within limits, and written so that nothing in it ever runs.

An XLSX is a zip of XML that anybody may have made: its entries, their unpacked size and its ratio
are bounded before anything is unpacked; a document type is refused, and no formula is computed.
Only texts and numbers of the first sheet are read. Written by hand (ECMA-376 part 1): one sheet of
texts is forty lines, and a library would read far more of a stranger's file than a table needs.
"""

import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.parsers import expat
from xml.sax.saxutils import escape

LARGEST = 1_000_000  # bytes of a file
LARGEST_INSIDE = 8_000_000  # bytes of one unpacked part
MOST_ENTRIES = 200
MOST_RATIO = 100
MOST_ROWS = 2_001
MOST_COLUMNS = 60
LONGEST_CELL = 10_000
RUNS = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet compute a cell of a CSV (OWASP, CSV injection)."""

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


class TableRefused(Exception):
    """The file as a whole is no table that can be read: a sentence in French."""


TOO_LARGE = "Ce fichier dépasse 1 Mo : gardez seulement le tableau, sans image."
NO_TABLE = "Ce fichier n'est pas un tableau CSV ou XLSX : enregistrez-le dans un de ces formats."
BOMB = "Ce fichier se déplie en bien plus grand que lui : il n'est pas ouvert."
NOT_TEXT = "Ce fichier n'est pas du texte lisible : enregistrez-le en « CSV UTF-8 »."
TOO_MANY = "Ce tableau a plus de 2 000 lignes ou de 60 colonnes : coupez-le."
FORMULA = "Une cellule contient une formule : remplacez les formules par leur valeur."


@dataclass(frozen=True)
class Row:
    """A line of a table: its number as the spreadsheet shows it, and its cells as texts."""

    line: int
    cells: tuple[str, ...]


def read_xlsx(raw: bytes) -> Iterator[Row]:
    """Read the rows of the first sheet. Raises TableRefused."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as book:
            _bounded(book, len(raw))
            names = book.namelist()
            shared = _Texts()
            if "xl/sharedStrings.xml" in names:
                _parse(book, "xl/sharedStrings.xml", shared)
            sheets = sorted(name for name in names if name.startswith("xl/worksheets/sheet"))
            if not sheets:
                raise TableRefused(NO_TABLE)
            sheet = _Sheet(shared.texts)
            _parse(book, min(sheets, key=lambda name: (len(name), name)), sheet)
    except (
        zipfile.BadZipFile,
        expat.ExpatError,
        NotImplementedError,
        EOFError,
        zlib.error,
    ) as fault:
        raise TableRefused(NO_TABLE) from fault
    except (RuntimeError, ValueError, IndexError, zipfile.LargeZipFile) as fault:
        raise TableRefused(NO_TABLE) from fault
    yield from sheet.rows


def _bounded(book: zipfile.ZipFile, size: int) -> None:
    infos = book.infolist()
    whole = sum(one.file_size for one in infos)
    if len(infos) > MOST_ENTRIES or whole > max(MOST_RATIO * size, 100_000):
        raise TableRefused(BOMB)


def _parse(book: zipfile.ZipFile, name: str, to: "_Texts | _Sheet") -> None:
    """Parse one part, unpacked no further than its bound whatever the zip says of its size."""
    with book.open(name) as file:
        content = file.read(LARGEST_INSIDE + 1)
    if len(content) > LARGEST_INSIDE:
        raise TableRefused(BOMB)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = to.start
    parser.EndElementHandler = to.end
    parser.CharacterDataHandler = to.text
    parser.Parse(content, True)


def _refuse_doctype(*_told: object) -> None:
    raise TableRefused(NO_TABLE)


class _Texts:
    """The shared texts of a book; what is said of their pronunciation is left out."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._inside = False
        self._aside = 0

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        tag = name.rpartition(" ")[2]
        if tag == "si":
            self.texts.append("")
        self._aside += tag == "rPh"
        self._inside = tag == "t" and not self._aside

    def end(self, name: str) -> None:
        self._aside -= name.rpartition(" ")[2] == "rPh"
        self._inside = False

    def text(self, data: str) -> None:
        if self._inside:
            self.texts[-1] = (self.texts[-1] + data)[:LONGEST_CELL]


class _Sheet:
    """The rows of one sheet: texts, shared texts, numbers, yes and no; a formula is refused."""

    def __init__(self, shared: Sequence[str]) -> None:
        self.rows: list[Row] = []
        self._shared = shared
        self._line = 0
        self._cells: dict[int, str] = {}
        self._place = -1
        self._type = ""
        self._value: str | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(" ")[2]
        if tag == "row":
            self._line = int(attributes.get("r", self._line + 1))
            self._cells, self._place = {}, -1
        elif tag == "c":
            self._place = _column(attributes.get("r", "")) or self._place + 1
            self._type = attributes.get("t", "n")
            if self._place >= MOST_COLUMNS:
                raise TableRefused(TOO_MANY)
        elif tag == "f":
            raise TableRefused(FORMULA)
        elif tag in ("v", "t"):
            self._value = ""

    def end(self, name: str) -> None:
        tag = name.rpartition(" ")[2]
        if tag in ("v", "t") and self._value is not None:
            told = self._cells.get(self._place, "")
            self._cells[self._place] = (told + self._read(self._value))[:LONGEST_CELL]
            self._value = None
        elif tag == "row":
            if len(self.rows) >= MOST_ROWS:
                raise TableRefused(TOO_MANY)
            width = max(self._cells, default=-1) + 1
            self.rows.append(row_of(self._line, [self._cells.get(n, "") for n in range(width)]))

    def text(self, data: str) -> None:
        if self._value is not None:
            self._value += data

    def _read(self, value: str) -> str:
        if self._type == "s":
            return self._shared[int(value)]
        if self._type == "b":
            return "oui" if value == "1" else "non"
        if self._type == "n" and value:
            number = float(value)
            return str(int(number)) if number.is_integer() and abs(number) < 1e15 else value
        return value


def _column(reference: str) -> int | None:
    """Return the place of a cell in its row, from 0: C7 → 2; None where it is not said."""
    letters = reference.rstrip("0123456789")
    if not letters or len(letters) > 3:
        return None
    place = 0
    for letter in letters.upper():
        place = place * 26 + ord(letter) - 64
    return place - 1


def write_xlsx(rows: Sequence[Sequence[str]], *, title: str) -> bytes:
    """Write one sheet of texts: every cell is a string with a quote prefix, so none is computed."""
    lines = "".join(
        f'<row r="{number}">'
        + "".join(_cell(text, place, number) for place, text in enumerate(row))
        + "</row>"
        for number, row in enumerate(rows, 1)
    )
    sheet = f'<worksheet xmlns="{_MAIN}"><sheetData>{lines}</sheetData></worksheet>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in _around(title).items():
            book.writestr(name, f"{_HEAD}{content}")
        book.writestr("xl/worksheets/sheet1.xml", _HEAD + sheet)
    return out.getvalue()


def bare(cell: str) -> str:
    """Take off the apostrophe that writing put before a sign that spreadsheets compute."""
    text = cell.strip()
    return text[1:] if text[:1] == "'" and text[1:].startswith(RUNS) else text


def row_of(line: int, cells: Sequence[str]) -> Row:
    """Make a row of a table; raises TableRefused where it is too far or too wide."""
    if line > MOST_ROWS * 5 or len(cells) > MOST_COLUMNS:
        raise TableRefused(TOO_MANY)
    return Row(line, tuple(bare(cell[:LONGEST_CELL]) for cell in cells))


def _cell(text: str, place: int, line: int) -> str:
    shown = "".join(sign if sign.isprintable() or sign in "\n\t" else " " for sign in text)
    column = (chr(64 + place // 26) if place >= 26 else "") + chr(65 + place % 26)
    kept = f'<t xml:space="preserve">{escape(shown)}</t>'
    return f'<c r="{column}{line}" s="1" t="inlineStr"><is>{kept}</is></c>'


_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def _around(title: str) -> dict[str, str]:
    """Give the parts of a book around its one sheet; style 1 is text with a quote prefix."""
    return {
        "[Content_Types].xml": f'<Types xmlns="{_TYPES}">'
        '<Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KIND}.worksheet+xml"/>'
        "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="r1" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        f'<sheet name="{escape(title[:31])}" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_RELATIONS}">'
        f'<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><fonts count="1"><font/></fonts>'
        '<fills count="1"><fill/></fills><borders count="1"><border/></borders>'
        '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf/>'
        '<xf numFmtId="49" quotePrefix="1" applyNumberFormat="1"/></cellXfs></styleSheet>',
    }
