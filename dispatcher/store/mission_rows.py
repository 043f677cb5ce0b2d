"""Missions as the ledger holds them: what is to be done, and where, is sealed for its mission."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, and_, select

from dispatcher.ciphers import Ring
from dispatcher.store import personal
from dispatcher.store.ledger import Ledger
from dispatcher.store.team_tables import missions

OVER = ("done", "failed", "cancelled")
WORDS = ("title", "text")  # of a mission: a door, or a name, may be in either
ACTIVE = ("ordered", "accepted", "in_progress", "suspended")  # one of these a team at most


@dataclass(frozen=True)
class Mission:
    """A mission; instants are epoch seconds. `urgency` 1: a life in danger … 4: there is time.

    `origin` is hand, card, help, street or partner, and `origin_ref` says which.
    """

    commune: str
    mission: str
    event: str | None
    mode: str
    kind: str
    title: str
    text: str
    sector: str | None
    lon: float | None
    lat: float | None
    urgency: int
    place_in_line: int
    origin: str
    origin_ref: str
    team: str | None
    state: str
    since: float
    missing: Sequence[str]
    made_by: str
    made_at: float
    ordered_by: str | None
    ordered_at: float | None
    told_at: float | None
    chased: int
    chased_at: float | None
    result: str
    changed_at: float
    queued_for: str | None = None

    @property
    def is_over(self) -> bool:
        """Whether it does not go on."""
        return self.state in OVER


_COLUMNS = [missions.c[name] for name in Mission.__dataclass_fields__]


async def mission_of(ledger: Ledger, commune: str, mission: str) -> Mission | None:
    """Return one mission; None where there is none."""
    this = and_(missions.c.commune == commune, missions.c.mission == mission)
    wanted = select(*_COLUMNS).where(this)
    row = await ledger.read(lambda connection: connection.execute(wanted).first())
    return mission_in(row, ring=ledger.ring) if row else None


async def missions_of(
    ledger: Ledger, commune: str, *, event: str | None = None, going: bool = False, limit: int = 500
) -> list[Mission]:
    """Return missions, the most urgent first; those of an event, those that go on, or all."""
    wanted = select(*_COLUMNS).where(missions.c.commune == commune)
    if event is not None:
        wanted = wanted.where(missions.c.event == event)
    if going:
        wanted = wanted.where(missions.c.state.not_in(OVER))
    wanted = wanted.order_by(
        missions.c.urgency, missions.c.place_in_line, missions.c.made_at, missions.c.mission
    ).limit(limit)
    rows = await ledger.read(lambda connection: connection.execute(wanted).all())
    return [mission_in(row, ring=ledger.ring) for row in rows]


def mission_in(row: Row[Any], *, ring: Ring) -> Mission:
    """Return a row as a mission, its words opened."""
    return mission_of_values(row._asdict(), ring=ring)


def mission_of_values(kept: Mapping[str, Any], *, ring: Ring) -> Mission:
    """Return the mission whose columns these are, its words opened."""
    at = (kept["commune"], kept["mission"])
    words = {
        name: personal.read(ring, kept[name], personal.mission_at(name, *at)) for name in WORDS
    }
    return Mission(**{**kept, **words})
