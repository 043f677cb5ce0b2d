"""The lists of records that a plan is made of: where each stands, and which key names a record."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from plans.faults import Findings, PlanFault
from plans.forms_events import CENTRES, MEANS, RISKS
from plans.forms_people import DIRECTORY, ORGANISATION, TEAMS
from plans.records import Key, ListOf, Record
from plans.shapes import Ident, Ref
from plans.yaml_edit import Batch, edit_list
from plans.yaml_lines import Node, read_yaml
from plans.yaml_written import Value

Files = Mapping[str, bytes]


class _Whole(Protocol):
    """A form whose keys are known, whatever it makes."""

    @property
    def keys(self) -> tuple[Key, ...]: ...


@dataclass(frozen=True)
class Section:
    """A list of one file: `name` in addresses, `key` in the file, `ident` the key of a record."""

    name: str
    file: str
    key: str
    keys: tuple[Key, ...]
    ident: str

    @property
    def kind(self) -> str:
        """What the ids name, as references of other records say it; empty where none does."""
        shape = next(one.shape for one in self.keys if one.name == self.ident)
        return shape.kind if isinstance(shape, Ident) else ""


def _section(name: str, whole: _Whole, file: str, *, key: str, ident: str = "id") -> Section:
    shape = next(one.shape for one in whole.keys if one.name == key)
    if not isinstance(shape, ListOf) or not isinstance(shape.item, Record):
        raise TypeError(key)
    return Section(name, file, key, shape.item.keys, ident)


SECTIONS = (
    _section("annuaire", DIRECTORY, "annuaire.yaml", key="contacts"),
    _section("services", DIRECTORY, "annuaire.yaml", key="services_exterieurs"),
    _section("astreintes", DIRECTORY, "annuaire.yaml", key="astreinte", ident="semaine"),
    _section("fonctions", ORGANISATION, "organisation.yaml", key="fonctions", ident="code"),
    _section("cellules", ORGANISATION, "organisation.yaml", key="cellules", ident="code"),
    _section("equipes", TEAMS, "equipes.yaml", key="equipes"),
    _section("centres", CENTRES, "centres.yaml", key="centres"),
    _section("rassemblement", CENTRES, "centres.yaml", key="points_rassemblement"),
    _section("risques", RISKS, "risques.yaml", key="risques", ident="code"),
    _section("moyens", MEANS, "moyens.yaml", key="moyens"),
)
BY_NAME = {one.name: one for one in SECTIONS}
_BY_KIND = {one.kind: one for one in SECTIONS if one.kind}


def records_of(files: Files, section: Section) -> dict[str, dict[str, Value]]:
    """Give the records of a section as they are typed, by id, in the order of the file."""
    if section.file not in files:
        return {}
    tree = read_yaml(section.file, files[section.file], Findings())
    entries = tree.value if tree is not None and isinstance(tree.value, dict) else {}
    listed = entries.get(section.key)
    found: dict[str, dict[str, Value]] = {}
    for node in listed.value if listed and isinstance(listed.value, tuple) else ():
        record = plain(node)
        if isinstance(record, dict):
            found.setdefault(str(record.get(section.ident, "")), record)
    return found


def plain(node: Node) -> Value | None:
    """Give what a node holds, scalars as the text that was typed; None where it is empty."""
    if isinstance(node.value, str) or node.value is None:
        return node.value
    if isinstance(node.value, tuple):
        return [value for one in node.value if (value := plain(one)) is not None]
    held = {name: plain(one) for name, one in node.value.items()}
    return {name: value for name, value in held.items() if value is not None}


def edit_records(files: Files, section: Section, batch: Batch) -> dict[str, bytes]:
    """Change records of a section; raises NoSuchRecord."""
    text = files.get(section.file, b"").decode("utf-8-sig")
    edited = edit_list(text, section.key, ident=section.ident, batch=batch)
    return {**files, section.file: edited.encode()}


def choices_of(files: Files, kind: str) -> list[str]:
    """List the ids that a reference of this kind may name, among the lists of records."""
    section = _BY_KIND.get(kind)
    return list(records_of(files, section)) if section else []


def kind_of(key: Key) -> str:
    """Tell what a key's value names; empty where it is no reference."""
    shape = key.shape.item if isinstance(key.shape, ListOf) else key.shape
    return shape.kind if isinstance(shape, Ref) else ""


def users_of(files: Files, kind: str, ident: str) -> list[tuple[str, str]]:
    """List the records that name this one, as section and id: they stand in the way of its end."""
    found = []
    for section in SECTIONS:
        naming = [key.name for key in section.keys if kind_of(key) == kind]
        for name, record in records_of(files, section).items() if naming else ():
            held = [record.get(key) for key in naming]
            if any(ident == one or (isinstance(one, list) and ident in one) for one in held):
                found.append((section.name, name))
    return found


def field_of(fault: PlanFault, section: Section, index: int) -> str | None:
    """Return the key of a record's form that a fault belongs to: empty, the record as a whole.

    `index` is the record's place in its list, from 0. None where the fault lies elsewhere.
    """
    head = f"{section.key}[{index}]"
    if fault.file != section.file or not fault.path.startswith(head):
        return None
    rest = fault.path[len(head) :].lstrip(".")
    return rest.partition(".")[0].partition("[")[0]
