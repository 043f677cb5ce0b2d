"""Processes that live, freeze and die: a ledger seen through one of them, and its fate.

A process that died does nothing more: whatever it still tries raises. One that is frozen stands
still at its next step out of itself (to the ledger, to a provider) until it is thawed.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from dispatcher.ciphers import Ring
from dispatcher.store.crash_points import CrashPoint
from dispatcher.store.ledger import Ledger

Result = TypeVar("Result")
Seen = Callable[[str, str], Awaitable[None]]  # what a process was at, and its name

BEFORE_WRITE, AFTER_WRITE, IN_WRITE = "before a write", "after a write", "inside a write"
BEFORE_READ, BEFORE_TAKEN, AFTER_TAKEN = "before a read", "before taken", "after taken"
MOMENTS = (BEFORE_WRITE, AFTER_WRITE, IN_WRITE, BEFORE_READ, BEFORE_TAKEN, AFTER_TAKEN)


class Died(Exception):
    """The process was killed here, or was dead already."""


@dataclass(frozen=True)
class Fate:
    """What happens to a process at its `turn`-th pass of a moment or a numbered crash point."""

    at: str
    turn: int = 1
    freezes: bool = False


@dataclass
class Life:
    """One process, from its start until its death; `doing` is the verb that it is at."""

    name: str
    seen: Seen
    order: asyncio.Lock  # of all lives: a write and what is seen of it are one
    doing: str = ""
    fate: Fate | None = None
    dead: bool = False
    frozen: asyncio.Event = field(default_factory=asyncio.Event)
    thawed: asyncio.Event = field(default_factory=asyncio.Event)
    _passed: int = 0

    def destined(self, fate: Fate | None) -> None:
        """Give it a fate from now on."""
        self.fate, self._passed = fate, 0

    def thaw(self) -> None:
        """Let it go on where it stood still."""
        self.destined(None)
        self.frozen.clear()
        self.thawed.set()

    def passing(self, point: CrashPoint) -> None:
        """Die here where that is its fate: the hook of the ledger."""
        if self._due(point.name):
            self.die()
        self.check()

    def check(self) -> None:
        """Raise Died where it is dead."""
        if self.dead:
            raise Died(self.name)

    def die(self) -> None:
        """Be dead from here on."""
        self.dead = True
        raise Died(self.name)

    async def passes(self, moment: str) -> None:
        """Pass a moment: go on, die, or stand still until thawed, and then go on or be dead."""
        if self._due(moment):
            assert self.fate is not None
            if not self.fate.freezes:
                self.die()
            self.thawed.clear()
            self.frozen.set()
        while self.frozen.is_set():
            await self.thawed.wait()
        self.check()

    def _due(self, moment: str) -> bool:
        if self.fate is None or self.fate.at != moment:
            return False
        self._passed += 1
        return self._passed == self.fate.turn


class Lived(Ledger):
    """The ledger as one process has it: real, and ended or frozen with the process."""

    def __init__(self, inner: Ledger, life: Life) -> None:
        """See `inner` through the process."""
        self._inner = inner
        self._life = life
        self.timing = inner.timing
        self.passing = life.passing
        self.high_water = None

    @property
    @override
    def dialect(self) -> str:
        return self._inner.dialect

    @property
    @override
    def ring(self) -> Ring:
        return self._inner.ring

    @asynccontextmanager
    @override
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        await self._life.passes(BEFORE_READ)
        async with self._inner.reading() as connection:
            yield connection

    @asynccontextmanager
    @override
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        await self._life.passes(BEFORE_WRITE)
        async with self._life.order:
            async with self._inner.writing() as connection:
                yield connection
                self._inside()
            await self._life.seen(self._life.doing, self._life.name)
        await self._life.passes(AFTER_WRITE)

    @override
    async def write(self, act: Callable[[Connection], Result]) -> Result:
        def until_the_end(connection: Connection) -> Result:
            done = act(connection)
            self._inside()
            return done

        await self._life.passes(BEFORE_WRITE)
        async with self._life.order:
            done = await self._inner.write(until_the_end)
            await self._life.seen(self._life.doing, self._life.name)
        await self._life.passes(AFTER_WRITE)
        return done

    @override
    async def read(self, act: Callable[[Connection], Result]) -> Result:
        await self._life.passes(BEFORE_READ)
        return await self._inner.read(act)

    @override
    async def at_once(self, act: Callable[[Connection], Result]) -> Result:
        await self._life.passes(BEFORE_READ)
        return await self._inner.at_once(act)

    @override
    async def write_together(self, act: Callable[[Connection], Result]) -> Result:
        return await self.write(act)  # each by itself: what stands beside it has tests of its own

    def _inside(self) -> None:
        """Die with a transaction that is not committed."""
        fate = self._life.fate
        if fate is not None and not fate.freezes and self._life._due(IN_WRITE):
            self._life.die()
        self._life.check()
