"""The register handed out as a table: without anybody's name, or in clear by two people.

Without names, each line has a pseudonym of this table alone (its key is thrown away), and no
sector, and no language, that fewer than five people of it share: two such tables cannot be joined,
and none leads to a door. No cell is taken for a formula.
"""

import hmac
import secrets
from collections import Counter
from collections.abc import AsyncIterator
from typing import NamedTuple

from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.plan_in_force import in_force
from dispatcher.alerts.refusals import NotNow
from dispatcher.alerts.sectoring import sectors_of
from dispatcher.logbook.cells import table
from dispatcher.privacy.holding import check_keeper
from dispatcher.store import evidence_openings, registered
from dispatcher.store.everyone import Enrolled, everyone

FEWEST = 5  # who share what is told of each (k)
WITHOUT_NAMES = ("pseudonyme", "secteur", "langue", "moyens", "prevenir_en_premier", "besoins_aide")
IN_CLEAR = ("id", "nom", "langues", "contacts", "adresses", "prevenir_en_premier", "besoins_aide")
SHUT = "Cet export n'est pas ouvert : faites-en la demande, une autre personne l'accepte."


class _Told(NamedTuple):
    """What is told of somebody without her name."""

    pseudonym: str
    sector: str
    language: str
    rest: tuple[str, ...]


async def without_names(office: Office, *, actor: Actor) -> str:
    """Return the register without anybody in it that could be known again; the line says who."""
    plan = (await in_force(office)).plan
    key = secrets.token_bytes(32)
    told, places = list[_Told](), dict[str, tuple[float, float]]()
    async for one in _residents(office):
        pseudonym = hmac.digest(key, one.person.id.encode(), "sha256").hex()[:16]
        for home in one.homes:
            if home.lon is not None and home.lat is not None:
                places.setdefault(pseudonym, (home.lon, home.lat))
        told.append(_Told(pseudonym, "", one.person.language, (_media(one), *_asks(one))))
    sectors = sectors_of(plan, places)
    told = [one._replace(sector=sectors.get(one.pseudonym, "")) for one in told]
    rows = [
        (one.pseudonym, *shown, *one.rest) for one, shown in zip(told, _hidden(told), strict=True)
    ]
    line = office.line(
        actor.login, "register.table", "Registre exporté sans noms", people=len(rows)
    )
    await registered.note(office.ledger, office.commune, line)
    return table(WITHOUT_NAMES, sorted(rows))


def _hidden(told: list[_Told]) -> list[tuple[str, str]]:
    """Return sector and language of each, where FEWEST or more share both; else one, or none."""
    both = Counter((one.sector, one.language) for one in told)
    sectors = Counter(one.sector for one in told)
    shown = [
        (one.sector, one.language)
        if both[one.sector, one.language] >= FEWEST
        else (one.sector if sectors[one.sector] >= FEWEST else "", "")
        for one in told
    ]
    left = Counter(shown)  # who lost her language is alone again where few did
    return [one if left[one] >= FEWEST else ("", "") for one in shown]


async def in_clear(office: Office, opening_id: str, *, actor: Actor) -> str:
    """Return everybody in clear, under an opening of the register. Raises NotYou, NotNow."""
    check_keeper(actor.function)
    line = office.line(
        actor.login, "register.handed_out", "Registre exporté en clair", opening=opening_id
    )
    if not await evidence_openings.note_use(office.ledger, office.commune, opening_id, line=line):
        raise NotNow(SHUT)
    rows = [
        (
            one.person.id,
            one.person.name,
            " ".join(one.person.languages),
            ", ".join(way.value for way in one.person.contacts),
            " | ".join(home.label for home in one.homes if home.label),
            *_asks(one),
        )
        async for one in _residents(office)
    ]
    return table(IN_CLEAR, rows)


async def _residents(office: Office) -> AsyncIterator[Enrolled]:
    async for one in everyone(office.ledger, office.commune):
        if not one.person.of_plan:
            yield one


def _media(one: Enrolled) -> str:
    return " ".join(sorted({way.kind for way in one.person.contacts}))


def _asks(one: Enrolled) -> tuple[str, str]:
    asked = (one.person.warn_first, one.person.help_to_leave)
    first, leave = ("oui" if flag else "" for flag in asked)
    return first, leave
