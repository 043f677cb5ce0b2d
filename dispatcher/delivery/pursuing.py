"""The pursuit: who has not confirmed takes her next step, or goes on the call list.

Runbook: `pursuit.moved` tells each turn that moved someone; an alert whose pursuit is over has its
line `alert.pursued` in the logbook. Nothing here is lost with a worker: what a turn decides is
written at once or not at all, and two workers at the same people write it once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog

from dispatcher.ciphers import Ring
from dispatcher.delivery.content import Content, Escalation
from dispatcher.delivery.ladder import Ladder, Rules, Way, ladder
from dispatcher.delivery.planning import Shared, block_of, planned_of, position_after
from dispatcher.delivery.standing import (
    Confirmed,
    GoOn,
    Made,
    Pursued,
    Standing,
    Unreached,
    Verdict,
    Wait,
    verdict,
)
from dispatcher.store import people, pursuit_moves, pursuits
from dispatcher.store.blocks import Block
from dispatcher.store.information import topics_of
from dispatcher.store.ledger import Ledger
from dispatcher.store.names import delivery_id
from dispatcher.store.personal import contact_mark
from dispatcher.store.pursuit_moves import Line, Turn
from dispatcher.store.pursuits import Due, Facts, OpenPursuit, Row
from dispatcher.store.versions import version_by_id

KEPT = 64  # versions whose rules are kept; they never change once launched
RECHECK_SHARE = 0.25  # of the wait: how soon a step that was just made is looked at

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Moved:
    """What a turn did: media that have something to send, and whether more is due already."""

    media: frozenset[str] = frozenset()
    more: bool = False


@dataclass(frozen=True)
class _Frozen:
    """What a version says of its pursuit, whatever the plan has become."""

    rules: Rules
    route: str


@dataclass(frozen=True)
class _Person:
    """A person looked at: her block, where she stands, and what comes next."""

    id: str
    block: int
    row: Row | None
    names: Mapping[Way, str]  # of the deliveries of her ways, made or not
    standing: Standing
    verdict: Verdict

    @property
    def unsent(self) -> bool:
        """Whether nothing has been tried yet of what she waits for."""
        at = self.standing.at
        return isinstance(self.verdict, Wait) and bool(at) and all(one.untried for one in at)


class Pursuer:
    """Takes turns at every pursued version of a ledger."""

    def __init__(self, ledger: Ledger, *, logbook_key: bytes) -> None:
        """Work on `ledger`."""
        self._ledger = ledger
        self._logbook_key = logbook_key
        self._kept: dict[tuple[str, str], _Frozen] = {}

    async def turn(self) -> Moved:
        """Look once at a bounded part of those who are due, version by version."""
        media: set[str] = set()
        more = False
        for one in await pursuits.open_pursuits(self._ledger):
            due = await pursuits.due(self._ledger, one, block_of=block_of)
            if due.people or due.asked or due.failed:
                media |= set(await self._move(one, due))
                more |= due.full
            else:
                await pursuit_moves.close(
                    self._ledger, one.commune, one.version_id, key=self._logbook_key
                )
        return Moved(frozenset(media), more)

    async def _move(self, one: OpenPursuit, due: Due) -> list[str]:
        frozen = await self._frozen(one)
        if frozen is None:
            return []
        looked = await self._look(one, due, frozen)
        place = Block(one.commune, one.version_id, 0, (), (), one.lane, frozen.route)
        ring, escalation = self._ledger.ring, frozen.rules.escalation
        turn = _turn(looked, due, escalation=escalation, place=place, ring=ring)
        media = await pursuit_moves.apply(self._ledger, place, turn)
        log.info(
            "pursuit.moved",
            commune=one.commune,
            version=one.version_id,
            looked=len(looked),
            moved=sum(line.moved for line in turn.lines),
        )
        return media

    async def _look(self, one: OpenPursuit, due: Due, frozen: _Frozen) -> list["_Person"]:
        ids = sorted(due.people)
        known = await people.people(self._ledger, one.commune, ids)
        ladders = {
            ident: ladder(known.get(ident), due.chains.get(ident, ()), frozen.rules)
            for ident in ids
        }
        ring = self._ledger.ring
        named = {ident: _names(one, found, ring) for ident, found in ladders.items()}
        wanted = {name for names in named.values() for name in names.values()}
        facts = await pursuits.facts(self._ledger, one, people=ids, ids=sorted(wanted))
        escalation = frozen.rules.escalation
        how = Pursued(escalation.waits_s, escalation.confirmation, over=one.over)
        looked = []
        for ident in ids:
            row = facts.rows.get(ident)
            if ident in facts.unreachable or (row is not None and row.state != "waiting"):
                continue
            block = row.block if row else due.people[ident]
            standing = _standing(ident, ladders[ident], names=named[ident], facts=facts)
            said = verdict(standing, how, now=facts.now)
            looked.append(_Person(ident, block, row, named[ident], standing, said))
        return looked

    async def _frozen(self, one: OpenPursuit) -> _Frozen | None:
        key = (one.commune, one.version_id)
        if key not in self._kept:
            version = await version_by_id(self._ledger, *key)
            content = Content.of(version.content) if version else None
            if content is None or content.escalation is None:
                return None
            if len(self._kept) >= KEPT:
                self._kept.clear()
            topics = topics_of(version.content) if version else None
            rules = Rules(content.media, content.escalation, topics)
            self._kept[key] = _Frozen(rules, content.route)
        return self._kept[key]


def _names(one: OpenPursuit, found: Ladder, ring: Ring) -> Mapping[Way, str]:
    """Return the delivery of each way of a ladder, made or not."""
    ways = (*found.first, *(step.way for step in found.steps))
    version = f"{one.commune}{one.version_id}"
    return {
        (medium, contact): delivery_id(version, medium, contact_mark(ring, contact))
        for medium, contact in ways
    }


def _standing(ident: str, found: Ladder, *, names: Mapping[Way, str], facts: Facts) -> Standing:
    made = {
        way: Made(mine=(name, ident) in facts.readers, **_said(facts.deliveries[name]))
        for way, name in names.items()
        if name in facts.deliveries
    }
    row = facts.rows.get(ident)
    return Standing(found, made, row.taken if row else 0, row.delivery_id if row else None)


def _said(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "answered": bool(row["answered"])}


def _turn(
    looked: Sequence[_Person], due: Due, *, escalation: Escalation, place: Block, ring: Ring
) -> Turn:
    """Gather what a turn writes. A block of which most has not left is asked again, whole."""
    again: dict[int, float] = {}
    for number in due.asked:
        mine = [one for one in looked if one.block == number and one.row is None]
        if 2 * sum(one.unsent for one in mine) > len(mine):
            waits = [one.verdict.until for one in mine if isinstance(one.verdict, Wait)]
            again[number] = min(waits)
    lines = []
    shared: dict[Way, Shared] = {}
    for one in looked:
        if one.row is None and one.unsent and one.block in again:
            continue
        line = _line(one, escalation=escalation)
        if line is not None:
            lines.append(line)
            _share(one, shared)
    planned = [planned_of(ring, place, one=one) for one in shared.values()]
    return Turn(lines, planned, again, sorted(due.asked - again.keys()), due.failed)


def _line(one: _Person, *, escalation: Escalation) -> Line | None:
    """Return the person's line as her verdict makes it; None where she needs none."""
    taken, standing, said = one.standing.taken, one.standing, one.verdict
    why = dict.fromkeys(f"{way.medium}:{way.reason}" for way in standing.ladder.left_out)
    line = Line(
        one.id,
        one.block,
        "waiting",
        taken,
        0.0,
        delivery_id=standing.current,
        left_out=" ".join(why),
        known=tuple(made.delivery_id for made in standing.made.values()),
    )
    if isinstance(said, Confirmed):
        told = said.shares is None and _told(one, escalation)
        return None if told else replace(line, state="reached")
    if isinstance(said, Wait):
        return replace(line, due_at=said.until)
    if isinstance(said, Unreached):
        return replace(line, state="unreached", reason=said.reason)
    named = one.names[said.step.way]
    wait_s = Pursued(escalation.waits_s, escalation.confirmation).wait_s(taken + 1)
    until = said.now + RECHECK_SHARE * wait_s
    return replace(line, taken=taken + 1, due_at=until, delivery_id=named, moved=True)


def _told(one: _Person, escalation: Escalation) -> bool:
    """Tell whether the ledger shows without a line that she confirmed."""
    answered = any(made.answered for made in one.standing.mine)
    return one.row is None and (answered or escalation.confirmation == "delivered")


def _share(one: _Person, shared: dict[Way, Shared]) -> None:
    """Put the person behind the contact of her next step, with those who take it too."""
    said = one.verdict
    if isinstance(said, GoOn):
        way = said.step.way
    elif isinstance(said, Confirmed) and said.shares is not None:
        way = said.shares
    else:
        return
    first = min((made.position for made in one.standing.mine), default=0)
    place = position_after(first, one.standing.taken + 1)
    language = one.standing.ladder.language
    shared.setdefault(way, Shared(*way, language, position=place, people=[])).people.append(one.id)
