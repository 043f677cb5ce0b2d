"""The intent of a window on PostgreSQL asks for its own readers, never for the whole commune."""

from sqlalchemy import Connection

from dispatcher.store import window_words
from dispatcher.store.listed import rows_of
from tests.ledgers import fresh_database, fresh_ledger


async def test_the_readers_of_a_window_are_asked_for_one_delivery_at_a_time(
    postgres_url: str,
) -> None:
    """An EXISTS that PostgreSQL turns into a join was planned from the persons' side."""
    statement = window_words.BEGIN["postgresql"]
    given = {"held_by": "w", "by": "p", "lease_s": 15.0, **rows_of([])}

    def plan(connection: Connection) -> str:
        compiled = statement.compile(dialect=connection.dialect)
        rows = connection.exec_driver_sql(f"EXPLAIN {compiled}", compiled.construct_params(given))
        return "\n".join(row[0] for row in rows)

    async with fresh_database(postgres_url) as url, fresh_ledger(url) as ledger:
        shown = await ledger.read(plan)
    assert "SubPlan" in shown
    assert "persons" not in shown.split("SubPlan")[0]
