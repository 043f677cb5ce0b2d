"""The proof of who was warned: each delivery is put under seal once, as it ended.

The rows name nobody: erasing a person leaves them, and the hash over them, as they are. What a
provider still says of a delivery afterwards stays beside it, among the receipts.
"""

import hmac
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, Select, Update, exists, or_, select, update

from dispatcher.store import personal
from dispatcher.store.clocks import held_version
from dispatcher.store.erasing import anybody_behind
from dispatcher.store.ledger import Ledger
from dispatcher.store.listed import DIALECTS, listed, rows_of
from dispatcher.store.logbook_tables import evidence
from dispatcher.store.outgoing import deliveries, recipients
from dispatcher.store.seals import Filling, hold, renew
from dispatcher.store.tables import departed
from dispatcher.store.window_words import FINAL

BATCH = 1000
PAGE = 5000
# Read again behind the last look: a transaction may commit so long after the instant it wrote.
# Whatever took longer is found when its version is over.
OVERLAP_S = 30.0
_OPEN = ("ready", "claimed", "sending", "unknown")


def pseudonym(key: bytes, commune: str, contact: str) -> str:
    """Return what stands for a contact in the evidence: who holds the key and a number can ask.

    128 bits of HMAC-SHA256; empty for a contact that was erased before it was sealed.
    """
    if not contact:
        return ""
    return hmac.digest(_secret(key), f"{commune}\n{contact}".encode(), "sha256").hex()[:32]


@lru_cache(maxsize=8)
def _secret(key: bytes) -> bytes:
    """Return the evidence's own key, drawn from the logbook's."""
    return hmac.digest(key, b"tocsin evidence", "sha256")


async def fill(ledger: Ledger, filling: Filling, *, key: bytes) -> int:
    """Put under the open seal what has ended since the last look; return how many.

    Raises LeaseLost.
    """
    since, filled = filling.since - OVERLAP_S, 0
    while True:
        ended = await _ended(ledger, filling.commune, since)
        filled += await _keep(ledger, filling, [row.serial for row in ended], key=key)
        if len(ended) < BATCH:
            return filled
        since = ended[-1].settled_at


async def _ended(ledger: Ledger, commune: str, since: float) -> Sequence[Row[Any]]:
    """Return what has ended since and is under no seal, in order."""
    wanted: Select[Any] = (
        select(deliveries.c.serial, deliveries.c.settled_at)
        .where(
            deliveries.c.commune == commune,
            deliveries.c.settled_at >= since,
            ~exists().where(evidence.c.serial == deliveries.c.serial),
        )
        .order_by(deliveries.c.settled_at)
        .limit(BATCH)
    )
    return await ledger.read(lambda one: one.execute(wanted).all())


async def fill_whole(ledger: Ledger, filling: Filling, version: str, *, key: bytes) -> bool:
    """Put under seal all that is left of a version that is over: what was accepted included.

    True when nothing of it is open any more: it need not be gone through again. Raises LeaseLost.
    """
    after, still_open = 0, False
    while True:
        page = await _page(ledger, filling.commune, version, after=after)
        still_open = still_open or any(row.state in _OPEN for row in page)
        left = [row.serial for row in page if row.seal is None and row.state not in _OPEN]
        for start in range(0, len(left), BATCH):
            await _keep(ledger, filling, left[start : start + BATCH], key=key)
        await hold(ledger, filling)  # pages that are all sealed take time too
        if len(page) < PAGE:
            return not still_open
        after = page[-1].serial


async def _page(ledger: Ledger, commune: str, version: str, *, after: int) -> Sequence[Row[Any]]:
    """Return some deliveries of a version, each with its seal where it has one."""
    wanted: Select[Any] = (
        select(deliveries.c.serial, deliveries.c.state, evidence.c.seal)
        .outerjoin(evidence, evidence.c.serial == deliveries.c.serial)
        .where(
            deliveries.c.commune == commune,
            deliveries.c.version_id == version,
            deliveries.c.serial > after,
        )
        .order_by(deliveries.c.serial)
        .limit(PAGE)
    )
    return await ledger.read(lambda one: one.execute(wanted).all())


def _named(dialect: str) -> Select[Any]:
    """Select the rows to keep as they stand in this very transaction, those under a seal never."""
    rows = listed(dialect, {"serial": int})
    return (
        select(
            deliveries.c.serial,
            deliveries.c.commune,
            deliveries.c.version_id,
            deliveries.c.delivery_id,
            deliveries.c.medium,
            deliveries.c.state,
            deliveries.c.accepted_at,
            deliveries.c.settled_at,
            deliveries.c.contact,
        )
        .where(
            deliveries.c.serial == rows.c.serial,
            or_(deliveries.c.state.in_(sorted(FINAL)), deliveries.c.state == "accepted"),
            ~exists().where(evidence.c.serial == deliveries.c.serial),
        )
        .order_by(deliveries.c.serial)
    )


_NAMED = {dialect: _named(dialect) for dialect in DIALECTS}


def _forget(dialect: str) -> Update:
    """Empty the contact of what went to somebody who was erased before it came under seal."""
    rows = listed(dialect, {"serial": int})
    gone = (
        select(rows.c.serial)
        .join(recipients, recipients.c.serial == rows.c.serial)
        .join(departed, departed.c.person_id == recipients.c.person_id)
    )
    return (
        update(deliveries)
        .where(
            deliveries.c.serial.in_(gone),
            deliveries.c.contact != "",
            ~anybody_behind(),
            ~held_version(deliveries.c.commune, deliveries.c.version_id),
        )
        .values(contact="", contact_mark="")
    )


_FORGET = {dialect: _forget(dialect) for dialect in DIALECTS}


async def _keep(ledger: Ledger, filling: Filling, serials: Sequence[int], *, key: bytes) -> int:
    """Copy these deliveries under the open seal, in one short transaction."""

    def act(connection: Connection) -> int:
        renew(connection, filling)  # first: two workers never fill one seal together
        asked = rows_of([(one,) for one in serials])
        found = connection.execute(_NAMED[ledger.dialect], asked).all()
        seal, filled = renew(connection, filling, more=len(found))
        first = filled - len(found) + 1
        rows = [
            {
                **_row(row, seal=seal, place=first + number),
                "pseudonym": pseudonym(key, filling.commune, personal.contact_of(ledger.ring, row)),
            }
            for number, row in enumerate(found)
        ]
        if rows:
            connection.execute(evidence.insert(), rows)
            connection.execute(_FORGET[ledger.dialect], asked)
        return len(rows)

    return await ledger.write(act) if serials else 0


def _row(row: Row[Any], *, seal: int, place: int) -> dict[str, Any]:
    return {
        "serial": row.serial,
        "commune": row.commune,
        "seal": seal,
        "place": place,
        "version_id": row.version_id,
        "delivery_id": row.delivery_id,
        "medium": row.medium,
        "state": row.state,
        "accepted_ms": _ms(row.accepted_at),
        "settled_ms": _ms(row.settled_at),
    }


def _ms(at: float | None) -> int | None:
    return None if at is None else int(at * 1000)
