"""Making deliveries from a frozen audience, block by block; the first leave while others wait."""

import asyncio
import time
from dataclasses import dataclass

from dispatcher.ciphers import Ring
from dispatcher.delivery.reach import choose
from dispatcher.store import blocks, earlier, people
from dispatcher.store.blocks import BLOCK_SIZE, Block, Planned
from dispatcher.store.crash_points import CrashPoint
from dispatcher.store.earlier import Earlier
from dispatcher.store.ledger import Ledger
from dispatcher.store.names import delivery_id
from dispatcher.store.people import Person
from dispatcher.store.personal import contact_mark

STEP_PLACE = 10_000_000_000  # beyond every position of a first way: first ways leave first

# One worker makes an alert's deliveries faster than any account sends them: another that was at the
# same block leaves it to it for so long, rather than plan each block a second time.
ANOTHER_S = 0.2


def block_of(position: int) -> int:
    """Return the number of the block whose people a delivery of this position was made for."""
    return position % STEP_PLACE // BLOCK_SIZE


def position_after(position: int, steps: int) -> int:
    """Return the place of a later step: after all earlier steps, in the same order of urgency."""
    return position % STEP_PLACE + steps * STEP_PLACE


@dataclass
class Shared:
    """A contact and those behind it: a household's phone gets one message, at its first's rank.

    Positions are ranks in the audience, so equal alerts that share an account take turns person by
    person, and one that comes later catches up: its nearest go before the farthest of the others.
    """

    medium: str
    contact: str
    language: str
    position: int
    people: list[str]
    opens: float = 0.0  # an information does not leave before, in epoch seconds


async def materialise_next(ledger: Ledger) -> frozenset[str] | None:
    """Make the next block's deliveries; return the media concerned, None when no block waits."""
    block = await blocks.next_block(ledger)
    if block is None:
        return None
    if block.followed is not None:
        return await _correct_next(ledger, block)
    known = await people.people(ledger, block.commune, block.people)
    shared, lost = _plan(block, known, now=time.time())
    planned = [planned_of(ledger.ring, block, one=one) for one in shared]
    if not await blocks.materialise(ledger, block, planned, lost=lost):
        await asyncio.sleep(ANOTHER_S)
    ledger.passing(CrashPoint.CP2)
    return frozenset(one.medium for one in planned)


async def _correct_next(ledger: Ledger, block: Block) -> frozenset[str]:
    """Make a correction's deliveries for the next contacts that may have got what it corrects."""
    found = await earlier.next_earlier(ledger, block)
    planned = [planned_of(ledger.ring, block, one=_again(block, one)) for one in found]
    if found:
        await earlier.follow(ledger, block, planned, through=found[-1].serial)
    else:
        await earlier.followed(ledger, block)
    ledger.passing(CrashPoint.CP2)
    return frozenset(one.medium for one in planned)


def _again(block: Block, one: Earlier) -> Shared:
    """Give an earlier contact its place: in this block, in the order of the blocks it was in."""
    place = block.number * BLOCK_SIZE + min(block_of(one.position), BLOCK_SIZE - 1)
    return Shared(one.medium, one.contact, one.language, place, list(one.people))


def _plan(
    block: Block, known: dict[str, Person], *, now: float
) -> tuple[list[Shared], dict[str, str]]:
    ways: dict[tuple[str, str], Shared] = {}
    lost: dict[str, str] = {}
    for rank, ident, chains in block.ranked:
        person = known.get(ident)
        choice = choose(person, chains, topics=block.topics)
        if choice.reason:
            lost[ident] = choice.reason
        opens = _opens(person, now) if person and block.topics is not None else 0.0
        if choice.ways and opens >= block.expires_at:  # over before the hour that she chose
            lost[ident] = "outside_hours"
            continue
        for way in choice.ways:
            made = ways.setdefault(
                way, Shared(*way, choice.language, position=rank, people=[], opens=opens)
            )
            made.people.append(ident)
            made.opens = min(made.opens, opens)
    return list(ways.values()), lost


def _opens(person: Person, now: float) -> float:
    """Return when an information may leave for her: at once, 0, unless she chose her hours."""
    hours = person.information.hours
    opens = now if hours is None else hours.opens_at(now)
    return opens if opens > now else 0.0


def planned_of(ring: Ring, block: Block, *, one: Shared) -> Planned:
    """Return the delivery of a contact and those behind it, with its one id."""
    mark = contact_mark(ring, one.contact)
    return Planned(
        delivery_id(f"{block.commune}{block.version_id}", one.medium, mark),
        one.medium,
        mark,
        one.contact,
        one.language,
        one.position,
        tuple(one.people),
        one.opens,
    )
