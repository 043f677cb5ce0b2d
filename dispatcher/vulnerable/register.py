"""The register of a commune: its keys, who keeps it, what it owes within 8 days.

Who keeps it is named one by one by the mayor; she and her deputies answer for it and need not be.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from dispatcher.access.permissions import allowed
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import NotNow, NotThere, NotYou
from dispatcher.ciphers import NotOpened, Ring
from dispatcher.store import vulnerable, vulnerable_rules
from dispatcher.store.decisions import MAYORS
from dispatcher.store.vulnerable import ACKNOWLEDGED_WITHIN_DAYS, Sealed, Waiting
from dispatcher.store.vulnerable_keys import key_mark_of
from dispatcher.store.vulnerable_looks import Kept
from dispatcher.vulnerable.declaration import (
    Declared,
    declared,
    identity_of,
    marks_of,
    reach_of,
)

RING: Final = "vulnerable"  # the ring of keys that opens it (dispatcher/keys.py)
KEEP: Final = "vulnerable.keep"
ACKNOWLEDGED_WITHIN: Final = timedelta(days=ACKNOWLEDGED_WITHIN_DAYS)


@dataclass(frozen=True)
class Register:
    """The register of a commune: the office at work, and the keys that open it."""

    office: Office
    ring: Ring = field(repr=False)
    zone: ZoneInfo  # the commune's own clock, by which days are counted

    @property
    def commune(self) -> str:
        """The INSEE code of the commune."""
        return self.office.commune

    def today(self) -> date:
        """Return the commune's own day."""
        return self.office.clock().astimezone(self.zone).date()

    def place_of(self, entry_id: str, what: str) -> str:
        """Return the place that a sealed value is bound to."""
        return f"vulnerable_people.{what}.{self.commune}.{entry_id}"

    def opened(self, kept: Kept, *, reach: bool = False) -> Declared:
        """Return who was kept; her numbers only where they were asked for.

        Raises NotNow where no key opens the card: the keys are not those of this ledger.
        """
        try:
            identity = self.ring.unseal(
                kept.identity, place=self.place_of(kept.entry_id, "identity")
            )
            ways = None
            if reach:
                ways = self.ring.unseal(kept.reach, place=self.place_of(kept.entry_id, "reach"))
        except NotOpened as fault:
            raise NotNow(
                "Aucune clé n'ouvre la fiche n° {number} : remettez le dossier « keys » de la"
                " sauvegarde, puis relancez Tocsin. Rien n'est perdu.",
                number=kept.number,
            ) from fault
        return declared(identity, ways)

    def sealed(self, one: Declared, entry_id: str, *, brings_back: bool) -> Sealed:
        """Return a person as the ledger keeps her."""
        marks, same_as = marks_of(one, mark=self.ring.mark)
        return Sealed(
            self.ring.seal(identity_of(one), place=self.place_of(entry_id, "identity")),
            self.ring.seal(reach_of(one), place=self.place_of(entry_id, "reach")),
            marks, same_as, one.lon is not None, brings_back,
        )  # fmt: skip

    @property
    def key_mark(self) -> str:
        """The mark by which these keys are told from others."""
        return self.ring.mark("key", self.commune)


async def keeps(register: Register, actor: Actor) -> bool:
    """Tell whether somebody may keep the register: the mayor, a deputy, or who is named."""
    if actor.function in MAYORS:
        return True
    if not allowed(actor.function, KEEP):
        return False
    agents = await vulnerable_rules.agents_of(register.office.ledger, register.commune)
    return actor.login in {one.login for one in agents}


async def check_keeper(register: Register, actor: Actor) -> None:
    """Raise NotYou for whoever is not named to keep the register, NotNow without its own keys.

    With other keys nobody in it would be found, known to be there, or known to have left.
    """
    known = await key_mark_of(register.office.ledger, register.commune)
    if known not in (None, register.key_mark):
        raise NotNow(
            "Les clés de ce serveur ne sont pas celles du registre : remettez le dossier « keys »"
            " de la sauvegarde. Rien n'est perdu."
        )
    if not await keeps(register, actor):
        raise NotYou(
            "Le registre des personnes vulnérables est tenu par des agents nommément désignés :"
            " demandez au maire de vous désigner."
        )


def gone() -> NotThere:
    """Return the refusal for somebody who is not in the register, or not any more."""
    return NotThere("Cette personne n'est pas, ou n'est plus, dans le registre.")


@dataclass(frozen=True)
class Owed:
    """A request to acknowledge: its last day, and how many days are left (below 0: late)."""

    waiting: Waiting
    received: date
    due: date
    days_left: int


async def owed(register: Register) -> list[Owed]:
    """Return the requests to acknowledge, the most urgent first. Nothing of them is opened."""
    found = await vulnerable.waiting_of(register.office.ledger, register.commune)
    today = register.today()
    days = [(one, datetime.fromtimestamp(one.received_at, register.zone).date()) for one in found]
    return [
        Owed(one, day, day + ACKNOWLEDGED_WITHIN, (day + ACKNOWLEDGED_WITHIN - today).days)
        for one, day in days
    ]
