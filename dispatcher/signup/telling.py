"""What somebody says who enrols: her name, one way to reach her, the places she cares about."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

from dispatcher.alerts.refusals import NotSo
from dispatcher.residents.contacts import read_email
from dispatcher.residents.phones import PhoneRefused, read_phone, region_of
from dispatcher.store.people import Contact
from dispatcher.store.registers import HOMES, Home, Resident

MOST_PLACES: Final = 6
MOST_NAME: Final = 120
LANGUAGES: Final = ("fr", "en")  # that her messages may be in, as far as a template has them
# Where a code may be sent to: France and its overseas numbering plans (SECURITY T11). Others pay
# whoever has codes sent to them; an e-mail does as well, or the town hall.
DIALLED: Final = ("+33", "+262", "+508", "+590", "+594", "+596", "+681", "+687", "+689")


@dataclass(frozen=True)
class Place:
    """A place of hers: as written, normalised, in WGS 84 degrees where it is on the map; its kind.

    `kind` is one of `HOMES`: home, work, school (of a child), parent.
    """

    label: str
    place_key: str
    lon: float | None = None
    lat: float | None = None
    kind: str = "home"


# What a code is asked for: to enrol, to add a contact, to open a page, to have somebody told, to
# propose somebody who decides by a call.
ENROL, CONTACT, PAGE, KIN, PROPOSE = "enrol", "contact", "page", "kin", "propose"


@dataclass(frozen=True)
class Said:
    """What was said: it waits for the code, then enrols her.

    Or it `wants` something else of the contact: that it be added to her whose page is open
    (`person`), or be told how she is, or that it open the pages of whoever is behind it. Who
    proposes somebody says the other's words in `other`, as `as_json` makes them; the other's own
    have the proposer's name and contact as `by`, who may be told how she is.
    """

    name: str
    contact: Contact
    places: tuple[Place, ...]
    language: str = "fr"
    wants: str = ENROL
    person: str = ""
    other: str = ""
    by: tuple[str, Contact] | None = None

    @property
    def agrees_by_call(self) -> bool:
        """Whether a call asks whoever answers; the call of a page says a code instead."""
        return self.by is not None or (self.contact.kind == "fixed" and self.wants != PAGE)

    def as_json(self) -> str:
        """Return it as it is sealed."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @staticmethod
    def of(text: str) -> "Said":
        """Read what `as_json` made; raises ValueError."""
        told = json.loads(text)
        return Said(
            told["name"],
            Contact(*told["contact"]),
            tuple(Place(**one) for one in told["places"]),
            told["language"],
            told.get("wants", ENROL),
            told.get("person", ""),
            told.get("other", ""),
            (told["by"][0], Contact(*told["by"][1])) if told.get("by") else None,
        )

    def resident(self, *, now: float) -> Resident:
        """Return her as the register keeps her; consenting now."""
        homes = tuple(Home(one.label, one.place_key, one.lon, one.lat, one.kind)
                      for one in self.places)  # fmt: skip
        return Resident(
            external_id=None,
            name=self.name,
            languages=(self.language,),
            consented_at=now,
            contacts=(self.contact,),
            homes=homes,
        )


def plain_name(name: str) -> str:
    """Return a name on one line, its words apart by one space; empty where it is none to read."""
    plain = " ".join(name.split())
    reads = any(one.isalpha() for one in plain) and plain.isprintable() and len(plain) <= MOST_NAME
    return plain if reads else ""


def said_of(
    commune: str, *, name: str, contact: str | Contact, places: Sequence[Place], language: str
) -> Said:
    """Return what a form says, read with care. Raises NotSo, with a sentence on what to change.

    A contact as it was typed has to be one that a code is sent to (`contact_of`).
    """
    plain = plain_name(name)
    if not any(one.isalpha() for one in name):
        raise NotSo("Écrivez votre nom et votre prénom.")
    if not plain:
        raise NotSo("Ce nom ne peut pas être lu : écrivez votre prénom, puis votre nom.")
    if not places:
        raise NotSo("Choisissez au moins une adresse : c'est elle qui dit quand vous alerter.")
    if len(places) > MOST_PLACES:
        raise NotSo("{most} adresses au plus.", most=MOST_PLACES)
    if any(one.kind not in HOMES for one in places):
        raise NotSo("Dites ce qu'est chaque adresse : domicile, travail, école, parent.")
    spoken = language if language in LANGUAGES else LANGUAGES[0]
    read = contact if isinstance(contact, Contact) else contact_of(commune, contact)
    return Said(plain, read, tuple(places), spoken)


def contact_of(commune: str, text: str) -> Contact:
    """Return the number or the mail address that can be asked whether it agrees. Raises NotSo."""
    try:
        contact = _read(commune, text)
    except PhoneRefused as refused:
        raise NotSo(
            "Ce numéro ne peut pas être lu : écrivez ses dix chiffres, ou une adresse e-mail."
        ) from refused
    if contact.kind != "email" and not contact.value.startswith(DIALLED):
        raise NotSo(
            "Nous n'envoyons pas de code à ce pays : écrivez une adresse e-mail, ou faites-vous"
            " inscrire par la mairie."
        )
    return contact


def any_contact_of(commune: str, text: str) -> Contact:
    """Return a number of any country, or a mail address, that no code is sent to. Raises NotSo.

    The town hall writes and looks up so: a resident whose telephone is Belgian is warned on it.
    """
    try:
        return _read(commune, text)
    except PhoneRefused as refused:
        raise NotSo(
            "Ce numéro ne peut pas être lu : écrivez ses dix chiffres, avec son indicatif s'il est"
            " étranger (+32…), ou une adresse e-mail."
        ) from refused


def _read(commune: str, text: str) -> Contact:
    text = text.strip()
    if not text:
        raise NotSo("Écrivez un numéro de téléphone ou une adresse e-mail.")
    if "@" in text:
        address = read_email(text)
        if not address:
            raise NotSo("Cette adresse e-mail n'est pas complète : vérifiez-la.")
        return Contact("email", address)
    phone = read_phone(text, region=region_of(commune), unsure="mobile")
    return Contact(phone.kind, phone.e164)
