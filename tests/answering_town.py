"""A town that answers its alerts: it got them by SMS or call, and texts or rings our number."""

import secrets
import time
from dataclasses import dataclass, field

from sqlalchemy import select, update

from channels.twilio_inbound import Rung, Texted
from dispatcher.alerts.inbound import answer_key, answer_ring, answer_text
from dispatcher.alerts.office import Office
from dispatcher.alerts.switchboard import Switchboard
from dispatcher.alerts.tying import Counter
from dispatcher.delivery import tokens
from dispatcher.delivery.drain import drain
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import answers, deliveries, versions
from dispatcher.store.reply_tables import replies
from dispatcher.store.tables import persons
from dispatcher.store.versions import Version
from tests.fake_channel import FakeChannel, door
from tests.outgoing import COMMUNE, KEYS, LOGBOOK_KEY, Plan, planned
from tests.situations import load_example_plan

HOOKS = "https://alerte.valombre.example/hooks/twilio"
NUMBER = "+33353010001"  # that the example commune shows
OTHER_NUMBER = "+33199000777"
MEDIA = ("sms", "voice")


@dataclass
class Town:
    """A ledger, the counter that answers, and what the tests look at afterwards."""

    ledger: Ledger
    switchboard: Switchboard = field(default_factory=Switchboard)

    @property
    def counter(self) -> Counter:
        """Where SMS and calls are answered."""
        office = Office(self.ledger, COMMUNE, LOGBOOK_KEY, KEYS, "https://x.example", {})
        return Counter(office, self.switchboard, "twilio-sms", HOOKS)

    async def sent(self, plan: Plan) -> Version:
        """Launch an alert and let it leave."""
        version = await planned(self.ledger, plan)
        for medium in MEDIA:
            await drain(door(self.ledger, FakeChannel(medium)))
        return version

    async def texts(self, number: str, words: str, *, sid: str = "", to: str = NUMBER) -> str:
        """Send an SMS; return what answers it."""
        return await answer_text(self.counter, Texted(sid or new_sid("SM"), number, to, words))

    async def rings(self, number: str, *, to: str = NUMBER) -> str:
        """Call; return the instructions of the call."""
        return await answer_ring(self.counter, Rung(new_sid("CA"), number, to))

    async def presses(
        self, number: str, digit: str, version: Version, *, sid: str = ""
    ) -> str | None:
        """Press a key while a version is played."""
        heard = tokens.Rung("twilio-voice", version.commune, version.version_id)
        rung = Rung(sid or new_sid("CA"), number, NUMBER, digit)
        return await answer_key(self.counter, rung, heard)

    async def answered(self) -> set[tuple[str, str, str]]:
        """Return the answers kept: version, kind, how it came."""
        wanted = select(deliveries.c.version_id, answers.c.kind, answers.c.via).join(
            deliveries, deliveries.c.delivery_id == answers.c.delivery_id
        )
        async with self.ledger.reading() as connection:
            return {tuple(row) for row in await connection.execute(wanted)}

    async def kept(self) -> list[tuple[str, str, str | None, bool]]:
        """Return the replies kept: kind, what was said, version, whether it counts."""
        wanted = select(
            replies.c.kind, replies.c.said, replies.c.version_id, replies.c.counted
        ).order_by(replies.c.received_at)
        async with self.ledger.reading() as connection:
            return [tuple(row) for row in await connection.execute(wanted)]

    async def unsubscribed(self) -> set[str]:
        """Return who is not warned any more."""
        wanted = select(persons.c.person_id).where(persons.c.unsubscribed_at.is_not(None))
        async with self.ledger.reading() as connection:
            return set((await connection.execute(wanted)).scalars())

    async def age_replies(self, seconds: float) -> None:
        """Let time pass over what was sent to our numbers."""
        async with self.ledger.writing() as connection:
            before = replies.c.received_at - seconds
            await connection.execute(update(replies).values(received_at=before))

    async def change(self, version: Version, **values: object) -> None:
        """Change a version's row: when it was launched, cancelled, or ends."""
        async with self.ledger.writing() as connection:
            await connection.execute(
                update(versions).where(versions.c.version_id == version.version_id).values(**values)
            )

    async def change_deliveries(self, version: Version, **values: object) -> None:
        """Change the rows of a version's deliveries."""
        async with self.ledger.writing() as connection:
            await connection.execute(
                update(deliveries)
                .where(deliveries.c.version_id == version.version_id)
                .values(**values)
            )


async def with_plan(ledger: Ledger) -> Town:
    """Give a town whose commune has its plan in force."""
    await load_example_plan(ledger)
    return Town(ledger)


def new_sid(prefix: str) -> str:
    """Give an identifier as the provider makes them."""
    return prefix + secrets.token_hex(16)


def ago(seconds: float) -> float:
    """Give an instant that is past."""
    return time.time() - seconds
