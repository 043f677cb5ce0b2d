"""The lists of records that a plan is made of, and its whole files: where each stands."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from plans.faults import Findings, PlanFault
from plans.figures import Spots
from plans.folder import CARDS, in_folder
from plans.folder import POLICY as POLICY_FILE
from plans.forms_events import CARD, CENTRES, MEANS, RISKS
from plans.forms_people import DIRECTORY, ORGANISATION, TEAMS
from plans.forms_plan import MANIFEST
from plans.forms_policy import POLICY
from plans.records import Key, ListOf, OneOf, Record
from plans.shapes import Affix, Ident, Ref
from plans.yaml_edit import Batch, edit_list
from plans.yaml_lines import Node, read_yaml
from plans.yaml_paths import edit_paths, paths_of, tree_of
from plans.yaml_written import Value, document

Files = Mapping[str, bytes]


class _Whole(Protocol):
    """A form whose keys are known, whatever it makes."""

    @property
    def keys(self) -> tuple[Key, ...]: ...


@dataclass(frozen=True)
class Section:
    """A list of one file: `name` in addresses, `key` in the file, `ident` the key of a record.

    Without a `key`, a record is a whole file: each of the folder `file` is one, or `file` itself
    where nothing names it. The names of its keys are then paths: `plan.arrete.date`.
    """

    name: str
    file: str
    key: str
    keys: tuple[Key, ...]
    ident: str

    @property
    def kind(self) -> str:
        """What the ids name, as references of other records say it; empty where none does."""
        shape = next((one.shape for one in self.keys if one.name == self.ident), None)
        return shape.kind if isinstance(shape, Ident) else ""


def _section(name: str, whole: _Whole, file: str, *, key: str, ident: str = "id") -> Section:
    shape = next(one.shape for one in whole.keys if one.name == key)
    if not isinstance(shape, ListOf) or not isinstance(shape.item, Record):
        raise TypeError(key)
    return Section(name, file, key, tuple(_plain_keys(shape.item.keys)), ident)


def _plain_keys(keys: Sequence[Key]) -> Iterator[Key]:
    """Give the keys that a form has a field for, those of a record within by their path.

    Lists of records, lines on the map and texts whose outer spaces count have pages or words of
    their own; a form leaves them alone.
    """
    for key in keys:
        shape = key.shape
        if isinstance(shape, Record):
            for one in _plain_keys(shape.keys):
                yield replace(
                    one, name=f"{key.name}.{one.name}", required=key.required and one.required
                )
        elif not isinstance(shape, Spots | OneOf | Affix) and not (
            isinstance(shape, ListOf) and isinstance(shape.item, Record)
        ):
            yield key


def _whole(name: str, whole: _Whole, file: str, *, ident: str = "") -> Section:
    keys = tuple(one for one in _plain_keys(whole.keys) if one.name not in UNASKED)
    return Section(name, file, "", keys, ident)


UNASKED = ("schema", "canaux.webhook.formats")
"""What no secretary decides: the edition of these files, what machines are sent."""


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
    _section("scenarios", RISKS, "risques.yaml", key="scenarios"),
    _section("moyens", MEANS, "moyens.yaml", key="moyens"),
    _section("niveaux", MANIFEST, "pcs.yaml", key="niveaux", ident="code"),
)
WHOLES = (
    _whole("fiches", CARD, CARDS, ident="id"),
    _whole("commune", MANIFEST, "pcs.yaml"),
    _whole("reglement", POLICY, POLICY_FILE),
)
BY_NAME = {one.name: one for one in (*SECTIONS, *WHOLES)}
_BY_KIND = {one.kind: one for one in (*SECTIONS, *WHOLES) if one.kind}
STEPS_OF = "fiche-"
"""Before a card's id: the name of the list of its steps."""


def section_at(files: Files, name: str) -> Section | None:
    """Return the section of that name; the steps of a card are one of their own."""
    if not name.startswith(STEPS_OF):
        return BY_NAME.get(name)
    file = file_of_whole(files, BY_NAME["fiches"], name.removeprefix(STEPS_OF))
    return replace(_STEPS, name=name, file=file) if file in files else None


_STEPS = _section("etapes", CARD, CARDS, key="etapes", ident="n")


def file_of_whole(files: Files, section: Section, ident: str) -> str:
    """Return the file of a record that is a whole file; of a new one, the file it would get."""
    if not section.ident:
        return section.file
    return _named_files(files, section).get(ident, f"{section.file}/{ident}.yaml")


def _named_files(files: Files, section: Section) -> dict[str, str]:
    named: dict[str, str] = {}
    for file in in_folder(files, section.file):
        held = _held(files, file)
        named.setdefault(str(held.get(section.ident, "")), file)
    return named


def _held(files: Files, file: str) -> Mapping[str, Value]:
    tree = read_yaml(file, files[file], Findings()) if file in files else None
    held = plain(tree) if tree is not None else None
    return held if isinstance(held, Mapping) else {}


def _wholes_of(files: Files, section: Section) -> dict[str, dict[str, Value]]:
    named = _named_files(files, section) if section.ident else {section.name: section.file}
    return {ident: dict(paths_of(_held(files, file))) for ident, file in named.items()}


def _edit_wholes(files: Files, section: Section, batch: Batch) -> dict[str, bytes]:
    edited = dict(files)
    for ident in batch.removed:
        edited.pop(file_of_whole(files, section, ident), None)
    for ident, changes in batch.changed.items():
        if changes:
            file = file_of_whole(files, section, ident)
            text = files.get(file, b"").decode("utf-8-sig")
            held = dict(paths_of(_held(files, file)))
            edited[file] = edit_paths(text, changes, held).encode()
    for record in batch.added:
        ident = str(record.get(section.ident, ""))
        edited[file_of_whole(files, section, ident)] = document(tree_of(record))
    return edited


def records_of(files: Files, section: Section) -> dict[str, dict[str, Value]]:
    """Give the records of a section as they are typed, by id, in the order of the file."""
    if not section.key:
        return _wholes_of(files, section)
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
    if not section.key:
        return _edit_wholes(files, section, batch)
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
    for section in (*SECTIONS, *WHOLES):
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
    if not section.key:
        path = fault.path if fault.file.startswith(section.file) else ""
        names = [one.name for one in section.keys if f"{path}.".startswith(f"{one.name}.")]
        listed = path.partition("[")[0]
        return max(names, key=len, default=None) or next(
            (one.name for one in section.keys if one.name == listed), None
        )
    head = f"{section.key}[{index}]"
    if fault.file != section.file or not fault.path.startswith(head):
        return None
    rest = fault.path[len(head) :].lstrip(".")
    return rest.partition(".")[0].partition("[")[0]
