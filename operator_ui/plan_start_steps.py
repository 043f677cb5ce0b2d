"""What each step of the guided start reads from its form, and what it makes of the draft."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from starlette.datastructures import FormData

from operator_ui.plan_desk import ident_of, text_of
from operator_ui.plan_sectors import NO_DRAWING, Drawing, drawing_of
from plans import starter
from plans.drawn import Sketch, drop_sector, put_sector, sectors_of
from plans.sections import BY_NAME, Files, edit_records, records_of
from plans.starter import Duties
from plans.typed import Phone, typed
from plans.yaml_edit import Batch
from plans.yaml_written import Value
from zones.area import AreaFault
from zones.drawing import around_all
from zones.geojson import write_area
from zones.streets import Doors

AROUND_M = 300.0  # beyond the outermost addresses: their fields and the way there
PEOPLE = BY_NAME["annuaire"]
NO_NAME = "Écrivez le nom de la commune."
NO_PERSON = "Écrivez au moins le nom et un numéro."
NO_MAYOR = "Choisissez le maire, et au moins un suppléant : une autre personne que lui."
NO_ADDRESS = "Aucune adresse de la commune n'a de position : donnez un tracé."
NO_MESSAGE = "Gardez au moins un message : sans message, aucune alerte ne part."


class StepRefused(Exception):
    """A step that cannot be saved: a sentence in French, or the reader's language for a drawing."""


@dataclass(frozen=True)
class Given:
    """What a step is given: its form, the draft, and how this commune and reader write."""

    form: FormData
    files: Files
    commune: str
    phone: Phone
    said: Callable[[str], str]
    language: str
    homes: Doors

    def text(self, name: str) -> str:
        """Give one text of the form."""
        return text_of(self.form, name)

    def texts(self, name: str) -> list[str]:
        """Give the texts of one name, empty ones left out."""
        return [one for one in self.form.getlist(name) if isinstance(one, str) and one]


Step = Callable[[Given], Awaitable[dict[str, bytes]]]


async def _commune(given: Given) -> dict[str, bytes]:
    if not given.text("nom"):
        raise StepRefused(NO_NAME)
    number = given.text("telephone")
    phone = given.phone(number) if number else ""
    return starter.with_commune(given.files, given.commune, name=given.text("nom"), phone=phone)


async def _people(given: Given) -> dict[str, bytes]:
    if gone := given.text("retirer"):
        return edit_records(given.files, PEOPLE, Batch({}, frozenset({gone})))
    numbers = [given.phone(one) for one in given.texts("tel")]
    if not given.text("nom") or not numbers:
        raise StepRefused(NO_PERSON)
    person: dict[str, Value] = {"nom": given.text("nom")}
    person |= {key: text for key in ("prenom", "qualite") if (text := given.text(key))}
    person["tel"] = numbers
    if given.text("email"):
        person["email"] = given.text("email")
    words = " ".join(str(person[key]) for key in ("prenom", "nom") if key in person)
    ident = ident_of(words, records_of(given.files, PEOPLE))
    return edit_records(given.files, PEOPLE, Batch({}, added=[{"id": ident, **person}]))


async def _duties(given: Given) -> dict[str, bytes]:
    mayor = given.text("maire")
    deputies = tuple(one for one in dict.fromkeys(given.texts("suppleants")) if one != mayor)
    if not mayor or not deputies:
        raise StepRefused(NO_MAYOR)
    duties = Duties(mayor, deputies, given.text("rac"), given.text("suppleant_rac"))
    return starter.with_duties(given.files, duties)


async def _risks(given: Given) -> dict[str, bytes]:
    return starter.with_risks(given.files, given.texts("risques"))


async def _sectors(given: Given) -> dict[str, bytes]:
    if gone := given.text("retirer"):
        return drop_sector(given.files, gone)
    if given.text("depuis") == "adresses":
        drawing = _around_addresses(given)
    else:
        drawing = await drawing_of(given.form, given.said, language=given.language)
    if drawing.geometry is None:
        raise StepRefused(drawing.fault or NO_DRAWING)
    name = given.text("nom") or "Toute la commune"
    ident = ident_of(name, sectors_of(given.files))
    held: dict[str, Value | None] = {"id": ident, "nom": name, "population": None}
    if population := given.text("population"):
        held["population"] = int(population) if _whole(population) else population
    return put_sector(given.files, Sketch(ident, held, drawing.geometry))


def _around_addresses(given: Given) -> Drawing:
    """Draw the whole commune around its addresses: a village has no outline at hand."""
    try:
        area = around_all(given.homes.lon, given.homes.lat, margin_m=AROUND_M)
    except AreaFault:
        return Drawing(fault=given.said(NO_ADDRESS))
    return Drawing(write_area(area))


def _whole(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


async def _centres(given: Given) -> dict[str, bytes]:
    key = next(one for one in BY_NAME["centres"].keys if one.name == "capacite_accueil")
    capacity = typed(key, [given.text("capacite")], given.phone)
    return starter.with_centres(
        given.files, post=given.text("pcc"), shelter=given.text("accueil"), capacity=capacity
    )


async def _messages(given: Given) -> dict[str, bytes]:
    if not given.texts("modeles"):
        raise StepRefused(NO_MESSAGE)
    number = given.text("numero_appelant")
    return starter.with_messages(
        given.files,
        given.texts("modeles"),
        sender=given.text("emetteur_sms"),
        caller=given.phone(number) if number else "",
    )


SAVED: Mapping[str, Step] = {
    "commune": _commune,
    "personnes": _people,
    "fonctions": _duties,
    "risques": _risks,
    "secteurs": _sectors,
    "centres": _centres,
    "messages": _messages,
}
STAYS = ("personnes", "secteurs")
"""Steps that take one thing at a time, and are left by a link."""
