"""The faults of the bench: what each does to the machines, and how many windows it leaves in doubt.

A window in doubt is one whose messages may have been taken unseen: without look-up each of its
messages may be sent a second time.
"""

import asyncio
import random
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.chaos.machines import WORKERS, Machines

MOST_HARMED = 40  # messages that the operator harms at once: less than a window
DOWN_S = (0.2, 1.2)

Harm = Callable[[Machines, random.Random], Awaitable[None]]


@dataclass(frozen=True)
class Fault:
    """One kind of fault."""

    name: str
    do: Harm
    windows: int = 0
    database: str = ""  # where it is of one database only


async def _a_while(dice: random.Random) -> None:
    await asyncio.sleep(dice.uniform(*DOWN_S))


async def _worker_killed(machines: Machines, dice: random.Random) -> None:
    worker = dice.choice(machines.workers)
    await worker.kill()
    await _a_while(dice)
    await worker.start()


async def _workers_killed(machines: Machines, dice: random.Random) -> None:
    for worker in machines.workers:
        await worker.kill()
    await _a_while(dice)
    for worker in machines.workers:
        await worker.start()


async def _worker_frozen(machines: Machines, dice: random.Random) -> None:
    worker = dice.choice(machines.workers)
    worker.signal(signal.SIGSTOP)
    await asyncio.sleep(machines.timing.send_lease_s + 1)
    worker.signal(signal.SIGCONT)


async def _redis_killed(machines: Machines, dice: random.Random) -> None:
    await machines.redis.kill()
    await _a_while(dice)
    await machines.redis.start()


async def _redis_hung(machines: Machines, dice: random.Random) -> None:
    machines.redis.signal(signal.SIGSTOP)
    await _a_while(dice)
    machines.redis.signal(signal.SIGCONT)


def _line(harm: str) -> Harm:
    async def done(machines: Machines, dice: random.Random) -> None:
        await machines.proxy.order(do=harm, delay_s=dice.uniform(0.05, 0.5))
        await _a_while(dice)
        await machines.proxy.order(do="pass")

    return done


def _operator(harm: str) -> Harm:
    async def done(machines: Machines, dice: random.Random) -> None:
        await machines.operator.harm(harm, dice.randint(3, MOST_HARMED))

    return done


async def _records_down(machines: Machines, dice: random.Random) -> None:
    """Make answers get lost while the records cannot be read (F23)."""
    await machines.operator.harm("records-down", 10)
    await machines.operator.harm("drop", dice.randint(3, MOST_HARMED))


async def _connections_ended(machines: Machines, _dice: random.Random) -> None:
    await asyncio.to_thread(machines.database.hang_up)


async def _server_crashed(machines: Machines, _dice: random.Random) -> None:
    await asyncio.to_thread(machines.database.crash)


async def _locked(machines: Machines, dice: random.Random) -> None:
    await machines.database.lock(dice.uniform(1, 3))


FAULTS = (
    Fault("worker-killed", _worker_killed, 1),
    Fault("workers-killed", _workers_killed, WORKERS),
    Fault("worker-frozen", _worker_frozen, 1),
    Fault("redis-killed", _redis_killed),
    Fault("redis-hung", _redis_hung),
    Fault("line-slow", _line("slow")),
    Fault("line-refused", _line("refuse"), WORKERS),
    Fault("line-cut", _line("cut"), WORKERS),
    Fault("line-half-open", _line("swallow"), WORKERS),
    *(
        Fault(f"operator-{one}", _operator(one), 1)
        for one in ("drop", "error-after", "hang", "cut")
    ),
    *(Fault(f"operator-{one}", _operator(one)) for one in ("error-before", "too-fast")),
    Fault("operator-hang-before", _operator("hang-before")),
    Fault("records-down", _records_down, 1),
    Fault("database-connections-ended", _connections_ended, WORKERS, "postgresql"),
    Fault("database-crashed", _server_crashed, WORKERS, "postgresql"),
    Fault("database-locked", _locked, WORKERS, "sqlite"),
)


def drawn(number: int, *, database: str, dice: random.Random) -> list[Fault]:
    """Draw faults at random, each kind once before any comes a second time."""
    kinds = [one for one in FAULTS if one.database in ("", database)]
    faults: list[Fault] = []
    while len(faults) < number:
        faults += dice.sample(kinds, len(kinds))
    return faults[:number]
