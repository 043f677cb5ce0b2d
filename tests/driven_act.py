"""A process that does one act on a ledger: `python -m tests.driven_act ORDER.json`.

It stands for the web process or the command line, so that they too can be killed at any moment.
"""

import asyncio
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from channels.contract import Receipt, Status
from dispatcher.delivery.receipts import receive
from dispatcher.store import versions as store
from dispatcher.store.ledger import Ledger
from tests.crashing import killing
from tests.keyring import opened
from tests.outgoing import COMMUNE, KEYS, Plan, cancelled, crowd, launch_once
from tests.sandbox_process import ROOT


@dataclass(frozen=True)
class Act:
    """What to do: `launch` and `cancel` a version, or `tell` that an attempt was delivered."""

    verb: str
    about: str  # a version's id, or an attempt's token
    ledger_url: str
    people: int = 0
    crash: str = ""


async def acted(act: Act, folder: Path) -> int:
    """Do it in a process of its own; return how that ended."""
    order = folder / "act.json"
    order.write_text(json.dumps(asdict(act)))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.driven_act", str(order), cwd=ROOT
    )
    return await asyncio.wait_for(process.wait(), 30)


async def _do(act: Act) -> None:
    async with opened(act.ledger_url, passing=killing(act.crash)) as ledger:
        if act.verb == "tell":
            assert await receive(ledger, KEYS, act.about, Receipt("SM1", Status.DELIVERED))
            return
        await (_launch if act.verb == "launch" else _cancel)(ledger, act)


async def _launch(ledger: Ledger, act: Act) -> None:
    await launch_once(ledger, act.about, Plan(crowd(act.people), block=20))


async def _cancel(ledger: Ledger, act: Act) -> None:
    version = await store.version_by_id(ledger, COMMUNE, act.about)
    assert version is not None
    await cancelled(ledger, version)


if __name__ == "__main__":
    asyncio.run(_do(Act(**json.loads(Path(sys.argv[1]).read_text()))))
