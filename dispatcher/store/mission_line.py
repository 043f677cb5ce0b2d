"""Missions in line: by urgency, then by place; a team's next ones, kept for it until it is free."""

from collections.abc import Callable, Sequence

from sqlalchemy import Connection, and_, select, update

from dispatcher.store.clock import db_now
from dispatcher.store.field_filing import TURN
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append_all
from dispatcher.store.mission_rows import ACTIVE, OVER
from dispatcher.store.team_tables import missions
from dispatcher.store.turns import take_turns_in
from dispatcher.store.versions import Chained

Arrange = Callable[[Sequence[str]], Sequence[str]]


async def rearrange(
    ledger: Ledger, of: tuple[str, str], urgency: int, *, arrange: Arrange, line: Chained
) -> bool:
    """Put a mission elsewhere among those of an urgency; `of` is commune and mission.

    `arrange` is given the ids of those that go on, in their order, with this one last where it
    comes from another urgency; False, and no line, where the order stays.
    """
    commune, mission = of

    def act(connection: Connection) -> bool:
        take_turns_in(connection, TURN, commune=commune)
        before = _in_line(connection, commune, urgency)
        there = before if mission in before else [*before, mission]
        after = list(arrange(there))
        if after == before:
            return False
        for place, ident in enumerate(after):
            connection.execute(
                update(missions)
                .where(missions.c.commune == commune, missions.c.mission == ident)
                .values(urgency=urgency, place_in_line=place, changed_at=db_now())
            )
        append_all(connection, commune=commune, entries=(line.entry,), key=line.key)
        return True

    return await ledger.write(act)


def _in_line(connection: Connection, commune: str, urgency: int) -> list[str]:
    wanted = (
        select(missions.c.mission)
        .where(
            missions.c.commune == commune,
            missions.c.urgency == urgency,
            missions.c.state.not_in(OVER),
        )
        .order_by(missions.c.place_in_line, missions.c.made_at, missions.c.mission)
    )
    return list(connection.execute(wanted).scalars())


async def keep_for(ledger: Ledger, of: tuple[str, str], team: str | None, *, line: Chained) -> bool:
    """Keep a proposed mission for a team, or for nobody; False where it is proposed no more."""
    commune, mission = of

    def act(connection: Connection) -> bool:
        take_turns_in(connection, TURN, commune=commune)
        this = and_(missions.c.commune == commune, missions.c.mission == mission)
        done = connection.execute(
            update(missions)
            .where(this, missions.c.state == "proposed")
            .values(queued_for=team, changed_at=db_now())
        )
        if done.rowcount == 0:
            return False
        append_all(connection, commune=commune, entries=(line.entry,), key=line.key)
        return True

    return await ledger.write(act)


async def next_in_line(ledger: Ledger, commune: str) -> dict[str, str]:
    """Return the mission that each free team is to be offered: the first of its queue, by team."""
    held = missions.c
    busy = missions.alias("busy")
    has_one = (
        select(busy.c.mission)
        .where(
            busy.c.commune == held.commune,
            busy.c.team == held.queued_for,
            busy.c.state.in_(ACTIVE),
        )
        .exists()
    )
    wanted = (
        select(held.queued_for, held.mission)
        .where(
            held.commune == commune,
            held.state == "proposed",
            held.queued_for.is_not(None),
            ~has_one,
        )
        .order_by(held.urgency, held.place_in_line, held.made_at, held.mission)
    )
    rows = await ledger.read(lambda connection: connection.execute(wanted).all())
    found: dict[str, str] = {}
    for team, mission in rows:
        found.setdefault(team, mission)
    return found
