"""Alembic's entry: runs the migrations on the connection that `store.migrate` hands in."""

from alembic import context

from dispatcher.store.whole_schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
