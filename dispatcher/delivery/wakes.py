"""Who looks at which queue, and when: at a ring, at a neighbour's word, or after a while."""

import asyncio

POLL_S = 0.5  # the ledger is asked this often when no bell rings


class Wakes:
    """One flag per queue and account: set by the bell or a neighbour, cleared by who looks."""

    def __init__(self) -> None:
        """Start without a flag: a new worker looks at once."""
        self._flags: dict[tuple[str, str], asyncio.Event] = {}

    def wake(self, queue: str) -> None:
        """Raise a queue's flags; an unknown name is nobody's."""
        for (name, _), flag in self._flags.items():
            if name == queue:
                flag.set()

    def all(self) -> None:
        """Raise every flag."""
        for flag in self._flags.values():
            flag.set()

    async def wait(self, queue: str, *, by: str = "") -> None:
        """Wait for a queue's flag, at most POLL_S; each account has its own."""
        if (queue, by) not in self._flags:
            self._flags[queue, by] = asyncio.Event()
            return
        flag = self._flags[queue, by]
        try:
            async with asyncio.timeout(POLL_S):
                await flag.wait()
        except TimeoutError:
            pass
        flag.clear()
