"""A step of something that has few: its row and its line in one transaction, or neither."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Table, select, update

from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.statements import insert_missing
from dispatcher.store.versions import Chained


async def begun(
    ledger: Ledger, table: Table, row: Mapping[str, Any], *, at: str, line: Chained
) -> bool:
    """Insert a row, its column `at` now; False, and no line, where its key is there already."""
    async with ledger.writing() as connection:
        now = (await connection.execute(select(db_now()))).scalar_one()
        if not await insert_missing(connection, table, [{**row, at: now}]):
            return False
        await append(connection, commune=row["commune"], entry=line.entry, key=line.key)
    return True


async def moved(
    ledger: Ledger, which: ColumnElement[bool], values: Mapping[Any, Any], *, line: Chained
) -> bool:
    """Write the values, by their columns, to the one row that may; False, and no line, for none."""
    table: Table = next(iter(values)).table
    step = update(table).where(which).values(values).returning(table.c.commune)
    async with ledger.writing() as connection:
        commune = (await connection.execute(step)).scalar()
        if commune is None:
            return False
        await append(connection, commune=commune, entry=line.entry, key=line.key)
    return True
