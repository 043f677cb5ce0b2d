"""An alert of long ago, under seal, in a commune whose data have a law."""

import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, Table, func, select, update

from dispatcher.alerts.office import Actor, Office
from dispatcher.crisis.steps import Asked
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook_tables import evidence
from dispatcher.store.outgoing import deliveries, recipients
from dispatcher.store.versions import Version
from tests.outgoing import COMMUNE, Plan, crowd, planned
from tests.sealed import PEOPLE, over, seal, settle
from tests.situations import office

DAY_S = 86_400.0
MAYOR, DEPUTY, DPO = Actor("maire", "dos"), Actor("adj", "deputy"), Actor("dpd", "dpo")
OPERATOR = Actor("op", "operator")


def later(ledger: Ledger, days: float) -> Office:
    """Return the office so many days from now."""
    now = datetime.fromtimestamp(time.time() + days * DAY_S, UTC)
    return replace(office(ledger), clock=lambda: now)


def asked(actor: Actor, key: str = "") -> Asked:
    """Return who asks, by which click."""
    return Asked(actor, key)


def row_of(table: Table, number: int, **values: object) -> dict[str, Any]:
    """Return a row with something in every column that must have something."""
    row: dict[str, Any] = {"commune": COMMUNE} if "commune" in table.c else {}
    for column in table.c:
        if column.name not in row and not column.nullable and column.server_default is None:
            one: object = f"{number}" if column.type.python_type is str else number
            row[column.name] = [] if isinstance(column.type, JSON) else one
    return {**row, **values}


async def sealed_alert(ledger: Ledger) -> Version:
    """Launch to PEOPLE; all arrives, is over and under one seal."""
    version = await planned(ledger, Plan(crowd(PEOPLE)))
    await settle(ledger, list(range(PEOPLE)))
    await over(ledger, version)
    await seal(ledger)
    return version


async def said_to(ledger: Ledger) -> int:
    """Count the messages whose contact is still kept."""
    wanted = select(func.count()).where(deliveries.c.contact != "")
    return await _count(ledger, wanted)


async def proofs(ledger: Ledger) -> int:
    """Count the rows of evidence."""
    return await _count(ledger, select(func.count()).select_from(evidence))


async def behind(ledger: Ledger) -> int:
    """Count who is known to be behind a message."""
    return await _count(ledger, select(func.count()).select_from(recipients))


async def _count(ledger: Ledger, wanted: object) -> int:
    async with ledger.reading() as connection:
        return int((await connection.execute(wanted)).scalar_one())  # type: ignore[call-overload]


async def aged(ledger: Ledger, days: float) -> None:
    """Let what was settled be so many days older."""
    async with ledger.writing() as connection:
        await connection.execute(
            update(deliveries)
            .where(deliveries.c.commune == COMMUNE)
            .values(settled_at=deliveries.c.settled_at - days * DAY_S)
        )
