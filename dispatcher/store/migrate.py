"""Bring a ledger's schema up to date, with Alembic."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from dispatcher.store.edition import OtherEdition

HERE = Path(__file__).parent / "migrations"


def _upgrade(connection: Connection, to: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["connection"] = connection
    known = {one.revision for one in ScriptDirectory.from_config(config).walk_revisions()}
    stamp = MigrationContext.configure(connection).get_current_revision()
    if stamp is not None and stamp not in known:
        raise OtherEdition
    command.upgrade(config, to)


async def migrate(url: str, *, to: str = "head") -> None:
    """Create or upgrade the schema at an address of `settings.ledger_url`; repeatable.

    Raises OtherEdition where a newer program brought it further than this one knows.
    `to` is the revision to come to: the newest, unless a test wants an older ledger.
    """
    if url.startswith("sqlite"):
        Path(url.split("///", 1)[1]).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_upgrade, to)
    finally:
        await engine.dispose()
