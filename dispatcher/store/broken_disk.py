"""A disk that fails to keep what was written: the process stops, and answers nothing as done (F13).

After a failed sync nobody knows which pages reached the disk, and a second sync would say that all
is well. So this process ends at once, as if killed; what it held comes back by its leases.

Runbook: `ledger.disk_failed`: look at the disk (dmesg, smartctl) before anything starts again; put
the ledger on a sound one, from the last backup if it cannot be read, and see `tocsin restored`.
"""

import os
from typing import Final

import structlog
from sqlalchemy import Engine, event
from sqlalchemy.engine.interfaces import ExceptionContext

EXIT: Final = 74  # EX_IOERR
# Not a failed write: that is a full disk or a quota as well, which the transaction undoes (F12).
UNSURE: Final = frozenset(("SQLITE_IOERR_FSYNC", "SQLITE_IOERR_DIR_FSYNC"))

log = structlog.get_logger(__name__)


def stop_when_unsure(engine: Engine) -> None:
    """End the process where SQLite cannot tell what the disk holds."""
    event.listen(engine, "handle_error", _judge)


def _judge(context: ExceptionContext) -> None:
    fault = getattr(context.original_exception, "sqlite_errorname", "")
    if fault in UNSURE:
        log.critical("ledger.disk_failed", error=fault)
        os._exit(EXIT)
