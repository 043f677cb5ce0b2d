"""The fields of a form of the plan, made of the very shapes that its reading checks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from plans.drawn import sectors_of
from plans.figures import Day, Decimal, Flag, Whole
from plans.records import Key, ListOf
from plans.sections import BY_NAME, Files, Section, kind_of, records_of
from plans.shapes import Choice, Text
from plans.templates import templates_of
from plans.typed import Phone, told, typed
from plans.wire import EMAIL, PHONE, SERVICE_PHONE, Week
from plans.yaml_written import Value

MORE = 2  # empty fields after the last of a list, to add without a script
LEAST_PHONES = 2
TICKED_ABOVE = 20  # a list of references that may hold more has no order: boxes to tick


@dataclass(frozen=True)
class Shown:
    """A field as a page shows it: `kind` is how, `options` are (value, words) where one chooses."""

    name: str
    kind: str  # text | prose | lines | choice | ranked | ticked | several | week | number
    values: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    required: bool = False
    fixed: bool = False
    problems: tuple[str, ...] = ()
    input_type: str = "text"


def fields_of(
    keys: Sequence[Key], record: Mapping[str, Value], files: Files, *, ident: str, fixed: bool
) -> list[Shown]:
    """Give the fields of a record named by `ident`; `fixed` where its id stands already."""
    names = names_of(files)
    shown = []
    for key in keys:
        one = _field(key, told(key, record.get(key.name)), names)
        is_ident = key.name == ident
        shown.append(replace(one, fixed=fixed and is_ident, required=key.required and not is_ident))
    return shown


def with_problems(shown: Sequence[Shown], problems: Mapping[str, Sequence[str]]) -> list[Shown]:
    """Put each problem at its field."""
    return [replace(one, problems=tuple(problems.get(one.name, ()))) for one in shown]


def given(
    keys: Sequence[Key], form: Mapping[str, Sequence[str]], phone: Phone
) -> dict[str, Value | None]:
    """Read a form: each key with its value, None where its field was left empty."""
    read: dict[str, Value | None] = {}
    for key in keys:
        texts = list(form.get(key.name, ()))
        if _kind(key) == "lines":
            texts = "\n".join(texts).splitlines()
        read[key.name] = typed(key, texts, phone)
    return read


def in_former_order(
    keys: Sequence[Key], read: Mapping[str, Value | None], before: Mapping[str, Value]
) -> dict[str, Value | None]:
    """Put what was ticked in the order that the file had: boxes have none of their own."""
    ordered = dict(read)
    for key in keys:
        new, old = told(key, read.get(key.name)), told(key, before.get(key.name))
        if new and _kind(key) == "ticked":
            kept = [one for one in old if one in new]
            ordered[key.name] = [*kept, *(one for one in new if one not in old)]
    return ordered


def names_of(files: Files) -> dict[str, dict[str, str]]:
    """Give how each record that others name is called: kind → id → words."""
    names = {
        section.kind: {
            ident: name_of(section, record) for ident, record in records_of(files, section).items()
        }
        for section in BY_NAME.values()
        if section.kind
    }
    sectors = {ident: str(one.get("nom", ident)) for ident, one in sectors_of(files).items()}
    templates = {ident: ident.replace("_", " ") for ident in templates_of(files)}
    return {**names, "sector": sectors, "template": templates}


def name_of(section: Section, record: Mapping[str, Value]) -> str:
    """Name a record as people do."""
    if section.name == "annuaire":
        return " ".join(str(record[key]) for key in ("prenom", "nom") if record.get(key))
    if section.ident == "n" and record.get("n"):
        return f"{record['n']}. {record.get('texte', '')}"
    for key in ("libelle", "indicatif", "nom", "titre"):
        if record.get(key):
            return str(record[key])
    return str(record.get(section.ident, "")) if section.ident else ""


def shown_value(key: Key, value: Value | None, names: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Give a value as a list shows it: people and places by their names."""
    called = names.get(kind_of(key), {})
    return [called.get(text, text) for text in told(key, value)]


def _kind(key: Key) -> str:
    shape = key.shape
    if isinstance(shape, ListOf):
        if kind_of(key):
            return "ranked" if shape.most <= TICKED_ABOVE else "ticked"
        return "several" if shape.item in (PHONE, SERVICE_PHONE) else "lines"
    if kind_of(key) or isinstance(shape, Choice | Flag):
        return "choice"
    if isinstance(shape, Week):
        return "week"
    if isinstance(shape, Text) and shape.lines:
        return "prose"
    return "number" if isinstance(shape, Whole | Decimal) else "text"


def _field(key: Key, texts: Sequence[str], names: Mapping[str, Mapping[str, str]]) -> Shown:
    kind, values = _kind(key), tuple(texts)
    options: tuple[tuple[str, str], ...] = ()
    if called := names.get(kind_of(key)):
        options = tuple(called.items())
    elif isinstance(key.shape, Choice):
        options = tuple((word, "") for word in key.shape.words)
    elif isinstance(key.shape, Flag):
        options = (("oui", ""), ("non", ""))
    known = {value for value, _ in options}
    if kind in ("choice", "ranked", "ticked"):
        options += tuple((value, value) for value in values if value not in known)
    if kind in ("ranked", "several"):
        values += ("",) * max(MORE, LEAST_PHONES - len(values))
    kinds = {PHONE: "tel", SERVICE_PHONE: "tel", EMAIL: "email"}
    item = key.shape.item if isinstance(key.shape, ListOf) else key.shape
    input_type = next((word for shape, word in kinds.items() if shape == item), "text")
    input_type = "date" if isinstance(item, Day) else input_type
    return Shown(key.name, kind, values, options, input_type=input_type)
