"""What the desk does with an item: filed as a report and remembered, or set aside; once."""

from dataclasses import dataclass

from sqlalchemy import Connection, and_, select, update

from dispatcher.ciphers import Ring
from dispatcher.store.clock import db_now
from dispatcher.store.field_alarms import end_of_name
from dispatcher.store.field_filing import TURN, file_reports
from dispatcher.store.field_reports import Filed, Report
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry, append_all
from dispatcher.store.partner_tables import external_ids
from dispatcher.store.statements import insert_in
from dispatcher.store.team_tables import desk_items
from dispatcher.store.turns import take_turns_in


@dataclass(frozen=True)
class Known:
    """What a partner calls one of ours, from now on: `kind` team or mission."""

    partner: str
    kind: str
    external: str
    ours: str


@dataclass(frozen=True)
class Placing:
    """What becomes of an item: `report` is filed, or nothing where it is set aside.

    `outcome` tells it in words; `entry` is its line of the logbook.
    """

    item: str
    by: str
    outcome: str
    entry: Entry
    report: Report | None = None
    known: Known | None = None


@dataclass(frozen=True)
class Placed:
    """What came of it: `ended` is false where somebody had placed it before, and nothing was."""

    ended: bool
    filed: Filed | None = None


async def end_item(ledger: Ledger, commune: str, placing: Placing, *, key: bytes) -> Placed:
    """Place an item or set it aside, in one transaction; what was placed before stays so."""

    def act(connection: Connection) -> Placed:
        return _end(connection, commune, placing, key=key, ring=ledger.ring)

    return await ledger.write(act)


def _end(
    connection: Connection, commune: str, placing: Placing, *, key: bytes, ring: Ring
) -> Placed:
    take_turns_in(connection, TURN, commune=commune)
    now = connection.execute(select(db_now())).scalar_one()
    this = and_(desk_items.c.commune == commune, desk_items.c.item == placing.item)
    ended = connection.execute(
        update(desk_items)
        .where(this, desk_items.c.ended_at.is_(None))
        .values(ended_at=now, ended_by=placing.by, outcome=placing.outcome)
    )
    if ended.rowcount == 0:
        return Placed(ended=False)
    if placing.known is not None:  # before the logbook, as whoever adds a name does
        _remember(connection, commune, placing.known, by=placing.by, now=now)
    filed, over = None, []
    if placing.report is not None:
        (filed,) = file_reports(connection, commune, [placing.report], key=key, ring=ring)
        over = end_of_name(connection, commune, placing.item, by=placing.by, now=now)
    append_all(connection, commune=commune, entries=[placing.entry, *over], key=key)
    return Placed(ended=True, filed=filed)


def _remember(connection: Connection, commune: str, known: Known, *, by: str, now: float) -> None:
    made = insert_in(connection.dialect.name, external_ids)
    row = {**vars(known), "commune": commune, "made_by": by, "made_at": now}
    connection.execute(
        made.on_conflict_do_update(
            index_elements=["commune", "partner", "kind", "external"],
            set_={name: made.excluded[name] for name in ("ours", "made_by", "made_at")},
        ),
        row,
    )
