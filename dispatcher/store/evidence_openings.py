"""What two people open: one asks with a reason, another agrees, for a day; each use is told."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.logbook_tables import evidence
from dispatcher.store.noted import begun, moved
from dispatcher.store.outgoing import alerts, versions
from dispatcher.store.privacy_tables import evidence_openings
from dispatcher.store.versions import Chained

OPEN_S = 86_400.0
EVIDENCE, REGISTER = "evidence", "register"  # of what was sent; of everybody, in clear


@dataclass(frozen=True)
class Opening:
    """An opening: of what, why, who asked, who agreed; instants in epoch seconds."""

    opening_id: str
    what: str
    reason: str
    reference: str
    asked_by: str
    asked_at: float
    agreed_by: str | None
    agreed_at: float | None
    closed_by: str | None
    closed_at: float | None

    def is_open(self, now: float) -> bool:
        """Tell whether it opens anything at an instant."""
        agreed = self.agreed_at is not None and now < self.agreed_at + OPEN_S
        return agreed and self.closed_at is None


@dataclass(frozen=True)
class Proven:
    """One message as the evidence has it; instants in epoch milliseconds."""

    alert_id: str
    title: str
    version: int
    medium: str
    state: str
    accepted_ms: int | None
    settled_ms: int | None
    seal: int
    place: int
    pseudonym: str


async def ask(ledger: Ledger, commune: str, row: Mapping[str, Any], *, line: Chained) -> bool:
    """Ask for the evidence; False, and no line, where the same click did."""
    fresh = {"commune": commune, **row}
    return await begun(ledger, evidence_openings, fresh, at="asked_at", line=line)


async def agree(ledger: Ledger, commune: str, opening_id: str, *, by: str, line: Chained) -> bool:
    """Open it, for who did not ask; False where it is open, over, or asked by the same person."""
    held = evidence_openings.c
    waits = and_(held.agreed_at.is_(None), held.closed_at.is_(None), held.asked_by != by)
    values = {held.agreed_by: by, held.agreed_at: db_now()}
    return await moved(ledger, _this(commune, opening_id) & waits, values, line=line)


async def close(ledger: Ledger, commune: str, opening_id: str, *, by: str, line: Chained) -> bool:
    """Close it, or refuse what was asked; False where it is closed."""
    held = evidence_openings.c
    values = {held.closed_by: by, held.closed_at: db_now()}
    free = _this(commune, opening_id) & held.closed_at.is_(None)
    return await moved(ledger, free, values, line=line)


def _this(commune: str, opening_id: str) -> ColumnElement[bool]:
    held = evidence_openings.c
    return and_(held.commune == commune, held.opening_id == opening_id)


async def openings_of(ledger: Ledger, commune: str) -> list[Opening]:
    """Return all openings, the newest first."""
    held = evidence_openings.c
    columns = [held[name] for name in Opening.__dataclass_fields__]
    wanted = select(*columns).where(held.commune == commune).order_by(held.asked_at.desc())
    async with ledger.reading() as connection:
        return [Opening(**row._mapping) for row in await connection.execute(wanted)]


@dataclass(frozen=True)
class Sought:
    """What is looked for under an opening: what went to a pseudonym, or all of an alert."""

    opening_id: str
    pseudonym: str = ""
    alert_id: str = ""


async def look(
    ledger: Ledger, commune: str, sought: Sought, *, line: Chained
) -> list[Proven] | None:
    """Return what the evidence has; the look is told in the same transaction.

    None, and no line, where the opening is not open at this instant.
    """
    which = (
        evidence.c.pseudonym == sought.pseudonym
        if sought.pseudonym
        else alerts.c.alert_id == sought.alert_id
    )
    wanted = (
        select(
            alerts.c.alert_id,
            alerts.c.title,
            versions.c.number.label("version"),
            *(evidence.c[name] for name in _SHOWN),
        )
        .join_from(
            evidence,
            versions,
            and_(
                versions.c.commune == evidence.c.commune,
                versions.c.version_id == evidence.c.version_id,
            ),
        )
        .join(
            alerts,
            and_(alerts.c.commune == versions.c.commune, alerts.c.alert_id == versions.c.alert_id),
        )
        .where(evidence.c.commune == commune, which)
        .order_by(evidence.c.seal, evidence.c.place)
    )
    async with ledger.writing() as connection:
        if not await _is_open(connection, commune, sought.opening_id, what=EVIDENCE):
            return None
        found = [Proven(**row._mapping) for row in await connection.execute(wanted)]
        await append(connection, commune=commune, entry=line.entry, key=line.key)
    return found


async def note_use(ledger: Ledger, commune: str, opening_id: str, *, line: Chained) -> bool:
    """Tell that the register is handed out; False, and no line, where nothing opens it now."""
    async with ledger.writing() as connection:
        if not await _is_open(connection, commune, opening_id, what=REGISTER):
            return False
        await append(connection, commune=commune, entry=line.entry, key=line.key)
    return True


async def _is_open(
    connection: AsyncConnection, commune: str, opening_id: str, *, what: str
) -> bool:
    held = evidence_openings.c
    standing = select(held.opening_id).where(
        _this(commune, opening_id),
        held.what == what,
        held.closed_at.is_(None),
        held.agreed_at > db_now() - OPEN_S,
    )
    return (await connection.execute(standing)).first() is not None


_SHOWN = ("medium", "state", "accepted_ms", "settled_ms", "seal", "place", "pseudonym")
