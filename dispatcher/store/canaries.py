"""Daily tests in the ledger: an alert of its own each, approved beforehand, with one delivery."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, literal_column, select

from dispatcher.store import personal
from dispatcher.store.alarm_tables import dailies
from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry, append
from dispatcher.store.outgoing import alerts, deliveries, receipts, versions
from dispatcher.store.statements import insert_missing

CANARY = "tocsin"  # who makes them: they are in no list of alerts
LIFE_S = 1200.0
WHAT = "canary:"


@dataclass(frozen=True)
class Canary:
    """One test of one account: to whom, in which words; its id names it for ever."""

    commune: str
    version_id: str
    delivery_id: str
    account: str
    medium: str
    contact: str
    content: Mapping[str, object]


@dataclass(frozen=True)
class Flown:
    """A test that was sent and is not judged yet, as far as is known of it."""

    account: str
    day: str
    state: str
    reason: str | None
    age_s: float
    delivered: bool
    failed: bool


async def take_off(ledger: Ledger, canary: Canary, *, owner: str, key: bytes) -> int | None:
    """Write the intent of a test, as of any send; return its number, None when it was sent before.

    It has no reader in the registers, so a process that dies over it leaves a row that is looked
    up, and closed without a second copy.
    """
    mine = {"commune": canary.commune}
    async with ledger.writing() as connection:
        now = (await connection.execute(select(db_now()))).scalar_one()
        alert = {
            **mine, "alert_id": canary.version_id, "mode": "public_test",
            "title": str(canary.content["title"]), "created_by": CANARY, "created_at": now,
        }  # fmt: skip
        if not await insert_missing(connection, alerts, [alert]):
            return None
        version = {
            **mine, "version_id": canary.version_id, "alert_id": canary.version_id,
            "state": "launched", "content": canary.content, "digest": "0" * 64, "lane": 2,
            "expires_at": now + LIFE_S, "launched_by": CANARY, "launched_at": now,
            "finished_at": now, "people": 0,
        }  # fmt: skip
        await connection.execute(versions.insert().values(**version))
        delivery = {
            **mine, "delivery_id": canary.delivery_id, "version_id": canary.version_id,
            "medium": canary.medium, "language": "fr",
            "contact_mark": personal.contact_mark(ledger.ring, canary.contact),
            "contact": personal.sealed(
                ledger.ring,
                canary.contact,
                personal.delivery_at(canary.commune, canary.delivery_id),
            ),
            "route": "live", "lane": 2, "position": 0, "state": "sending", "next_at": now,
            "owner": owner, "fence": 1, "attempts": 1, "began_at": now,
            "lease_until": now + ledger.timing.send_lease_s, "provider": canary.account,
        }  # fmt: skip
        made = deliveries.insert().values(**delivery).returning(deliveries.c.serial)
        serial: int = (await connection.execute(made)).scalar_one()
        told = {"account": canary.account, "delivery": canary.delivery_id}
        entry = Entry(CANARY, "canary.sent", f"Essai quotidien du compte {canary.account}", told)
        await append(connection, commune=canary.commune, entry=entry, key=key)
    return serial


async def flying(ledger: Ledger) -> Sequence[Flown]:
    """Return the tests that are not judged yet."""
    last = exists(select(receipts.c.number).where(_of_delivery(), receipts.c.status == "delivered"))
    bad = exists(
        select(receipts.c.number).where(
            _of_delivery(), receipts.c.status.in_(("failed", "undelivered"))
        )
    )
    named = dailies.c.what + "/" + dailies.c.day
    statement = (
        select(
            dailies.c.what,
            dailies.c.day,
            deliveries.c.state,
            deliveries.c.reason,
            (db_now() - deliveries.c.began_at).label("age_s"),
            last.label("delivered"),
            bad.label("failed"),
        )
        .join(deliveries, deliveries.c.version_id == named)
        .where(dailies.c.done_at.is_(None), dailies.c.what.like(f"{WHAT}%"))
    )
    rows = await ledger.read(lambda one: one.execute(statement).all())
    return [
        Flown(
            row.what.removeprefix(WHAT),
            row.day,
            row.state,
            row.reason,
            row.age_s,
            bool(row.delivered) or row.state == "delivered",
            bool(row.failed),
        )
        for row in rows
    ]


def version_of(account: str, day: str) -> str:
    """Return the id of an account's test of a day: testing it twice is testing it once."""
    return f"{WHAT}{account}/{day}"


def _of_delivery() -> ColumnElement[bool]:
    return and_(
        receipts.c.commune == deliveries.c.commune,
        receipts.c.delivery_id == deliveries.c.delivery_id,
    )


async def busy(ledger: Ledger, medium: str) -> bool:
    """Tell whether messages of a launched alert wait or leave on a medium: a test waits then."""
    live = and_(
        versions.c.commune == deliveries.c.commune,
        versions.c.version_id == deliveries.c.version_id,
        versions.c.state == "launched",
        versions.c.expires_at > db_now(),
    )
    statements = [
        select(deliveries.c.delivery_id)
        .where(
            deliveries.c.medium == medium,
            deliveries.c.route == "live",
            literal_column(states),
            exists(select(versions.c.version_id).where(live)),
        )
        .limit(1)
        for states in ("deliveries.state = 'ready'", "deliveries.state IN ('claimed','sending')")
    ]
    return await ledger.read(
        lambda one: any(one.execute(statement).first() for statement in statements)
    )
