"""The pretend operators of the model: what they took is the truth that everything is judged by."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from typing_extensions import override

from channels.contract import (
    Address,
    Attempt,
    AttemptToken,
    Message,
    Receipt,
    Unavailable,
    Unknown,
)
from tests.fake_channel import ACCEPTED_AND_LOST, LOST, REFUSE, FakeChannel
from tests.model.clock import Clock
from tests.model.lives import AFTER_TAKEN, BEFORE_TAKEN, Died, Life

PATIENCE_S = 10.0  # of a send, in all: a channel gives up after it
LOOK_BACK_S, LOOK_AHEAD_S = 60.0, 300.0  # of a look-up of calls: number and time are all it has


@dataclass(frozen=True)
class Taken:
    """One message that an operator took: `number` counts them over all operators."""

    number: int
    account: str
    medium: str
    alert: str
    contact: str
    text: str
    token: str
    at: float


Way = tuple[str, str, str]  # alert, medium, contact


@dataclass
class Operators:
    """All accounts: what each will do next, whose records can be read, and all that was taken."""

    clock: Clock
    taken: list[Taken] = field(default_factory=list)
    scripts: dict[str, list[str]] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)
    doubted: dict[Way, int] = field(default_factory=dict)  # sends whose end nobody was told
    refused: set[Way] = field(default_factory=set)
    on_taken: Callable[[Taken], Awaitable[None]] | None = None

    def doubt(self, way: Way) -> None:
        """Count a send of which the sender could not know the end."""
        self.doubted[way] = self.doubted.get(way, 0) + 1


class Wire(FakeChannel):
    """An account as one process reaches it."""

    def __init__(self, operators: Operators, life: Life, *, medium: str, account: str) -> None:
        """Reach `account` from this process."""
        script = operators.scripts.setdefault(account, [])
        super().__init__(medium, account, script=script, on_accept=self._take)
        self._operators = operators
        self._life = life
        self._alerts: dict[str, str] = {}  # by token: what is on its way

    @override
    async def send(self, message: Message, to: Address, *, attempt: AttemptToken) -> Receipt:
        way = (message.alert, to.medium, to.value)
        began = self._operators.clock()
        await self._life.passes(BEFORE_TAKEN)
        self._give_up_after(began, way)
        self._alerts[attempt.value] = message.alert
        outcome = self.script[0] if self.script else ""
        if outcome == REFUSE:
            self._operators.refused.add(way)
        if outcome in (LOST, ACCEPTED_AND_LOST):
            self._operators.doubt(way)
        receipt = await super().send(message, to, attempt=attempt)
        self._give_up_after(began, way)
        (number,) = [o.number for o in self._operators.taken if o.token == attempt.value]
        return Receipt(f"R{number}", receipt.status)

    def _give_up_after(self, began: float, way: Way) -> None:
        """Do as a channel whose send took too long."""
        if self._operators.clock() - began > PATIENCE_S:
            self._operators.doubt(way)
            raise Unknown("timeout", "no answer")

    async def _take(self, attempt: AttemptToken) -> None:
        """Keep what was taken, whatever becomes of who sent it."""
        mine = self.ledger[-1]
        taken = Taken(
            len(self._operators.taken), self.provider, self.medium, self._alerts[mine.token],
            mine.contact, mine.text, mine.token, self._operators.clock.now,
        )  # fmt: skip
        self._operators.taken.append(taken)
        if self._operators.on_taken is not None:
            await self._operators.on_taken(taken)
        try:
            await self._life.passes(AFTER_TAKEN)
        except Died:
            self._operators.doubt((taken.alert, taken.medium, taken.contact))
            raise

    @override
    async def find(self, attempt: Attempt) -> Receipt | None:
        self._life.check()
        if self.provider in self._operators.unreadable:
            raise Unavailable("503", "records cannot be read")
        for one in reversed(self._operators.taken):
            reference = f"R{one.number}"
            if (
                one.account == self.provider
                and reference not in attempt.known
                and self._is(one, attempt)
            ):
                return Receipt(reference)
        return None

    def _is(self, one: Taken, attempt: Attempt) -> bool:
        """Know an attempt again as Twilio's records can: a text by words, a call by its time."""
        if one.contact != attempt.to.value:
            return False
        if self.medium == "sms":
            return one.text == attempt.text
        began = self._operators.clock.told(attempt.started_at.timestamp())
        return began - LOOK_BACK_S <= one.at <= began + LOOK_AHEAD_S
