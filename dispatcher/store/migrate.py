"""Bring a ledger's schema up to date, with Alembic."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from dispatcher.ciphers import Ring
from dispatcher.store import register_keys
from dispatcher.store.edition import EDITION, OtherEdition
from dispatcher.store.ledger import BUSY_S

HERE = Path(__file__).parent / "migrations"
SEALED = "0047"  # the edition since which all that is personal is sealed
_ONCE_CLEAR = (
    *("persons", "homes", "deliveries", "replies", "mission_doors", "centre_people"),
    *("missions", "door_results", "field_reports", "versions", "alerts"),
)
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('tocsin-migrate'))")


async def migrate(url: str, *, ring: Ring | None = None, to: str = "head") -> None:
    """Create or upgrade the schema at an address of `settings.ledger_url`; repeatable.

    All of it or nothing, and one process at a time: who comes second finds it done. `ring` are the
    keys of the residents' register, which the ledger remembers. `to` is the revision to come to:
    the newest, unless a test wants an older ledger. Raises OtherEdition where a newer program
    brought it further than this one knows, OtherKeys where others sealed it, KeysNeeded where an
    older one holds people and no ring is given.
    """
    if url.startswith("sqlite"):
        Path(url.split("///", 1)[1]).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = create_async_engine(url, hide_parameters=True)  # an upgrade seals people's rows
    try:
        async with engine.connect() as connection:
            if await connection.run_sync(_is_done, ring):
                return  # without the lock that a long upgrade, or a fan-out, may hold
        await engine.dispose()  # what follows is set on new connections
        _in_one_piece(engine)
        async with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                await connection.execute(_ONE_AT_A_TIME)
            was_clear = await connection.run_sync(_upgrade, to, ring)
        if was_clear:
            await _forget(engine)
    finally:
        await engine.dispose()


def _stamp(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _is_done(connection: Connection, ring: Ring | None) -> bool:
    if _stamp(connection) != EDITION:
        return False
    return ring is None or register_keys.fit(connection, ring)


async def _forget(engine: AsyncEngine) -> None:
    """Write it anew: what was clear stays in pages, or dead rows, that nothing uses any more."""
    if engine.dialect.name == "sqlite":
        async with engine.connect() as connection:
            await connection.execution_options(tocsin_plain=True)
            await connection.exec_driver_sql("VACUUM")
            await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return
    plain = engine.execution_options(isolation_level="AUTOCOMMIT")
    async with plain.connect() as connection:
        for table in _ONCE_CLEAR:
            await connection.exec_driver_sql(f"VACUUM FULL {table}")


def _upgrade(connection: Connection, to: str, ring: Ring | None) -> bool:
    """Bring it up to date; tell whether anything personal was kept clear in it before."""
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["connection"] = connection
    config.attributes["ring"] = ring
    known = {one.revision for one in ScriptDirectory.from_config(config).walk_revisions()}
    stamp = _stamp(connection)
    if stamp is not None and stamp not in known:
        raise OtherEdition
    command.upgrade(config, to)
    if ring is not None and to == "head":
        register_keys.adopt(connection, ring)
    return stamp is not None and stamp < SEALED


def _in_one_piece(engine: AsyncEngine) -> None:
    """Let SQLite's changes of tables be undone too: by itself its driver commits each of them.

    Foreign keys stay off, as they are by default: a table that is replaced is dropped, and its
    children must not go with it.
    """
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine.sync_engine, "connect")
    def _plain(connection: Any, _record: Any) -> None:  # noqa: ANN401 - SQLAlchemy's events
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_S * 1000}")
        cursor.execute("PRAGMA secure_delete=ON")  # what was clear is not left in freed pages
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        if not connection.get_execution_options().get("tocsin_plain"):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
