"""Invented residents at given addresses, by seed: nobody real, no number that rings."""

import csv
import itertools
import random
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from dispatcher.residents.invented_addresses import (
    InventedCommune,
    invented_addresses,
    write_addresses,
)
from dispatcher.residents.invented_contacts import (
    fiction_landlines,
    fiction_mobiles,
    mail_box,
    one_contact_each,
)
from dispatcher.residents.invented_names import BY_LANGUAGE

__all__ = [
    "RESIDENT_COLUMNS",
    "AddressPoint",
    "InventedCommune",
    "invented_addresses",
    "invented_residents",
    "one_resident_per_address",
    "write_addresses",
    "write_residents",
]

# The documented columns of the residents' import.
RESIDENT_COLUMNS = (
    "id", "civilite", "nom", "prenom", "langue", "numero", "voie", "code_postal", "lon", "lat",
    "tel_mobile", "tel_fixe", "email", "webhook", "canaux", "consentement_date", "source",
    "vulnerable", "besoins_aide", "prevenir_en_premier",
)  # fmt: skip

PEOPLE_PER_ADDRESS = 2.15

# Decks of a hundred cards, each as often in its deck as it shall be drawn.
# People in a home: none too, so that some addresses have no subscriber.
_HOME_SIZES = (0,) * 8 + (1,) * 30 + (2,) * 32 + (3,) * 13 + (4,) * 12 + (5,) * 5
_MEAN_HOME = sum(_HOME_SIZES) / len(_HOME_SIZES)
_LANGUAGES = ("fr",) * 90 + ("en",) * 5 + ("es", "pt") * 2 + ("de",)
_SOURCES = ("formulaire_web",) * 60 + ("guichet",) * 25 + ("recensement",) * 15
# How a person is reached. `fixe` falls to the mobile in a home without landline.
_MEANS = ("rien",) * 3 + ("email",) * 5 + ("fixe",) * 12 + ("mobile",) * 42 + ("mobile_email",) * 38
_NEEDS = ("transport", "visite", "transport|visite")

_WITHOUT_PLACE = 0.04
_SECOND_HOME = 0.02
_HOME_WITH_NEEDS = 0.08
_HOME_WITH_LANDLINE = 0.55
_PANEL_EVERY = 250  # addresses from one organisation with a machine to the next


class AddressPoint(NamedTuple):
    """A front door: label is number and street ("12 Rue Basse"); degrees, WGS 84."""

    id: str
    label: str
    lon: float
    lat: float


Row = dict[str, str]


@dataclass(frozen=True)
class _Town:
    """What the rows draw from, one after the other."""

    commune: InventedCommune
    dice: random.Random
    mobiles: Iterator[str]
    landlines: Iterator[str]
    ranks: Iterator[int]

    def chance(self, share: float) -> bool:
        return self.dice.random() < share


def invented_residents(
    addresses: Iterable[AddressPoint],
    *,
    commune: InventedCommune,
    seed: int,
    people_per_address: float = PEOPLE_PER_ADDRESS,
) -> Iterator[Row]:
    """Rows of `RESIDENT_COLUMNS`, home after home; the same input and seed, the same rows.

    A household shares its surname, its language and its landline. A few people have no
    coordinates, or no contact at all, or a second home: a second row with the same id. Now and
    then an organisation is reached by webhook alone. When every fiction number has been given,
    people are reached by e-mail. Nothing is kept but the last few addresses.
    """
    town = _open_town(commune, seed=seed)
    earlier: deque[AddressPoint] = deque(maxlen=64)
    for rank, address in enumerate(addresses):
        if rank % _PANEL_EVERY == _PANEL_EVERY // 2:
            yield _panel(town, address, number=rank // _PANEL_EVERY + 1)
        for row in _household(town, address, scale=people_per_address / _MEAN_HOME):
            yield row
            if earlier and town.chance(_SECOND_HOME):
                yield row | _place(town.dice.choice(earlier))
        earlier.append(address)


def one_resident_per_address(
    addresses: Iterable[AddressPoint], *, commune: InventedCommune, seed: int
) -> Iterator[Row]:
    """One person at each address, with coordinates and one contact that nobody else has.

    So the audience of an area is the number of its addresses, and the number of messages too.
    """
    town = _open_town(commune, seed=seed)
    for address, (column, contact) in zip(addresses, one_contact_each(), strict=False):
        woman = town.chance(0.5)
        langue = town.dice.choice(_LANGUAGES)
        row = _person(town, address, langue=langue, woman=woman) | {column: contact}
        yield row | {"canaux": _media(row)}


def write_residents(path: Path, rows: Iterable[Mapping[str, str]]) -> int:
    """Write the rows as the import reads them (UTF-8, commas); how many they are."""
    written = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, RESIDENT_COLUMNS, lineterminator="\n")
        table.writeheader()
        for row in rows:
            table.writerow(row)
            written += 1
    return written


def _open_town(commune: InventedCommune, *, seed: int) -> _Town:
    return _Town(
        commune=commune,
        dice=random.Random(seed),  # noqa: S311 - dice for invented people, not a secret
        mobiles=fiction_mobiles(),
        landlines=fiction_landlines(),
        ranks=itertools.count(1),
    )


def _household(town: _Town, address: AddressPoint, *, scale: float) -> Iterator[Row]:
    """Yield the people of one home; `scale` 1 gives the sizes of `_HOME_SIZES`."""
    people = int(town.dice.choice(_HOME_SIZES) * scale + town.dice.random())
    langue = town.dice.choice(_LANGUAGES)
    nom = town.dice.choice(BY_LANGUAGE[langue].families).upper()
    landline = next(town.landlines, "") if town.chance(_HOME_WITH_LANDLINE) else ""
    for turn in range(people):
        woman = turn % 2 == 0 if people > 1 else town.chance(0.5)
        row = _person(town, address, langue=langue, woman=woman) | {"nom": nom}
        row |= _contacts(town, row, landline=landline)
        row |= _needs(town) if turn == 0 else {}
        if town.chance(_WITHOUT_PLACE):
            row |= {"lon": "", "lat": "", "numero": ""}  # a street alone: no door, no place
        yield row | {"canaux": _media(row)}


def _person(town: _Town, address: AddressPoint, *, langue: str, woman: bool) -> Row:
    names = BY_LANGUAGE[langue]
    month, day = town.dice.randint(1, 10), town.dice.randint(1, 28)
    return dict.fromkeys(RESIDENT_COLUMNS, "") | {
        "id": f"P{next(town.ranks):05d}",
        "civilite": "Mme" if woman else "M.",
        "nom": town.dice.choice(names.families).upper(),
        "prenom": town.dice.choice(names.women if woman else names.men),
        "langue": langue,
        "code_postal": town.commune.code_postal,
        "consentement_date": f"{town.dice.choice((2024, 2025, 2026))}-{month:02d}-{day:02d}",
        "source": town.dice.choice(_SOURCES),
        "vulnerable": "0",
        "prevenir_en_premier": "0",
        **_place(address),
    }


def _place(address: AddressPoint) -> Row:
    numero, _, voie = address.label.partition(" ")
    if not numero[:1].isdigit():
        numero, voie = "", address.label
    return {
        "numero": numero,
        "voie": voie,
        "lon": f"{address.lon:.7f}",
        "lat": f"{address.lat:.7f}",
    }


def _contacts(town: _Town, person: Row, *, landline: str) -> Row:
    means = town.dice.choice(_MEANS)
    if means == "rien":
        return {}
    if means == "fixe" and landline:
        return {"tel_fixe": landline}
    mobile = "" if means == "email" else next(town.mobiles, "")
    found = {"tel_mobile": mobile}
    if mobile and town.chance(0.5):
        found["tel_fixe"] = landline
    if means in {"email", "mobile_email"} or not mobile:
        rank = int(person["id"].removeprefix("P"))
        found["email"] = mail_box(person["prenom"], person["nom"], rank=rank)
    return found


def _needs(town: _Town) -> Row:
    """Who asked to be helped: transport or a visit, never a word about health."""
    if not town.chance(_HOME_WITH_NEEDS):
        return {}
    needs = town.dice.choice(_NEEDS)
    return {"vulnerable": "1", "besoins_aide": needs, "prevenir_en_premier": "1"}


def _panel(town: _Town, address: AddressPoint, *, number: int) -> Row:
    """Make an organisation whose machine takes the alert: a sign, a screen, a bus network."""
    url = f"https://panneau-{number}.{town.commune.domain}/alertes"
    row = _person(town, address, langue="fr", woman=False) | {
        "civilite": "",
        "nom": f"PANNEAU D'INFORMATION {number}",
        "prenom": "",
        "webhook": url,
        "source": "convention",
    }
    return row | {"canaux": _media(row)}


def _media(row: Row) -> str:
    """List the media agreed to: those of the contacts given; a mobile also rings."""
    media = []
    if row["tel_mobile"]:
        media.append("sms")
    if row["tel_fixe"] or row["tel_mobile"]:
        media.append("voix")
    media += [column for column in ("email", "webhook") if row[column]]
    return "|".join(media)
