"""Where a version of an alert stands: its deliveries, its people, its answers, its end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from sqlalchemy import Select, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.clock import db_now
from dispatcher.store.confirmations import Confirmed, SectorSaid, answered, launched_versions
from dispatcher.store.information import DECLINED
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import blocks, deliveries, unreachable, versions
from dispatcher.store.person_cases import LOST, Cases, cases_of
from dispatcher.store.pursuit_answers import CONFIRMED

RATE_WINDOW_S = 30.0
WAITING = ("ready", "claimed", "sending")  # what a provider has not taken yet


@dataclass(frozen=True)
class MediumProgress:
    """The deliveries of one medium by state, and how many a second were accepted lately.

    The rate is 0 once nothing waits any more. `expected_end` is epoch seconds, None when nothing
    waits, or nothing moves.
    """

    medium: str
    states: Mapping[str, int]
    rate_per_s: float
    expected_end: float | None = None

    @property
    def planned(self) -> int:
        """How many deliveries the medium has, whatever became of them."""
        return sum(self.states.values())

    def count(self, *states: str) -> int:
        """How many of them are in one of these states."""
        return sum(self.states.get(state, 0) for state in states)


@dataclass(frozen=True)
class Progress:
    """Where one version stands. A delivery is in one state; a person in one of five cases.

    `people` is the frozen audience. `answered` said something, whatever became of her messages;
    `delivered` had one delivered and said nothing; `reached` is either, and shown for neither.
    `handed` had one accepted by a provider at best; `lost` had every message fail; the rest still
    waits or stands in `unreachable` (no delivery could be made, by reason). Who understood and then
    needed help is of both, and once among `confirmed`, which counts earlier versions of the alert
    too; `said_by_sector` has both by sector.
    `lost_by_reason` counts deliveries. `expected_end` is epoch seconds, None when nothing moves.
    """

    people: int
    media: tuple[MediumProgress, ...]
    answered: int
    delivered: int
    handed: int
    lost: int
    understood: int
    need_help: int
    confirmed: Confirmed
    cases: Cases
    unreachable: Mapping[str, int]
    lost_by_reason: Mapping[str, int]
    preparing: bool
    expected_end: float | None
    said_by_sector: Mapping[str, SectorSaid] = field(default_factory=dict)

    @property
    def without_way(self) -> int:
        """How many no message could be made for; who did not want it is not among them."""
        return sum(n for why, n in self.unreachable.items() if why not in DECLINED)

    @property
    def reached(self) -> int:
        """How many people have had a message, by a receipt or by what they answered."""
        return self.answered + self.delivered

    @property
    def states(self) -> Mapping[str, int]:
        """All deliveries by state."""
        total: dict[str, int] = {}
        for medium in self.media:
            for state, count in medium.states.items():
                total[state] = total.get(state, 0) + count
        return total

    @property
    def planned(self) -> int:
        """How many deliveries there are."""
        return sum(medium.planned for medium in self.media)

    def count(self, *states: str) -> int:
        """How many deliveries are in one of these states."""
        return sum(self.states.get(state, 0) for state in states)


async def progress(
    ledger: Ledger, commune: str, version_id: str, *, cases: Cases | None = None
) -> Progress:
    """Return where a version stands; all of it as of one instant, but `cases` that are handed in.

    Costs a walk through the version's deliveries, and another through the people behind them unless
    their `cases` of a moment ago do: whoever asks again and again lets a multiple of the time it
    took pass between two questions (`operator_ui.live_picture`).
    """
    async with ledger.reading() as connection:
        now = (await connection.execute(select(db_now()))).scalar_one()
        version = (await connection.execute(_version(commune, version_id))).one()
        tally = await _tally(connection, commune, version_id, now=now)
        media = _by_medium(tally, now=now)
        next_try = max((row.waits_until for row in tally), default=0.0)
        mine = await launched_versions(connection, commune, version_id)
        persons = cases or await cases_of(connection, commune, version_id, mine=mine)
        said = await answered(connection, commune, version_id, mine=mine)
        return Progress(
            people=version.people,
            media=media,
            answered=persons.whole.get("answered", 0),
            delivered=persons.whole.get("delivered", 0),
            handed=persons.whole.get("handed", 0),
            lost=persons.whole.get("lost", 0),
            understood=said.understood,
            need_help=said.need_help,
            confirmed=Confirmed(said.ever, persons.ever),
            cases=persons,
            unreachable=await _counted(connection, _unreachable(commune, version_id)),
            lost_by_reason=_reasons(tally),
            preparing=version.preparing,
            expected_end=_expected_end(media, now=now, next_try=next_try),
            said_by_sector=said.by_sector,
        )


async def answered_anew(
    ledger: Ledger, commune: str, version_id: str, figures: Progress
) -> Progress:
    """Return figures of a moment ago with the answers of now: a walk through these alone."""
    async with ledger.reading() as connection:
        mine = await launched_versions(connection, commune, version_id)
        said = await answered(connection, commune, version_id, mine=mine)
    return replace(
        figures,
        understood=said.understood,
        need_help=said.need_help,
        confirmed=replace(figures.confirmed, answered=said.ever),
        said_by_sector=said.by_sector,
    )


def _version(commune: str, version_id: str) -> Select[Any]:
    waiting = select(blocks.c.number).where(
        blocks.c.commune == commune,
        blocks.c.version_id == version_id,
        blocks.c.materialised_at.is_(None),
    )
    wanted: Select[Any] = select(versions.c.people, waiting.exists().label("preparing"))
    return wanted.where(versions.c.commune == commune, versions.c.version_id == version_id)


class Counted(NamedTuple):
    """Deliveries of one medium that are in one state, and lost for one reason where they are."""

    medium: str
    state: str
    reason: str
    number: int
    lately: int  # accepted within RATE_WINDOW_S
    first_accepted: float | None
    waits_until: float


async def _tally(
    connection: AsyncConnection, commune: str, version_id: str, *, now: float
) -> Sequence[Counted]:
    """Count everything that one walk through the deliveries can tell."""
    lately = case((deliveries.c.accepted_at > now - RATE_WINDOW_S, 1), else_=0)
    waits_until = case((deliveries.c.state == "ready", deliveries.c.next_at), else_=0.0)
    named = func.coalesce(deliveries.c.reason, deliveries.c.state)
    reason = case((deliveries.c.state.in_(LOST), named), else_="").label("lost_for")
    rows = await connection.execute(
        select(
            deliveries.c.medium,
            deliveries.c.state,
            reason,
            func.count(),
            func.sum(lately),
            func.min(deliveries.c.accepted_at),
            func.max(waits_until),
        )
        .where(deliveries.c.commune == commune, deliveries.c.version_id == version_id)
        .group_by(deliveries.c.medium, deliveries.c.state, reason)
    )
    return [Counted(*row) for row in rows]


def _by_medium(found: Sequence[Counted], *, now: float) -> tuple[MediumProgress, ...]:
    return tuple(
        _of_medium(medium, [row for row in found if row.medium == medium], now=now)
        for medium in sorted({row.medium for row in found}, key=_usual_order)
    )


def _of_medium(medium: str, rows: Sequence[Counted], *, now: float) -> MediumProgress:
    states: dict[str, int] = {}
    for row in rows:
        states[row.state] = states.get(row.state, 0) + row.number
    if not any(states.get(state) for state in WAITING):
        return MediumProgress(medium, states, 0.0)  # a rate that only fades would be noise
    firsts = (row.first_accepted for row in rows if row.first_accepted is not None)
    seconds = min(max(now - min(firsts, default=now), 1.0), RATE_WINDOW_S)
    rate = round(sum(row.lately for row in rows) / seconds, 1)
    return MediumProgress(medium, states, rate, _end(states, rate, now=now))


def _end(states: Mapping[str, int], rate_per_s: float, *, now: float) -> float | None:
    """Estimate when a medium has nothing left to send; None where it stands still."""
    left = sum(states.get(state, 0) for state in WAITING)
    return now + left / rate_per_s if left and rate_per_s else None


def _reasons(found: Sequence[Counted]) -> Mapping[str, int]:
    """Count the deliveries lost, by reason; not those withdrawn because their reader answered."""
    lost: dict[str, int] = {}
    for row in found:
        if row.reason and row.reason != CONFIRMED:
            lost[row.reason] = lost.get(row.reason, 0) + row.number
    return lost


def _usual_order(medium: str) -> tuple[int, str]:
    usual = ("sms", "voice", "email", "webhook")
    return (usual.index(medium) if medium in usual else len(usual), medium)


def _expected_end(
    media: tuple[MediumProgress, ...], *, now: float, next_try: float
) -> float | None:
    """Estimate the end of the slowest medium at its present rate; None when one stands still."""
    ends = [now]
    for medium in media:
        if not medium.count(*WAITING):
            continue
        if medium.expected_end is None:
            return None
        ends.append(medium.expected_end)
    return max(*ends, next_try) if len(ends) > 1 else None


def _unreachable(commune: str, version_id: str) -> Select[Any, int]:
    return (
        select(unreachable.c.reason, func.count())
        .where(unreachable.c.commune == commune, unreachable.c.version_id == version_id)
        .group_by(unreachable.c.reason)
    )


async def _counted(connection: AsyncConnection, statement: Select[Any, int]) -> Mapping[str, int]:
    return {row[0]: row[1] for row in await connection.execute(statement)}
