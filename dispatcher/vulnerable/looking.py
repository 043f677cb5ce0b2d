"""Looking into the register: on a ground while it is open, for an upkeep that is said otherwise.

Whatever is given was written in the journal first, in the same transaction. Numbers are on no card:
each is shown by an act of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from dispatcher.alerts.office import Actor
from dispatcher.alerts.refusals import NotNow, NotSo
from dispatcher.alerts.sectoring import sectors_of
from dispatcher.residents.phones import PhoneRefused, read_phone, region_of
from dispatcher.residents.place_key import place_key
from dispatcher.store import vulnerable_looks
from dispatcher.store.registers import name_key
from dispatcher.store.vulnerable import waiting_of
from dispatcher.store.vulnerable_left import PHONE, SURNAME, Mark
from dispatcher.store.vulnerable_looks import Kept, Look, RegisterShut
from dispatcher.vulnerable.declaration import Declared
from dispatcher.vulnerable.opening import now_open, outcomes
from dispatcher.vulnerable.register import Register, check_keeper, gone
from plans.plan import Plan

ACKNOWLEDGE: Final = "acknowledge"
UPKEEP: Final = ("person", "relative", ACKNOWLEDGE, "yearly")  # why, while the register is shut


@dataclass(frozen=True)
class Card:
    """A person's card: as kept, and as declared; her numbers only where they were asked for."""

    kept: Kept
    told: Declared
    shows_reach: bool = False


@dataclass(frozen=True)
class Listed:
    """A person on the list: where she lives, and what became of her since the register opened."""

    kept: Kept
    told: Declared | None  # None where no key opens her card: she is on the list all the same
    sector: str
    outcome: str


async def card(register: Register, entry_id: str, *, reason: str, actor: Actor) -> Card:
    """Open a person's card. Raises NotYou, NotSo without a reason while the register is shut."""
    kept = await _looked_at(register, entry_id, "card", reason=reason, actor=actor)
    return Card(kept, register.opened(kept))


async def numbers(register: Register, entry_id: str, *, reason: str, actor: Actor) -> Card:
    """Show a person's numbers, and whom to warn: an act of its own, in the journal."""
    kept = await _looked_at(register, entry_id, "numbers", reason=reason, actor=actor)
    return Card(kept, register.opened(kept, reach=True), shows_reach=True)


async def for_letter(register: Register, entry_id: str, *, reason: str, actor: Actor) -> Card:
    """Give what the receipt of a request says, numbers included; its own line in the journal.

    While it is owed, acknowledging is the reason; afterwards another is said (NotSo).
    """
    owed_now = {one.entry_id for one in await waiting_of(register.office.ledger, register.commune)}
    why = ACKNOWLEDGE if entry_id in owed_now else reason
    late = entry_id not in owed_now and reason in ("", ACKNOWLEDGE)
    if late and await now_open(register) is None:
        raise NotSo("L'accusé est déjà remis : dites pour quoi vous imprimez encore la lettre.")
    kept = await _looked_at(register, entry_id, "letter", reason=why, actor=actor)
    return Card(kept, register.opened(kept, reach=True), shows_reach=True)


async def _looked_at(
    register: Register, entry_id: str, what: str, *, reason: str, actor: Actor
) -> Kept:
    await check_keeper(register, actor)
    look = await _look(register, what, reason=reason, actor=actor)
    try:
        kept = await vulnerable_looks.look_at(
            register.office.ledger, register.commune, entry_id, look=look
        )
    except RegisterShut as shut:
        raise _just_shut() from shut
    if kept is None:
        raise gone()
    return kept


async def _look(register: Register, what: str, *, reason: str, actor: Actor) -> Look:
    opening = await now_open(register)
    if opening is not None:
        return Look(actor.login, what, opening.ground, opening.opening_id)
    if reason not in UPKEEP:
        raise NotSo("Le registre est fermé : dites d'abord pour quoi vous ouvrez cette fiche.")
    return Look(actor.login, what, reason)


def _just_shut() -> NotNow:
    return NotNow("Le registre vient d'être fermé : rouvrez la page.")


async def search(register: Register, typed: str, *, reason: str, actor: Actor) -> list[Card]:
    """Return who has this surname or this telephone, exactly; nobody is found by a part of either.

    Raises NotYou, NotSo.
    """
    await check_keeper(register, actor)
    look = await _look(register, "search", reason=reason, actor=actor)
    marks = _sought(register, typed)
    try:
        found = await vulnerable_looks.look_up(
            register.office.ledger, register.commune, marks, look=look
        )
    except RegisterShut as shut:
        raise _just_shut() from shut
    return [Card(kept, register.opened(kept)) for kept in found]


def _sought(register: Register, typed: str) -> list[Mark]:
    if any(sign.isdigit() for sign in typed):
        try:
            phone = read_phone(typed, region=region_of(register.commune)).e164
        except PhoneRefused as fault:
            raise NotSo("Ce numéro ne se lit pas : écrivez-le en entier.") from fault
        return [(PHONE, register.ring.mark(PHONE, phone))]
    name = name_key(typed)
    if not name:
        raise NotSo("Écrivez le nom de famille entier, ou le numéro de téléphone entier.")
    return [(SURNAME, register.ring.mark(SURNAME, name))]


async def listing(register: Register, plan: Plan | None, *, actor: Actor) -> list[Listed]:
    """Return everybody, by sector, while the register is open. Raises NotYou, NotNow."""
    await check_keeper(register, actor)
    opening = await now_open(register)
    if opening is None:
        raise NotNow("Le registre est fermé : sa liste ne se consulte que lorsqu'il est ouvert.")
    look = Look(actor.login, "list", opening.ground, opening.opening_id)
    try:
        found = await vulnerable_looks.look_over(
            register.office.ledger, register.commune, look=look
        )
    except RegisterShut as shut:
        raise _just_shut() from shut
    people = {one.entry_id: _told(register, one) for one in found}
    sectors = sectors_of(plan, _places(people))
    became = await outcomes(register, opening)
    listed = [
        Listed(
            one,
            people[one.entry_id],
            sectors.get(one.entry_id, ""),
            became[one.entry_id].outcome if one.entry_id in became else "",
        )
        for one in found
    ]
    return sorted(listed, key=_order)


def _places(people: Mapping[str, Declared | None]) -> dict[str, tuple[float, float]]:
    return {
        ident: (one.lon, one.lat)
        for ident, one in people.items()
        if one is not None and one.lon is not None and one.lat is not None
    }


def _told(register: Register, kept: Kept) -> Declared | None:
    try:
        return register.opened(kept)
    except NotNow:
        return None


def _order(one: Listed) -> tuple[bool, str, bool, str, int]:
    """Put sectors in order, who lives in none last; whoever waits first, then along the street."""
    done = one.outcome in ("well", "elsewhere")
    number, _, street = place_key(one.told.address if one.told else "").partition(" ")
    if not number.isdecimal():
        number, street = "0", f"{number} {street}"
    return not one.sector, one.sector, done, street, int(number)


def left_of(listed: list[Listed]) -> int:
    """Count who has still to be reached: nobody called, or who was absent."""
    return sum(one.outcome in ("", "absent") for one in listed)
