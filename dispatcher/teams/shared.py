"""Whether a word, or a key, answers an alert or a summons rather than a mission.

« 1 », « 2 », « OK », « RECU », « OUI » say something of both. They answer what was asked last of
this number and not answered yet: an alert or a summons in force that was sent to it, unless a
mission was given to its team since, or the message has its answer and a mission awaits one. A
word that residents do not use (ROUTE, SURPLACE, RENFORT…) and a cry for help are the team's always.
"""

from dataclasses import dataclass
from functools import partial

from channels.reply_words import coming_of, meaning_of
from dispatcher.delivery.content import SUMMONS
from dispatcher.store.asked_last import asked_of
from dispatcher.store.ledger import Ledger
from dispatcher.store.mission_rows import Mission
from dispatcher.store.names import number_delivery
from dispatcher.store.open_alerts import Received, received
from dispatcher.store.personal import contact_mark

SHARED = ("accept", "refuse")
_KEYS = ("1", "2")


@dataclass(frozen=True)
class InForce:
    """The newest message in force that left for a number."""

    message: Received
    launched_at: float
    answered: bool

    def is_asked(self, awaiting: Mission | None) -> bool:
        """Tell whether it is what the number is to answer now, rather than the mission."""
        if awaiting is None:
            return True
        return not self.answered and self.launched_at >= (awaiting.ordered_at or 0.0)

    def takes(self, text: str) -> bool:
        """Tell whether a text is an answer to it."""
        if self.message.alert.kind == SUMMONS:
            return coming_of(text) is not None or meaning_of(text) == "help"
        return meaning_of(text) in ("understood", "help")

    def takes_key(self, digit: str) -> bool:
        """Tell whether a key is an answer to it."""
        return digit in _KEYS


async def in_force_of(ledger: Ledger, number: str) -> InForce | None:
    """Return the newest message in force that may have left for a number."""
    mark = contact_mark(ledger.ring, number)
    _, mine = await received(ledger, partial(number_delivery, contact_mark=mark))
    if not mine:
        return None
    asked = await asked_of(ledger, mine[0])
    return InForce(mine[0], asked.launched_at, asked.answered)
