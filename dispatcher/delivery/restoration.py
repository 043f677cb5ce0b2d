"""A backup put back over a live system: what left since it was made is not sent again (F36).

Runbook: `worker.held` in the log, or `tocsin restored`, says that the ledger is older than what
this data folder saw leave. Nothing leaves. Cancel the alerts that must not go on
(`tocsin alert cancel ID`), then `tocsin restored --go-on`: every open delivery is looked up at its
provider before it may leave again. Where several machines send for one database, say it yourself
before the first worker starts: `tocsin restored --declare`.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

from dispatcher.delivery.planning import materialise_next
from dispatcher.store import restoring
from dispatcher.store.high_water import folder_of, highest, marking
from dispatcher.store.ledger import Ledger
from dispatcher.store.progress import progress_of

LOOK_EVERY_S = 1.0
HELD = "Le registre est plus ancien que ce qui est parti : copie de sauvegarde remise, rien ne part"

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class LetGo:
    """What became of the open deliveries and of the approvals given before."""

    doubted: int
    approvals_taken_back: int


@asynccontextmanager
async def remembering(ledger: Ledger, data_dir: Path, *, logbook_key: bytes) -> AsyncIterator[None]:
    """Keep this process's mark of how far the ledger came; hold a ledger that is behind it."""
    folder = folder_of(data_dir, (await progress_of(ledger)).ledger_id)
    # The marks first: other processes go on meanwhile, and a ledger is always ahead of its marks.
    # Read the other way round, a worker that starts beside a busy one would hold everything.
    reached = highest(folder)
    if reached > (await progress_of(ledger)).windows:
        await declare(ledger, logbook_key=logbook_key)
    with marking(folder) as mark:
        ledger.high_water = mark
        try:
            yield
        finally:
            ledger.high_water = None


async def declare(ledger: Ledger, *, logbook_key: bytes) -> bool:
    """Hold the ledger: nothing leaves until `go_on`. False when it is held already."""
    return await restoring.hold(ledger, key=logbook_key, text=HELD)


async def until_let_go(ledger: Ledger) -> None:
    """Wait for as long as the ledger is held. Raises OtherEdition.

    Runbook: a worker that ends with OtherEdition is not of its ledger's edition. Nothing leaves by
    it any more; workers of that edition go on. Install the newest program here too.
    """
    told = False
    while (found := await progress_of(ledger)).held:
        if not told:
            log.warning("worker.held", ledger=found.ledger_id, remedy="tocsin restored --go-on")
        told = True
        await asyncio.sleep(LOOK_EVERY_S)


async def go_on(ledger: Ledger, *, logbook_key: bytes) -> LetGo:
    """Put everything open in doubt, then let the ledger go on. May be repeated after a crash."""
    while await materialise_next(ledger) is not None:
        pass  # blocks that wait here may have left since: their deliveries are doubted too
    doubted = 0
    while part := await restoring.doubt_some(ledger):
        doubted += part
    taken_back = await restoring.let_go(ledger, key=logbook_key, doubted=doubted)
    return LetGo(doubted, taken_back)
