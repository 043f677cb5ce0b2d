"""The receipt of a request, as it is sent to the person: what is kept, why, and how to leave.

It goes to the person herself, whoever asked: a third party's request is told to her, by name, and
she may object (CASF L121-6-1, R121-4).
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from babel.dates import format_date

from dispatcher.vulnerable.looking import Card
from dispatcher.vulnerable.register import Register

FORM: Final = "registre"
_LINKS: Final = {
    "spouse": "votre conjoint", "child": "votre enfant", "parent": "votre parent",
    "family": "votre famille", "neighbour": "votre voisinage", "friend": "un proche",
    "doctor": "votre médecin", "service": "un service qui vient chez vous",
    "guardian": "la personne qui vous représente", "other": "une personne de votre entourage",
}  # fmt: skip


def receipt(register: Register, card: Card, *, town: str, issued: date) -> Mapping[str, object]:
    """Return what the form shows, in French: the letter is the town hall's own."""
    told = card.told
    received = datetime.fromtimestamp(card.kept.received_at, register.zone).date()
    kept = [
        ("Nom et prénoms", told.name), ("Date de naissance", _day(told.born)),
        ("Adresse", told.address), ("Téléphone", ", ".join(told.phones)), ("E-mail", told.email),
        ("Service qui vient à domicile", " ".join((told.service, told.service_phone)).strip()),
        ("Personne à prévenir", " ".join((told.to_warn.name, told.to_warn.phone)).strip()),
    ]  # fmt: skip
    return {
        "title": "Registre des personnes vulnérables : accusé de réception",
        "commune": town,
        "name": told.name,
        "address": told.address,
        "date": format_date(issued, "d MMMM y", locale="fr"),
        "number": str(card.kept.number),
        "received": format_date(received, "d MMMM y", locale="fr"),
        "asked": _asked(card),
        "objects": card.kept.asked_by == "third_party",
        "kept": [[title, said or "non renseigné"] for title, said in kept],
    }


def _asked(card: Card) -> str:
    """Tell who asked, where it was not the person."""
    if card.kept.asked_by == "person":
        return ""
    whom = card.told.requester
    link = (
        "votre représentant légal" if card.kept.asked_by == "representative" else _LINKS[whom.link]
    )
    return f"{whom.name}, {link}"


def _day(born: str) -> str:
    return format_date(date.fromisoformat(born), "d MMMM y", locale="fr") if born else ""
