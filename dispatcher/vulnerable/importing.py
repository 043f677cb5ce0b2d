"""The register that a town hall kept in a spreadsheet, brought in: each line on its own.

A line is enrolled whole or refused with its reason; the others go on. The same file again enrols
nobody twice. Columns that are not the register's are not read, and named: what a former file says
of somebody's health stays outside.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from dispatcher.alerts.office import Actor
from dispatcher.alerts.refusals import AlertRefused, NotSo
from dispatcher.residents.columns import parts_of, plain
from dispatcher.revision.sheets import read_table
from dispatcher.revision.workbook import Row, TableRefused
from dispatcher.vulnerable.declaration import AGES, Declared, Whom, age_on, as_day
from dispatcher.vulnerable.keeping import Filed, acknowledged_before, enrol
from dispatcher.vulnerable.register import Register, check_keeper

MOST_LINES: Final = 2_000
COLUMNS: Final[
    Mapping[str, tuple[str, ...]]
] = {  # ours → what town halls call it, in plain letters
    "surname": ("nom", "nom_de_famille", "nom_usage"),
    "first_names": ("prenom", "prenoms"),
    "born": ("date_naissance", "date_de_naissance", "ne_le", "naissance"),
    "quality": ("titre", "a_quel_titre", "qualite"),
    "address": ("adresse", "adresse_postale"),
    "phones": (
        "telephone",
        "telephones",
        "tel",
        "fixe",
        "tel_fixe",
        "telephone_fixe",
        "mobile",
        "portable",
        "tel_mobile",
        "tel_portable",
        "telephone_mobile",
        "telephone_portable",
    ),
    "email": ("email", "e_mail", "courriel"),
    "service": ("service", "service_a_domicile"),
    "service_phone": ("service_telephone", "tel_service"),
    "to_warn_name": ("prevenir_nom", "personne_a_prevenir"),
    "to_warn_link": ("prevenir_lien",),
    "to_warn_phone": ("prevenir_telephone", "tel_personne_a_prevenir"),
    "asked_by": ("demande_par", "demandeur"),
    "requester_name": ("demandeur_nom",),
    "requester_link": ("demandeur_lien",),
    "requester_phone": ("demandeur_telephone",),
    "received": ("recue_le", "date_demande", "date_de_la_demande"),
}
_LINKS: Final = {  # whole words, the first that stands in the cell
    "guardian": ("tuteur", "tutrice", "tutelle", "curateur", "curatrice", "curatelle",
                 "mandataire", "habilitation"),
    "doctor": ("medecin", "docteur", "dr"),
    "service": ("service", "aide", "infirmier", "infirmiere", "ccas", "ssiad", "portage"),
    "neighbour": ("voisin", "voisine", "voisins"),
    "friend": ("ami", "amie", "amis"),
    "family": ("famille", "frere", "soeur", "niece", "neveu", "cousin", "cousine", "petit",
               "petite", "belle", "beau", "gendre", "parent", "parente", "oncle", "tante",
               "filleul", "filleule"),
    "spouse": ("conjoint", "conjointe", "epoux", "epouse", "mari", "femme", "compagnon",
               "compagne"),
    "child": ("enfant", "fils", "fille"),
    "parent": ("pere", "mere"),
}  # fmt: skip
_ASKED: Final = {
    "representative": ("representant", "representante", "legal", *_LINKS["guardian"]),
    "third_party": (
        "tiers", "tierce", "proche", "confiance", *_LINKS["child"], *_LINKS["parent"],
        *_LINKS["spouse"], *_LINKS["family"], *_LINKS["neighbour"], *_LINKS["friend"],
        *_LINKS["doctor"], *_LINKS["service"],
    ),
    "person": ("elle", "lui", "personne", "interesse", "interessee", "meme"),
}  # fmt: skip


@dataclass(frozen=True)
class Refused:
    """A line that was not enrolled: its number as the spreadsheet shows it, and why."""

    line: int
    why: AlertRefused


@dataclass
class Imported:
    """What became of a file: people enrolled, lines refused, columns that were not read."""

    enrolled: int = 0
    refused: list[Refused] = field(default_factory=list)
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True)
class Brought:
    """A file, and whether the people in it had their receipts before they came here."""

    raw: bytes
    acknowledged: bool = False


async def bring(register: Register, file: Brought, *, actor: Actor) -> Imported:
    """Enrol the people of a file. Raises NotYou, NotSo where the whole file cannot be used."""
    await check_keeper(register, actor)
    rows = _rows(file.raw)
    places = _places(rows[0])
    done = Imported(
        ignored=tuple(
            title for at, title in enumerate(rows[0].cells) if title and at not in _all(places)
        )
    )
    for row in rows[1:]:
        try:
            await _enrol(register, _cells(row, places), file, actor=actor)
            done.enrolled += 1
        except AlertRefused as refusal:
            done.refused.append(Refused(row.line, refusal))
    return done


def _rows(raw: bytes) -> Sequence[Row]:
    try:
        rows = read_table(raw)
    except TableRefused as refusal:
        raise NotSo(str(refusal)) from refusal
    if len(rows) < 2:
        raise NotSo("Ce tableau n'a personne : il faut une ligne de titres, puis une par personne.")
    if len(rows) > MOST_LINES:
        raise NotSo("Ce tableau a plus de {most} lignes : coupez-le en plusieurs.", most=MOST_LINES)
    return rows


def _places(titles: Row) -> Mapping[str, tuple[int, ...]]:
    """Return where each of our columns stands, phones at several places."""
    known = [plain(title) for title in titles.cells]
    places = {
        ours: tuple(at for at, title in enumerate(known) if title in theirs)
        for ours, theirs in COLUMNS.items()
    }
    missing = [COLUMNS[one][0] for one in ("surname", "first_names", "address") if not places[one]]
    if missing:
        raise NotSo(
            "Il manque une colonne : {missing}. La première ligne porte les titres.",
            missing=", ".join(missing),
        )
    twice = [COLUMNS[one][0] for one, at in places.items() if len(at) > 1 and one != "phones"]
    if twice:
        raise NotSo(
            "Deux colonnes disent la même chose : {twice}. Nommez-les autrement, par exemple"
            " « prevenir_nom » pour la personne à prévenir.",
            twice=", ".join(twice),
        )
    return places


def _all(places: Mapping[str, tuple[int, ...]]) -> set[int]:
    return {at for several in places.values() for at in several}


def _cells(row: Row, places: Mapping[str, tuple[int, ...]]) -> dict[str, str]:
    return {
        ours: "|".join(row.cells[at].strip() for at in several if at < len(row.cells)).strip("|")
        for ours, several in places.items()
    }


async def _enrol(
    register: Register, said: Mapping[str, str], file: Brought, *, actor: Actor
) -> None:
    one = _declared(said, register.today())
    received = register.today()
    if said["received"]:
        try:
            received = date.fromisoformat(as_day(said["received"]))
        except ValueError as fault:
            raise NotSo(
                "La date de réception ne se lit pas : écrivez-la comme 03/11/2026."
            ) from fault
    click = register.ring.mark("line", "\n".join(said.values()))
    entered = await enrol(register, one, filed=Filed(received, click, old=True), actor=actor)
    if file.acknowledged:
        await acknowledged_before(register, entered.entry_id, actor=actor)


def _declared(said: Mapping[str, str], today: date) -> Declared:
    born = as_day(said["born"])
    return Declared(
        surname=said["surname"],
        first_names=said["first_names"],
        born=born,
        quality=_quality(said["quality"], born, today),
        address=said["address"],
        asked_by=_asked_by(said),
        phones=tuple(parts_of(said["phones"])),
        email=said["email"],
        service=said["service"],
        service_phone=said["service_phone"],
        to_warn=_whom(said, "to_warn"),
        requester=_whom(said, "requester"),
    )


def _quality(text: str, born: str, today: date) -> str:
    """Return on which ground; where nothing is said, by the age that says it itself."""
    words = set(plain(text).split("_"))
    if words & {"handicap", "handicape", "handicapee", "aah", "pch", "cmi", "rqth", "invalidite"}:
        return "disabled"
    if words & {"inapte", "60"}:
        return "aged_60_unfit"
    if words & {"65", "agee", "age"}:
        return "aged_65"
    if text:
        raise NotSo(
            "« {said} » ne dit pas à quel titre : écrivez « 65 ans », « 60 ans inapte » ou"
            " « handicap ».",
            said=text,
        )
    try:
        old = age_on(date.fromisoformat(born), today) >= AGES["aged_65"]
    except ValueError:
        old = False
    if old:
        return "aged_65"
    raise NotSo("Écrivez à quel titre : « 65 ans », « 60 ans inapte » ou « handicap ».")


def _asked_by(said: Mapping[str, str]) -> str:
    """Return who asked. Raises NotSo where the line does not tell, or tells two things."""
    asked = _told(said["asked_by"], _ASKED)
    named = said["requester_name"] or said["requester_phone"]
    if not asked and not said["asked_by"]:
        asked = "third_party" if named else "person"
    if not asked or (asked == "person" and named):
        raise NotSo(
            "On ne sait pas qui a demandé : écrivez « elle-même », « représentant » ou « tiers »,"
            " et le nom de qui demande pour elle."
        )
    return asked


def _whom(said: Mapping[str, str], who: str) -> Whom:
    link = _told(said[f"{who}_link"], _LINKS) or "other"
    return Whom(said[f"{who}_name"], link, said[f"{who}_phone"])


def _told(text: str, words: Mapping[str, tuple[str, ...]]) -> str:
    said = set(plain(text.replace("œ", "oe")).split("_"))
    return next((one for one, some in words.items() if said & set(some)), "")
