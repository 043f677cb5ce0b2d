"""The migrations make the very tables that the code speaks to."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from dispatcher.store import (
    following_tables,
    logbook_tables,
    mailboxes,
    outgoing,
    reply_tables,
    tables,
)
from dispatcher.store.ledger import Ledger
from dispatcher.store.schema import metadata


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, metadata))


async def test_the_migrations_make_the_tables_that_the_code_declares(ledger: Ledger) -> None:
    assert {
        following_tables.help_calls.metadata,
        logbook_tables.books.metadata,
        mailboxes.mailboxes.metadata,
        outgoing.deliveries.metadata,
        reply_tables.replies.metadata,
        tables.persons.metadata,
    } == {metadata}
    assert await ledger.read(differences) == []
