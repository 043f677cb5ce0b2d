"""What nobody could place, kept whole for the desk: a team, a mission or a word not known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, select

from dispatcher.store.field_alarms import raise_for_names
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry, append_all
from dispatcher.store.statements import insert_in
from dispatcher.store.team_tables import desk_items


@dataclass(frozen=True)
class DeskItem:
    """Something for the desk: who said it, when it happened, the name that was not known.

    `why`: unknown_team | unknown_mission | unknown_word. `body` is what was said, to be placed.
    """

    item: str
    happened_at: float
    source: str
    author: str
    why: str
    named: str
    body: Mapping[str, Any]
    entry: Entry
    cry: str | None = None  # the alarm that it raises, under the name that was not known


@dataclass(frozen=True)
class Waiting:
    """An item of the desk; instants are epoch seconds. `ended_at` once it was placed."""

    item: str
    came_at: float
    happened_at: float
    source: str
    author: str
    why: str
    named: str
    body: Mapping[str, Any]
    ended_by: str | None = None
    ended_at: float | None = None
    outcome: str = ""


def keep_for_desk(
    connection: Connection, commune: str, items: Sequence[DeskItem], *, now: float, key: bytes
) -> None:
    """Keep items inside the caller's transaction, each once, with their lines of the logbook."""
    known = set(
        connection.execute(
            select(desk_items.c.item).where(
                desk_items.c.commune == commune, desk_items.c.item.in_([one.item for one in items])
            )
        ).scalars()
    )
    new = {one.item: one for one in items if one.item not in known}
    if not new:
        return
    rows = [
        {
            **{name: value for name, value in vars(one).items() if name not in ("entry", "cry")},
            "commune": commune,
            "came_at": now,
            "body": dict(one.body),
        }
        for one in new.values()
    ]
    connection.execute(insert_in(connection.dialect.name, desk_items), rows)
    cries = [(one.named[:64], one.item, one.cry) for one in new.values() if one.cry]
    raise_for_names(connection, commune, cries, now=now)
    entries = [one.entry for one in new.values()]
    append_all(connection, commune=commune, entries=entries, key=key)


async def waiting(ledger: Ledger, commune: str, *, limit: int = 200) -> list[Waiting]:
    """Return what the desk has not placed, the oldest first."""
    names = [desk_items.c[name] for name in Waiting.__dataclass_fields__]
    wanted = (
        select(*names)
        .where(desk_items.c.commune == commune, desk_items.c.ended_at.is_(None))
        .order_by(desk_items.c.came_at, desk_items.c.item)
        .limit(limit)
    )
    rows = await ledger.read(lambda connection: connection.execute(wanted).all())
    return [Waiting(**row._mapping) for row in rows]


async def desk_item_of(ledger: Ledger, commune: str, item: str) -> Waiting | None:
    """Return one item, placed or not; None where there is none."""
    names = [desk_items.c[name] for name in Waiting.__dataclass_fields__]
    this = and_(desk_items.c.commune == commune, desk_items.c.item == item)
    wanted = select(*names).where(this)
    row = await ledger.read(lambda connection: connection.execute(wanted).first())
    return Waiting(**row._mapping) if row else None
