"""Every column that holds a word of a resident under seal, and how each is sealed again.

A newer key seals what is written from then on; this walks through what older ones sealed, some
hundreds of rows at a time, whichever commune they are of. Nothing waits for it, and a row that
somebody changes meanwhile keeps its change.
"""

import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Row, and_, bindparam, select, tuple_, update

from dispatcher.ciphers import Ring
from dispatcher.store import personal
from dispatcher.store.centre_tables import centre_people
from dispatcher.store.kin_tables import kin
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import deliveries
from dispatcher.store.reply_tables import replies
from dispatcher.store.signup_tables import signups
from dispatcher.store.tables import contacts, homes, persons
from dispatcher.store.tasking_tables import door_results, mission_doors
from dispatcher.store.team_tables import field_reports, missions

AT_ONCE = 500  # rows of one short transaction
Place = Callable[[Row[Any]], str]


@dataclass(frozen=True)
class SealedColumn:
    """A column under seal: the key of its rows, and the place that each value is bound to."""

    column: Column[Any]
    key: tuple[str, ...]
    place: Place


def _of_reply(name: str) -> Place:
    return lambda row: personal.reply_at(name, row.commune, row.sid, row.kind)


def _of_door(name: str) -> Place:
    return lambda row: personal.door_at(name, row.commune, row.mission, row.door)


def _of_mission(name: str) -> Place:
    return lambda row: personal.mission_at(name, row.commune, row.mission)


def _of_guest(name: str) -> Place:
    return lambda row: personal.guest_at(name, row.commune, row.event_id, row.person_id)


def _of_kin(name: str) -> Place:
    return lambda row: personal.kin_at(name, row.commune, row.person_id, row.mark)


SEALED = (
    SealedColumn(
        persons.c.name,
        ("commune", "person_id"),
        lambda row: personal.name_at(row.commune, row.person_id),
    ),
    SealedColumn(
        contacts.c.value,
        ("commune", "person_id", "kind", "mark"),
        lambda row: personal.contact_at(row.commune, row.person_id, row.mark),
    ),
    SealedColumn(
        homes.c.label,
        ("commune", "person_id", "number"),
        lambda row: personal.home_at(row.commune, row.person_id, row.number),
    ),
    SealedColumn(
        deliveries.c.contact,
        ("serial",),
        lambda row: personal.delivery_at(row.commune, row.delivery_id),
    ),
    SealedColumn(
        signups.c.told,
        ("commune", "signup_id"),
        lambda row: personal.signup_at(row.commune, row.signup_id),
    ),
    *(
        SealedColumn(kin.c[name], ("commune", "person_id", "mark"), _of_kin(name))
        for name in ("contact", "name")
    ),
    *(
        SealedColumn(replies.c[name], ("commune", "sid", "kind"), _of_reply(name))
        for name in ("contact", "body")
    ),
    *(
        SealedColumn(mission_doors.c[name], ("commune", "mission", "door"), _of_door(name))
        for name in ("street", "label", "note")
    ),
    *(
        SealedColumn(missions.c[name], ("commune", "mission"), _of_mission(name))
        for name in ("title", "text")
    ),
    SealedColumn(
        door_results.c.note,
        ("commune", "report_id"),
        lambda row: personal.found_at(row.commune, row.report_id),
    ),
    SealedColumn(
        field_reports.c.note,
        ("commune", "report_id"),
        lambda row: personal.report_at(row.commune, row.report_id),
    ),
    *(
        SealedColumn(centre_people.c[name], ("commune", "event_id", "person_id"), _of_guest(name))
        for name in ("name", "comes_from", "phone", "went_to")
    ),
)


@dataclass(frozen=True)
class Resealed:
    """How many values were sealed again, and how many no key opens: those stay as they are."""

    values: int = 0
    unopened: int = 0

    def __add__(self, other: "Resealed") -> "Resealed":
        """Sum two parts."""
        return Resealed(self.values + other.values, self.unopened + other.unopened)


async def reseal(ledger: Ledger, one: SealedColumn, *, at_once: int = AT_ONCE) -> Resealed:
    """Seal by the newest key what an older one sealed in this column; killed, it goes on anew."""
    done, after = Resealed(), list[object]()
    while rows := await _page(ledger, one, after, most=at_once):
        after = [getattr(rows[-1], name) for name in one.key]
        again, unopened = _again(ledger.ring, one, rows)
        done += Resealed(await _put(ledger, one, again), unopened)
    return done


async def _page(
    ledger: Ledger, one: SealedColumn, after: Sequence[object], *, most: int
) -> Sequence[Row[Any]]:
    held = one.column.table.c
    key = [held[name] for name in one.key]
    wanted = select(one.column.table).where(one.column != "").order_by(*key).limit(most)
    if after:
        wanted = wanted.where(tuple_(*key) > tuple_(*after))
    return await ledger.study(lambda connection: connection.execute(wanted).all())


def _again(
    ring: Ring, one: SealedColumn, rows: Sequence[Row[Any]]
) -> tuple[list[dict[str, Any]], int]:
    again, unopened = [], 0
    for row in rows:
        kept, place = getattr(row, one.column.name), one.place(row)
        if not ring.is_old(_bytes(kept)):
            continue
        text = personal.read(ring, kept, place)
        if not text:  # told by `read`: what it was is not known here
            unopened += 1
            continue
        key = {f"of_{name}": getattr(row, name) for name in one.key}
        again.append({**key, "was": kept, "now": personal.sealed(ring, text, place)})
    return again, unopened


def _bytes(kept: str) -> bytes:
    try:
        return binascii.a2b_base64(kept)
    except ValueError:
        return b""


async def _put(ledger: Ledger, one: SealedColumn, again: Sequence[dict[str, Any]]) -> int:
    if not again:
        return 0
    held = one.column.table.c
    same = and_(*(held[name] == bindparam(f"of_{name}") for name in one.key))
    statement = (
        update(one.column.table)
        .where(same, one.column == bindparam("was"))
        .values({one.column.name: bindparam("now")})
    )
    await ledger.write(lambda connection: connection.execute(statement, list(again)))
    return len(again)
