"""The register handed out as a table: without anybody's name, or in clear by two people.

Without names, each line has a pseudonym of this table alone (its key is thrown away), and says
nothing, all its cells together, that fewer than five people of it share: two such tables cannot be
joined, none leads to a door, and none says of the one person of a sector that she needs help. A
blank is « no », or « not told »: what is left out does not show. No cell is taken for a formula.
"""

import hmac
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Sequence

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


_Row = tuple[str, ...]  # what is told of somebody without her name, the sector first


async def without_names(office: Office, *, actor: Actor) -> str:
    """Return the register without anybody in it that could be known again; the line says who."""
    plan = (await in_force(office)).plan
    key = secrets.token_bytes(32)
    told, places = dict[str, _Row](), dict[str, tuple[float, float]]()
    async for one in _residents(office):
        pseudonym = hmac.digest(key, one.person.id.encode(), "sha256").hex()[:16]
        for home in one.homes:
            if home.lon is not None and home.lat is not None:
                places.setdefault(pseudonym, (home.lon, home.lat))
        told[pseudonym] = (one.person.language, _media(one), *_asks(one))
    sectors = sectors_of(plan, places)
    whole = [(sectors.get(pseudonym, ""), *rest) for pseudonym, rest in told.items()]
    rows = [(one, *shown) for one, shown in zip(told, shared(whole), strict=True)]
    line = office.line(
        actor.login, "register.table", "Registre exporté sans noms", people=len(rows)
    )
    await registered.note(office.ledger, office.commune, line)
    return table(WITHOUT_NAMES, sorted(rows))


def shared(rows: Sequence[_Row]) -> list[_Row]:
    """Return the rows, each blanked out until FEWEST or more are the same, or nothing is told.

    Of one that too few share the sector goes first, then what is the rarest of the rest. Whoever is
    among enough loses nothing by the others.
    """
    common = [Counter(one) for one in zip(*rows, strict=True)]
    shown = list(rows)
    while True:
        alike = Counter(shown)
        alone = [at for at, one in enumerate(shown) if alike[one] < FEWEST and any(one)]
        if not alone:
            return shown
        for at in alone:
            shown[at] = _blanked(shown[at], common)


def _blanked(row: _Row, common: Sequence[Counter[str]]) -> _Row:
    told = [column for column, cell in enumerate(row) if cell]
    goes = 0 if row[0] else min(told, key=lambda column: common[column][row[column]])
    return (*row[:goes], "", *row[goes + 1 :])


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
