"""One worker process of the model: the real verbs on a ledger that dies with it."""

import random

from channels.contract import Pace, Unit
from channels.rehearsal import Rehearsal
from dispatcher.delivery import doubts
from dispatcher.delivery.desk import VersionDesk
from dispatcher.delivery.drain import drain
from dispatcher.delivery.pace import SharedPace
from dispatcher.delivery.planning import materialise_next
from dispatcher.delivery.pursuing import Pursuer
from dispatcher.delivery.retries import Dice
from dispatcher.delivery.sending import Door
from dispatcher.delivery.trunk import Trunk
from dispatcher.delivery.watch import Watch
from dispatcher.store import claims, endings
from dispatcher.store.ledger import Ledger
from tests.model.clock import Clock
from tests.model.lives import Life, Lived
from tests.model.provider import Operators, Wire
from tests.outgoing import KEYS, LOGBOOK_KEY, PUBLIC_URL

# Two for SMS: the second takes what the first leaves.
ACCOUNTS = (
    ("sms", "sms-a", 100), ("sms", "sms-b", 0), ("voice", "calls", 100), ("email", "mail", 100),
)  # fmt: skip
OWNER = "w"  # of every worker: the fences alone must keep them apart
FAST = Pace(Unit.MESSAGES, 5000.0)


class Process:
    """What a worker holds in its memory; a restart makes all of it anew."""

    def __init__(self, ledger: Ledger, life: Life, operators: Operators) -> None:
        """Start."""
        self.life = life
        self.ledger = Lived(ledger, life)
        self._clock = operators.clock
        self._trunks: dict[tuple[str, str], Trunk] = {}
        self._doors = [
            self._door(Wire(operators, life, medium=medium, account=account), "live", weight)
            for medium, account, weight in ACCOUNTS
        ] + [
            self._door(Rehearsal(medium, f"rehearsal-{medium}", FAST), "rehearsal", 100)
            for medium in ("sms", "voice", "email")
        ]
        self._desk = VersionDesk(self.ledger, KEYS, public_url=PUBLIC_URL)
        self._pursuer = Pursuer(self.ledger, logbook_key=LOGBOOK_KEY)
        self._watch = Watch(self.ledger, self._trunks)

    def _door(self, channel: Wire | Rehearsal, route: str, weight: int) -> Door:
        trunk = self._trunks.setdefault((route, channel.medium), Trunk(clock=self._clock))
        return Door(
            self.ledger,
            channel,
            route,
            _pace(channel.provider, self._clock),
            VersionDesk(self.ledger, KEYS, public_url=PUBLIC_URL),
            OWNER,
            KEYS,
            Dice(random.Random(1)),  # noqa: S311 - spreads retries, guards nothing
            trunk,
            weight,
            clock=self._clock,
        )

    async def materialise(self) -> None:
        while await materialise_next(self.ledger) is not None:
            pass

    async def drain(self) -> None:
        """Send by every account in turn; in life they work side by side."""
        for door in self._doors:
            await drain(door)

    async def tend(self) -> None:
        await claims.reap(self.ledger)
        await endings.sweep(self.ledger)
        await endings.finished(self.ledger, key=LOGBOOK_KEY)

    async def resolve(self) -> None:
        for route in ("live", "rehearsal"):  # in life each of them is a process of its own
            accounts = {one.provider: one.channel for one in self._doors if one.route == route}
            await doubts.resolve(self.ledger, accounts, keys=KEYS, desk=self._desk, route=route)

    async def pursue(self) -> None:
        while (await self._pursuer.turn()).more:
            pass

    async def watch(self) -> None:
        await self._watch.step(self._clock())


def _pace(account: str, clock: Clock) -> SharedPace:
    return SharedPace(None, account=account, rate_per_s=FAST.per_second, workers=1, clock=clock)
