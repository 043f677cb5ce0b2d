"""What should leave now and how far it came, from the ledger alone; only bounded reads.

A queue is watched by witnesses: some of what stands at its head. Nothing is written for it while
messages leave, and no process is believed that says it is well.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    String,
    and_,
    bindparam,
    cast,
    exists,
    func,
    literal_column,
    select,
)

from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import blocks, deliveries, progress, versions
from dispatcher.store.pursuit_tables import pursuit_blocks, pursuits

OPEN = frozenset(("ready", "claimed", "sending", "unknown"))
LIVE_ROUTES = ("live", "rehearsal")
MEDIA = ("sms", "voice", "email", "webhook")
HEAD, HELD = 20, 60  # witnesses of one queue, and of what workers hold
PLANNING, PURSUIT = "planning", "pursuit"

_PLAYED = "rehearsal-"  # as `queue_of` names them

Key = tuple[str, str]  # commune, then the delivery or what else is waited for


@dataclass(frozen=True)
class Mark:
    """How far a witness came; what is not `open` any more has moved."""

    open: bool = True
    due: bool = True
    attempts: int = 0
    deaths: int = 0
    count: float = 0.0


@dataclass(frozen=True)
class Looked:
    """What waits at the head of each queue, and how far the earlier witnesses came.

    `held`: the ledger is a backup put back, and nothing may leave.
    """

    queues: Mapping[str, Mapping[Key, Mark]] = field(default_factory=dict)
    before: Mapping[Key, Mark] = field(default_factory=dict)
    held: bool = False


def apart(looked: Looked) -> tuple[Looked, Looked]:
    """Return what waits to leave, and what is only rehearsed: one does not hide the other."""
    played = {name: due for name, due in looked.queues.items() if name.startswith(_PLAYED)}
    real = {name: due for name, due in looked.queues.items() if name not in played}
    before, held = looked.before, looked.held
    return Looked(real, before, held), Looked(played, before, held)


def queue_of(route: str, medium: str) -> str:
    """Name a queue: by its medium, a rehearsal's apart."""
    return medium if route == "live" else f"{route}-{medium}"


async def look(ledger: Ledger, *, known: Collection[Key] = ()) -> Looked:
    """Look at what should leave now; `known` are deliveries whose fate is asked besides."""

    def act(connection: Connection) -> Looked:
        held = connection.execute(select(progress.c.restored_at)).scalar_one() is not None
        if connection.execute(_ANY_LIVE).first() is None:
            return Looked(held=held, before=dict.fromkeys(known, Mark(open=False)))
        queues: dict[str, dict[Key, Mark]] = {}
        for route in LIVE_ROUTES:
            for medium in MEDIA:
                given = {"of_route": route, "of_medium": medium}
                _add(queues, connection.execute(_READY, given))
        _add(queues, connection.execute(_LEASED))
        _add(queues, connection.execute(_UNKNOWN))
        for name, statement in ((PLANNING, _BLOCKS), (PURSUIT, _ASKED), (PURSUIT, _PEOPLE)):
            for row in connection.execute(statement):
                queues.setdefault(name, {})[row[0], row[1]] = Mark(count=float(row[2]))
        return Looked(queues, _fates(connection, known), held)

    return await ledger.read(act)


def _add(queues: dict[str, dict[Key, Mark]], rows: Any) -> None:  # noqa: ANN401 - a result
    for row in rows:
        mark = Mark(attempts=row.attempts, deaths=row.deaths)
        queues.setdefault(queue_of(row.route, row.medium), {})[row.commune, row.delivery_id] = mark


def _fates(connection: Connection, known: Collection[Key]) -> dict[Key, Mark]:
    """Say what became of deliveries; one that is gone has moved."""
    if not known:
        return {}
    fates = dict.fromkeys(known, Mark(open=False))
    for row in connection.execute(_FATES, _named(known)):
        fates[row.commune, row.delivery_id] = Mark(
            open=row.state in OPEN,
            due=row.state in ("claimed", "sending") or row.late_s >= 0,
            attempts=row.attempts,
            deaths=row.deaths,
        )
    return fates


def _named(known: Collection[Key]) -> dict[str, list[str]]:
    return {
        "communes": sorted({commune for commune, _ in known}),
        "ids": sorted(ident for _, ident in known),
    }


_LAUNCHED = and_(versions.c.state == "launched", versions.c.expires_at > db_now())
_ANY_LIVE = select(versions.c.version_id).where(_LAUNCHED).limit(1)


def _lives(table: Any) -> Any:  # noqa: ANN401 - a table with a version, and a condition on it
    """Return the condition that a row's version is launched, not cancelled, not expired."""
    same = and_(versions.c.commune == table.c.commune, versions.c.version_id == table.c.version_id)
    return exists(select(versions.c.version_id).where(same, _LAUNCHED))


def _waiting() -> Select[Any]:
    names = ("commune", "delivery_id", "route", "medium", "attempts", "deaths")
    return select(*(deliveries.c[name] for name in names)).where(_lives(deliveries))


# The states as text: so the partial indexes are taken.
_READY = (
    _waiting()
    .where(
        deliveries.c.route == bindparam("of_route"),
        deliveries.c.medium == bindparam("of_medium"),
        literal_column("deliveries.state = 'ready'"),
        deliveries.c.next_at <= db_now(),
    )
    .order_by(deliveries.c.lane, deliveries.c.position)
    .limit(HEAD)
)
_LEASED = (
    _waiting()
    .where(literal_column("deliveries.state IN ('claimed','sending')"))
    .order_by(deliveries.c.lease_until)
    .limit(HELD)
)
_UNKNOWN = (
    _waiting()
    .where(literal_column("deliveries.state = 'unknown'"), deliveries.c.next_at <= db_now())
    .order_by(deliveries.c.next_at)
    .limit(HELD)
)
_FATES = select(
    deliveries.c.commune,
    deliveries.c.delivery_id,
    deliveries.c.state,
    deliveries.c.attempts,
    deliveries.c.deaths,
    (db_now() - deliveries.c.next_at).label("late_s"),
).where(
    # Each apart: SQLite would go through all deliveries for a list of pairs.
    deliveries.c.commune.in_(bindparam("communes", expanding=True)),
    deliveries.c.delivery_id.in_(bindparam("ids", expanding=True)),
)
_BLOCKS = (
    select(blocks.c.commune, blocks.c.version_id, func.count())
    .where(literal_column("materialised_at IS NULL"), _lives(blocks))
    .group_by(blocks.c.commune, blocks.c.version_id)
    .limit(HEAD)
)
_ASKED = (
    select(
        pursuit_blocks.c.commune,
        pursuit_blocks.c.version_id + "/" + cast(pursuit_blocks.c.number, String),
        pursuit_blocks.c.due_at,
    )
    .where(pursuit_blocks.c.due_at <= db_now(), _lives(pursuit_blocks))
    .order_by(pursuit_blocks.c.due_at, pursuit_blocks.c.number)
    .limit(HEAD)
)
_PEOPLE = (
    select(pursuits.c.commune, pursuits.c.person_id, pursuits.c.due_at)
    .where(
        literal_column("pursuits.state = 'waiting'"),
        pursuits.c.due_at <= db_now(),
        _lives(pursuits),
    )
    .order_by(pursuits.c.due_at)
    .limit(HEAD)
)
