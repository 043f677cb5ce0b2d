"""The register sealed again by a newer key: after a key may have been seen, or once a year.

First the new key (`dispatcher.keys.add_to_ring`), by which all that is written is sealed from then
on; then every card that an older one sealed, in parts. Killed in between, the same command goes on:
a card is under its old key or its new one, and both open.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from dispatcher.store import vulnerable_keys
from dispatcher.store.vulnerable_keys import Resealed, SealedCard
from dispatcher.vulnerable.register import Register

AT_ONCE = 200  # cards, in one transaction


@dataclass(frozen=True)
class Done:
    """How many cards were sealed again, and how many no key opens: those stay as they are."""

    cards: int
    unopened: int


async def reseal(register: Register, *, author: str, at_once: int = AT_ONCE) -> Done:
    """Seal every card by the newest key; the logbook says how many. Raises nothing for a bad card.

    Who the people are is read by this program alone and shown to nobody: no line of the journal.
    """
    ledger, done, unopened, after = register.office.ledger, 0, 0, ""
    while cards := await vulnerable_keys.cards_after(ledger, register.commune, after, most=at_once):
        after = cards[-1].entry_id
        again, bad = _again(register, cards)
        unopened += bad
        done += await vulnerable_keys.reseal(ledger, register.commune, again)
    if not done:
        return Done(0, unopened)
    line = register.office.line(
        author, "vulnerable.resealed",
        f"Registre des personnes vulnérables : {done} fiches scellées par une nouvelle clé",
        cards=done, unopened=unopened, key=register.ring.newest,
    )  # fmt: skip
    await vulnerable_keys.told(ledger, register.commune, line)
    return Done(done, unopened)


def _again(register: Register, cards: Sequence[SealedCard]) -> tuple[list[Resealed], int]:
    """Return the cards that are to be written, and how many do not open."""
    again, unopened, ring = [], 0, register.ring
    for card in cards:
        if not (ring.is_old(card.identity) or ring.is_old(card.reach)):
            continue
        places = [register.place_of(card.entry_id, what) for what in ("identity", "reach")]
        opened = [
            ring.opened(sealed, place=place)
            for sealed, place in zip((card.identity, card.reach), places, strict=True)
        ]
        if None in opened:
            unopened += 1
            continue
        identity, reach = (
            ring.seal(value, place=place)
            for value, place in zip(opened, places, strict=True)
            if value is not None
        )
        again.append(Resealed(card, identity, reach))
    return again, unopened
