"""What the registers hold on a resident, read whole and compared with what a file says."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.ciphers import Ring
from dispatcher.store import personal
from dispatcher.store.information import ALL, Wanted
from dispatcher.store.people import Contact, Of, in_parts, people_in
from dispatcher.store.tables import homes, persons


@dataclass(frozen=True)
class Home:
    """Where someone lives, or is by day: as written, as compared, in WGS 84 degrees where known."""

    label: str
    place_key: str
    lon: float | None = None
    lat: float | None = None
    kind: str = "home"  # one of HOMES


_ACCENTS = re.compile(r"[\u0300-\u036f]")
_BETWEEN_WORDS = re.compile(r"[\W_]+")
HOMES = ("home", "work", "school", "parent")
NOWHERE = Home("", "")  # a resident whose home is unknown still has a row, so that none is lost


@dataclass(frozen=True)
class Resident:
    """All that a file says of one person. `external_id` is the file's own, None where it has none.

    Languages, contacts and homes come in the order of their importance; there is at least one
    home, be it `NOWHERE`. `household` counts who lives with her, herself included.
    """

    external_id: str | None
    name: str
    languages: tuple[str, ...]
    chosen_media: tuple[str, ...] = ()
    warn_first: bool = False
    help_to_leave: bool = False
    consented_at: float | None = None
    contacts: tuple[Contact, ...] = ()
    homes: tuple[Home, ...] = (NOWHERE,)
    information: Wanted = ALL
    household: int | None = None


def name_key(name: str) -> str:
    """Return the name without accents, case, punctuation, or the order of its words."""
    spelled = name.casefold().replace("œ", "oe").replace("æ", "ae")
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", spelled))
    return " ".join(sorted(_BETWEEN_WORDS.sub(" ", plain).split()))


def marks(resident: Resident) -> list[str]:
    """Return what makes two people of one name the same: each contact, then each home.

    Someone without a name is known by a contact, and by a home only where there is no contact:
    the same list given twice enrols nobody twice, while two telephones of a house stay two.
    """
    ways = [f"{contact.kind}:{contact.value}" for contact in resident.contacts]
    if ways and not name_key(resident.name):
        return ways
    return [*ways, *(f"home:{home.place_key}" for home in resident.homes if home.place_key)]


async def held(
    connection: AsyncConnection, commune: str, ids: Sequence[str], *, ring: Ring
) -> dict[str, Resident]:
    """Return what the registers hold on each of these ids, inside the caller's transaction."""
    found: dict[str, Resident] = {}
    for some in in_parts(ids):
        found.update(await _held_in(connection, Of(commune, ring, named=True), some))
    return found


async def _held_in(connection: AsyncConnection, of: Of, ids: Sequence[str]) -> dict[str, Resident]:
    commune = of.commune
    known = await connection.run_sync(lambda one: people_in(of, one, ids=ids))
    lived = await _homes_of(connection, of, ids)
    wanted = select(
        persons.c.person_id, persons.c.external_id, persons.c.consented_at, persons.c.household
    ).where(persons.c.commune == commune, persons.c.person_id.in_(ids))
    return {
        row.person_id: Resident(
            external_id=row.external_id,
            name=known[row.person_id].name,
            languages=known[row.person_id].languages,
            chosen_media=known[row.person_id].chosen_media,
            warn_first=known[row.person_id].warn_first,
            help_to_leave=known[row.person_id].help_to_leave,
            consented_at=row.consented_at,
            contacts=known[row.person_id].contacts,
            homes=tuple(lived[row.person_id]),
            information=known[row.person_id].information,
            household=row.household,
        )
        for row in await connection.execute(wanted)
        if row.person_id in known
    }


async def _homes_of(
    connection: AsyncConnection, of: Of, ids: Sequence[str]
) -> dict[str, list[Home]]:
    wanted = (
        select(homes)
        .where(homes.c.commune == of.commune, homes.c.person_id.in_(ids))
        .order_by(homes.c.person_id, homes.c.number)
    )
    lived: defaultdict[str, list[Home]] = defaultdict(list)
    for row in await connection.execute(wanted):
        lived[row.person_id].append(_home(row, of))
    return lived


def _home(row: Row[Any], of: Of) -> Home:
    place = personal.home_at(of.commune, row.person_id, row.number)
    said = personal.read_home(of.ring, row.label, place)
    return Home(said.label, said.place_key, row.lon, row.lat, row.kind)
