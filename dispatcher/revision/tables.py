"""A list of the plan as a table, and a table as changes of that list: told by line and column."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dispatcher.revision.workbook import Row, TableRefused
from plans.faults import PlanFault
from plans.records import Key
from plans.sections import Files, Section, edit_records, field_of, records_of
from plans.typed import Phone, cell, changes_of, from_cell
from plans.yaml_edit import Batch
from plans.yaml_written import Value

TABLED = ("annuaire", "equipes", "centres", "astreintes")
"""The lists that people keep in a spreadsheet."""

NO_HEAD = (
    "La première ligne doit nommer les colonnes, dont « {ident} » : partez du tableau exporté."
)
TWICE = "Cette ligne répète l'identifiant de la ligne {line} : gardez-en une."
NO_NAME = "Cette ligne n'a pas d'identifiant : donnez-lui en un, court et sans accent."


@dataclass(frozen=True)
class Problem:
    """What is wrong at a line and a column of the table; no column: the line as a whole."""

    line: int
    column: str
    said: str


@dataclass(frozen=True)
class Import:
    """What a table would change: the batch, where each record's line is, what stands against it."""

    batch: Batch
    lines: Mapping[str, int]
    ignored: Sequence[str] = ()
    problems: Sequence[Problem] = field(default=())

    def apply(self, files: Files, section: Section) -> dict[str, bytes]:
        """Change the files; raises NoSuchRecord."""
        return edit_records(files, section, self.batch)


def table_of(files: Files, section: Section) -> list[list[str]]:
    """Give a list as rows of texts, the names of its keys first."""
    rows = [[key.name for key in section.keys]]
    for record in records_of(files, section).values():
        rows.append([cell(key, record.get(key.name)) for key in section.keys])
    return rows


def import_of(
    rows: Sequence[Row], section: Section, files: Files, *, phone: Phone, whole: bool
) -> Import:
    """Read a table: known ids are changed, new ones added; with `whole`, the others go.

    A column that is absent leaves its values alone; an empty cell takes its value out. Raises
    TableRefused where the first row names no id.
    """
    places, ignored = _columns(rows, section)
    known = records_of(files, section)
    keys = [key for key in section.keys if key.name in places]
    lines: dict[str, int] = {}
    problems: list[Problem] = []
    changed: dict[str, dict[str, Value | None]] = {}
    added: list[dict[str, Value]] = []
    for row in rows[1:]:
        read = {key.name: from_cell(key, _at(row, places[key.name]), phone) for key in keys}
        ident = str(read.get(section.ident) or "")
        if not ident or ident in lines:
            problems.append(_unnamed(row, section, lines.get(ident)))
            continue
        lines[ident] = row.line
        if ident in known:
            changed[ident] = changes_of(_but(keys, section.ident), known[ident], read)
        else:
            added.append({name: value for name, value in read.items() if value is not None})
    gone = frozenset(known) - set(lines) if whole else frozenset()
    kept = {ident: one for ident, one in changed.items() if one}
    return Import(Batch(kept, gone, added), lines, ignored, problems)


def problems_of(
    faults: Sequence[PlanFault], section: Section, files: Files, lines: Mapping[str, int]
) -> tuple[list[Problem], list[PlanFault]]:
    """Part the faults of the plan that a table would make: those of its lines, and the others.

    `files` are those that the table would make.
    """
    mine: list[Problem] = []
    others: list[PlanFault] = []
    idents = list(records_of(files, section))
    for fault in faults:
        found = _place(fault, section, len(idents))
        ident = idents[found[0]] if found else ""
        if found and ident in lines:
            mine.append(Problem(lines[ident], found[1], fault.message))
        else:
            others.append(fault)
    return sorted(mine, key=lambda one: one.line), others


def _place(fault: PlanFault, section: Section, count: int) -> tuple[int, str] | None:
    """Return which record of the list a fault belongs to, and which of its keys."""
    index = fault.path.removeprefix(f"{section.key}[").partition("]")[0]
    if not index.isdigit() or int(index) >= count:
        return None
    column = field_of(fault, section, int(index))
    return None if column is None else (int(index), column)


def _columns(rows: Sequence[Row], section: Section) -> tuple[dict[str, int], list[str]]:
    heads = [name.strip().lower() for name in rows[0].cells] if rows else []
    known = {key.name for key in section.keys}
    places = {name: place for place, name in enumerate(heads) if name in known}
    if section.ident not in places:
        raise TableRefused(NO_HEAD)
    return places, [name for name in heads if name and name not in known]


def _at(row: Row, place: int) -> str:
    return row.cells[place] if place < len(row.cells) else ""


def _but(keys: Sequence[Key], ident: str) -> list[Key]:
    return [key for key in keys if key.name != ident]


def _unnamed(row: Row, section: Section, twin: int | None) -> Problem:
    said = NO_NAME if twin is None else TWICE.format(line=twin)
    return Problem(row.line, section.ident, said)
