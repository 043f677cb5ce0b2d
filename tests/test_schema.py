"""The migrations make the very tables that the code speaks to."""

import importlib
import pkgutil

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, Table

from dispatcher import store
from dispatcher.store.ledger import Ledger
from dispatcher.store.schema import metadata

ANOTHER_S = {"alembic_version"}  # Alembic's own, which the code only reads


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, metadata))


def homes_of_tables() -> set[MetaData]:
    """Import every room of the store: a table that is not imported is not seen."""
    found = set()
    for room in pkgutil.iter_modules(store.__path__, "dispatcher.store."):
        for value in vars(importlib.import_module(room.name)).values():
            if isinstance(value, Table) and value.name not in ANOTHER_S:
                found.add(value.metadata)
    return found


async def test_the_migrations_make_the_tables_that_the_code_declares(ledger: Ledger) -> None:
    assert homes_of_tables() == {metadata}
    assert await ledger.read(differences) == []
