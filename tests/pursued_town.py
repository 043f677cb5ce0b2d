"""A town whose people are pursued: ways out that are fakes, hands to move time and to answer."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from sqlalchemy import Connection, select, update

from dispatcher.delivery.answers import record
from dispatcher.delivery.content import Escalation
from dispatcher.delivery.drain import drain
from dispatcher.delivery.pursuing import Pursuer
from dispatcher.delivery.tokens import answer_token, page_names
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import deliveries
from dispatcher.store.people import Contact
from dispatcher.store.pursuit_tables import pursuit_blocks, pursuits
from dispatcher.store.receipts import Told, record_receipt
from tests.fake_channel import FakeChannel, door
from tests.outgoing import (
    COMMUNE,
    KEYS,
    LOGBOOK_KEY,
    Inhabitant,
    Plan,
    phone,
    rows,
)

LONG = Escalation((3600.0, 3600.0, 3600.0))
CHAIN = (("sms", "voice", "email"),)


def mail(number: int) -> str:
    return f"p{number}@valombre.example"


def resident(number: int, *more: Contact) -> Inhabitant:
    ways = (Contact("mobile", phone(number)), Contact("email", mail(number), 1), *more)
    return Inhabitant(f"p{number:05d}", ways)


def plan(*people: Inhabitant, how: Escalation = LONG, lifetime_s: float = 36_000.0) -> Plan:
    return Plan(people, CHAIN, escalation=how, lifetime_s=lifetime_s)


@dataclass
class Town:
    """A ledger with its ways out, its pursuit, and hands to move time and answer."""

    ledger: Ledger
    doors: dict[str, FakeChannel] = field(
        default_factory=lambda: {m: FakeChannel(m) for m in ("sms", "voice", "email")}
    )

    async def send(self) -> None:
        for channel in self.doors.values():
            await drain(door(self.ledger, channel))

    async def turn(self) -> set[str]:
        return set((await pursuer(self.ledger).turn()).media)

    async def later(self, wait_s: float = 3600.0) -> None:
        """Let time pass: all that was written happened so much earlier."""
        async with self.ledger.writing() as connection:
            for table, name in (
                (deliveries, "accepted_at"),
                (deliveries, "began_at"),
                (pursuit_blocks, "due_at"),
                (pursuits, "due_at"),
            ):
                await connection.execute(update(table).values({name: table.c[name] - wait_s}))

    async def answers(self, contact: str, kind: str = "understood") -> None:
        (ident,) = [
            str(r["delivery_id"])
            for r in await rows(self.ledger)
            if r["contact"] == contact and r["medium"] != "voice"
        ]
        token = answer_token(KEYS, ident)
        assert await record(self.ledger, page=page_names(KEYS, token)[0], kind=kind, via="page")

    async def receipt(
        self, contact: str, status: str, *, medium: str = "sms", redials_s: tuple[float, ...] = ()
    ) -> None:
        (ident,) = [
            str(r["delivery_id"])
            for r in await rows(self.ledger)
            if (r["contact"], r["medium"]) == (contact, medium)
        ]
        await record_receipt(self.ledger, Told(COMMUNE, ident, 1, status, 4, redials_s=redials_s))

    async def people(self) -> dict[str, tuple[str, int, str | None]]:
        async with self.ledger.reading() as connection:
            found = await connection.execute(select(pursuits))
            return {r.person_id: (r.state, r.taken, r.reason) for r in found}

    def got(self, medium: str) -> Counter[str]:
        return self.doors[medium].copies


async def states(ledger: Ledger) -> dict[tuple[str, str], str]:
    return {(str(r["medium"]), str(r["contact"])): str(r["state"]) for r in await rows(ledger)}


class Interrupted:
    """A ledger with something that happens at a write: before it, or just before its commit."""

    def __init__(
        self,
        ledger: Ledger,
        *,
        before: Callable[[], Awaitable[None]] | None = None,
        dies: bool = False,
    ) -> None:
        self._ledger, self._before, self._dies = ledger, before, dies
        self.dialect, self.read, self.reading = ledger.dialect, ledger.read, ledger.reading
        self.ring = ledger.ring

    async def write(self, act: Callable[[Connection], list[str]]) -> list[str]:
        def cut_short(connection: Connection) -> list[str]:
            done = act(connection)
            if self._dies:
                raise RuntimeError("killed")
            return done

        if self._before is not None:
            await self._before()
        return await self._ledger.write(cut_short)


def pursuer(ledger: Ledger | Interrupted) -> Pursuer:
    return Pursuer(ledger, logbook_key=LOGBOOK_KEY)  # type: ignore[arg-type]  # acts as one
