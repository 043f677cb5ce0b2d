"""The receipt of a request, as it is sent to the person: what is kept, why, and how to leave.

It goes to the person herself, whoever asked: a third party's request is told to her, by name, and
she may object (CASF L121-6-1, R121-4).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from babel.dates import format_date

from dispatcher.residents.phones import dictated
from dispatcher.vulnerable.declaration import Declared, Whom
from dispatcher.vulnerable.looking import Card
from dispatcher.vulnerable.register import Register

FORM: Final = "registre"
_QUALITIES: Final = {
    "aged_65": "65 ans et plus",
    "aged_60_unfit": "60 ans et plus, inapte au travail",
    "disabled": "adulte en situation de handicap",
}
_LINKS: Final = {
    "spouse": "conjoint", "child": "enfant", "parent": "père ou mère", "family": "famille",
    "neighbour": "voisinage", "friend": "ami", "doctor": "médecin", "service": "service à domicile",
    "guardian": "tutelle ou curatelle", "other": "entourage",
}  # fmt: skip


@dataclass(frozen=True)
class Town:
    """The town hall as the letter names it; `phone` is empty where its plan has none."""

    name: str
    phone: str = ""


def receipt(register: Register, card: Card, *, town: Town, issued: date) -> Mapping[str, object]:
    """Return what the form shows, in French: the letter is the town hall's own."""
    told = card.told
    received = datetime.fromtimestamp(card.kept.received_at, register.zone).date()
    kept = [
        ("Nom et prénoms", told.name), ("Date de naissance", _day(told.born)),
        ("À quel titre", _QUALITIES[told.quality]),
        ("Adresse", _place(told)), ("E-mail", told.email),
        ("Téléphone", ", ".join(map(dictated, told.phones))),
        ("Service qui vient à domicile", f"{told.service} {dictated(told.service_phone)}".strip()),
        ("Personne à prévenir", _whom(told.to_warn)), ("Qui a demandé", _whom(told.requester)),
    ]  # fmt: skip
    return {
        "title": "Registre des personnes vulnérables : accusé de réception",
        "commune": town.name,
        "phone": dictated(town.phone),
        "name": told.name,
        "address": told.address,
        "date": format_date(issued, "d MMMM y", locale="fr"),
        "number": str(card.kept.number),
        "received": format_date(received, "d MMMM y", locale="fr"),
        "asked": _asked(card),
        "objects": card.kept.asked_by == "third_party",
        "kept": [[title, said or "non renseigné"] for title, said in kept],
    }


def _place(told: Declared) -> str:
    where = "" if told.lon is None else " (son point sur la carte est gardé aussi)"
    return f"{told.address}{where}"


def _whom(one: Whom) -> str:
    return f"{one.name} ({_LINKS[one.link]}) {dictated(one.phone)}".strip() if one else ""


def _asked(card: Card) -> str:
    """Tell who asked, where it was not the person."""
    if card.kept.asked_by == "person":
        return ""
    whom = card.told.requester
    link = "qui vous représente" if card.kept.asked_by == "representative" else _LINKS[whom.link]
    return f"{whom.name} ({link})"


def _day(born: str) -> str:
    return format_date(date.fromisoformat(born), "d MMMM y", locale="fr") if born else ""
