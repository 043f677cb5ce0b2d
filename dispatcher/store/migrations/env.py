"""Alembic's entry: runs the migrations on the connection that `store.migrate` hands in."""

from alembic import context

from dispatcher.store import (
    access_tables,
    accounts,
    alarm_tables,
    centre_tables,
    crisis_tables,
    decision_tables,
    following_tables,
    identity_tables,
    lending_tables,
    logbook_tables,
    mailboxes,
    means_tables,
    outgoing,
    passkey_tables,
    phone_tables,
    pursuit_tables,
    readiness_tables,
    reply_tables,
    sketch_tables,
    tables,
)
from dispatcher.store.schema import metadata

__all__ = [
    "access_tables",
    "accounts",
    "alarm_tables",
    "centre_tables",
    "crisis_tables",
    "decision_tables",
    "following_tables",
    "identity_tables",
    "lending_tables",
    "logbook_tables",
    "mailboxes",
    "means_tables",
    "outgoing",
    "passkey_tables",
    "phone_tables",
    "pursuit_tables",
    "readiness_tables",
    "reply_tables",
    "sketch_tables",
    "tables",
]  # imported so that their tables are known

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
