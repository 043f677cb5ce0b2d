"""Whom an alert did not reach, as teams need them: who, where, how, what was tried and when.

One walk through the version's deliveries, whenever the list is asked for: nothing is kept for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import Connection, Select, String, and_, bindparam, literal, select, union_all

from dispatcher.ciphers import Ring
from dispatcher.store import personal
from dispatcher.store.information import DECLINED
from dispatcher.store.ledger import Ledger
from dispatcher.store.listed import DIALECTS, listed, rows_of
from dispatcher.store.outgoing import BEHIND, answers, deliveries, recipients, unreachable
from dispatcher.store.people import Of, Person, in_parts, people_in
from dispatcher.store.pursuit_tables import pursuits
from dispatcher.store.tables import addresses, homes

AT_ONCE = 20_000  # people of one look: a walk through the version's messages for each
HELP = "help_asked"  # reached, and waiting for somebody: first of all


@dataclass(frozen=True)
class Tried:
    """One message that was made for a person; instants are epoch seconds, None if it never left."""

    medium: str
    contact: str
    state: str
    reason: str | None
    at: float | None


@dataclass(frozen=True)
class Door:
    """Where a person lives: the label as she gave it, the street as the address base writes it."""

    label: str
    street: str | None
    lon: float | None
    lat: float | None


@dataclass(frozen=True)
class Missed:
    """A person to go and see. `person` is None when she was erased since the launch."""

    person_id: str
    reason: str  # silent, failed, expired, no_contact, unsubscribed, erased, help_asked
    left_out: str = ""
    person: Person | None = None
    doors: Sequence[Door] = field(default=())
    tried: Sequence[Tried] = field(default=())


async def missed(ledger: Ledger, commune: str, version_id: str) -> list[Missed]:
    """Return everyone whom a version did not reach, and those who answered that they need help."""
    key = {"of_commune": commune, "of_version": version_id}
    reasons = await ledger.study(lambda connection: _reasons(connection, key))
    ids, found = sorted(reasons), list[Missed]()
    for some in in_parts(ids, AT_ONCE):  # short looks: none holds an old state of the ledger long
        part = {ident: reasons[ident] for ident in some}
        found += await ledger.study(partial(_gathered, ledger.ring, key=key, reasons=part))
    return found


def _reasons(connection: Connection, key: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    reasons: dict[str, tuple[str, str]] = {}
    for ident, reason, left_out in connection.execute(WHO, key):
        if reasons.get(ident, ("", ""))[0] != HELP:
            reasons[ident] = (reason, left_out or "")
    return reasons


def _gathered(
    ring: Ring,
    connection: Connection,
    *,
    key: Mapping[str, str],
    reasons: Mapping[str, tuple[str, str]],
) -> list[Missed]:
    of = Of(key["of_commune"], ring, named=True)
    known: dict[str, Person] = {}
    doors: dict[str, list[Door]] = {}
    for some in in_parts(list(reasons)):
        known |= people_in(of, connection, ids=some)
        _gather_doors(of, connection, given={**key, **_listed(some)}, doors=doors)
    tried: dict[str, list[Tried]] = {}
    words = _TRIED[connection.dialect.name]
    for row in connection.execute(words, {**key, **_listed(list(reasons))}):
        place = personal.delivery_at(of.commune, row.delivery_id)
        contact = personal.read(ring, row.contact, place)
        one = Tried(row.medium, contact, row.state, row.reason, row.began_at)
        tried.setdefault(row.person_id, []).append(one)
    return [
        Missed(
            ident,
            *why,
            person=known.get(ident),
            doors=tuple(doors.get(ident, ())),
            tried=tuple(tried.get(ident, ())),
        )
        for ident, why in reasons.items()
    ]


async def is_missed(ledger: Ledger, commune: str, version_id: str, person_id: str) -> bool:
    """Tell whether `missed` holds somebody: by her own rows where she has them, else by answers."""
    key = {"of_commune": commune, "of_version": version_id, "of_person": person_id}
    return await ledger.study(
        lambda connection: any(connection.execute(one, key).first() for one in _IS_WHO)
    )


def _listed(ids: Sequence[str]) -> dict[str, str]:
    return rows_of([(ident,) for ident in ids])


def _gather_doors(
    of: Of, connection: Connection, *, given: Mapping[str, object], doors: dict[str, list[Door]]
) -> None:
    for row in connection.execute(_DOORS[connection.dialect.name], given):
        found = doors.setdefault(row[0], [])
        if len(found) <= row[1]:  # an address met twice in the base is one door
            said = personal.read_home(of.ring, row[2], personal.home_at(of.commune, row[0], row[1]))
            found.append(Door(said.label, row[3], row[4], row[5]))


_C = bindparam("of_commune", type_=String)
_V = bindparam("of_version", type_=String)


def _whys() -> tuple[Select[Any], Select[Any], Select[Any]]:
    """Return the three reasons to be on the list, the same columns each."""
    asked = (
        select(recipients.c.person_id, literal(HELP).label("reason"), literal("").label("left_out"))
        .select_from(answers)
        .join(
            deliveries,
            and_(
                deliveries.c.commune == answers.c.commune,
                deliveries.c.delivery_id == answers.c.delivery_id,
            ),
        )
        .join(recipients, BEHIND)
        .where(answers.c.commune == _C, answers.c.kind == "help", deliveries.c.version_id == _V)
    )
    lost = select(pursuits.c.person_id, pursuits.c.reason, pursuits.c.left_out).where(
        pursuits.c.commune == _C, pursuits.c.version_id == _V, pursuits.c.state == "unreached"
    )
    never = select(unreachable.c.person_id, unreachable.c.reason, literal("")).where(
        unreachable.c.commune == _C,
        unreachable.c.version_id == _V,
        unreachable.c.reason.not_in(DECLINED),  # nobody knocks at a door that wants no news
    )
    return asked, lost, never


def _doors(dialect: str) -> Select[Any]:
    rows = listed(dialect, {"person_id": str})
    there = and_(
        addresses.c.commune == homes.c.commune,
        addresses.c.place_mark == homes.c.place_mark,
        homes.c.place_mark != "",
    )
    return (
        select(
            homes.c.person_id,
            homes.c.number,
            homes.c.label,
            addresses.c.street,
            homes.c.lon,
            homes.c.lat,
        )
        .outerjoin(addresses, there)
        .where(homes.c.commune == _C, homes.c.person_id.in_(select(rows.c.person_id)))
        .order_by(homes.c.person_id, homes.c.number, addresses.c.address_id)
    )


def _tried(dialect: str) -> Select[Any]:
    rows = listed(dialect, {"person_id": str})
    return (
        select(
            recipients.c.person_id,
            deliveries.c.delivery_id,
            deliveries.c.medium,
            deliveries.c.contact,
            deliveries.c.state,
            deliveries.c.reason,
            deliveries.c.began_at,
        )
        .select_from(deliveries)
        .join(recipients, BEHIND)
        .where(
            deliveries.c.commune == _C,
            deliveries.c.version_id == _V,
            recipients.c.person_id.in_(select(rows.c.person_id)),
        )
        .order_by(deliveries.c.position, deliveries.c.medium)
    )


_ASKED, _LOST, _NEVER = _whys()
WHO = union_all(_ASKED, _LOST, _NEVER)
_P = bindparam("of_person", type_=String)
_IS_WHO = (  # what an index finds first
    _LOST.where(pursuits.c.person_id == _P),
    _NEVER.where(unreachable.c.person_id == _P),
    _ASKED.where(recipients.c.person_id == _P).limit(1),
)
_DOORS = {dialect: _doors(dialect) for dialect in DIALECTS}
_TRIED = {dialect: _tried(dialect) for dialect in DIALECTS}
