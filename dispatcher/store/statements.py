"""Writing the same statement for both databases."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Insert, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


def insert_for(connection: AsyncConnection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Return an INSERT that knows ON CONFLICT, in the words of the connection's database."""
    return insert_in(connection.dialect.name, table)


def insert_in(dialect: str, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Return an INSERT that knows ON CONFLICT, in the words of `dialect`."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


async def insert_missing(
    connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, object]]
) -> int:
    """Insert the rows whose key is not there yet; return how many were new."""
    if not rows:
        return 0
    statement: Insert = insert_for(connection, table).on_conflict_do_nothing()
    result = await connection.execute(
        statement,
        [dict(row) for row in rows],
        # Without it, the count of an INSERT is not known on PostgreSQL.
        execution_options={"preserve_rowcount": True},
    )
    return max(result.rowcount, 0)


async def insert_rows(
    connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, object]]
) -> None:
    """Insert all rows at once; an empty list is no statement."""
    if rows:
        await connection.execute(table.insert(), [dict(row) for row in rows])
