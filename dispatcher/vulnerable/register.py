"""The register kept day by day: enrolled at once, acknowledged within 8 days, corrected, removed.

Who keeps it is named one by one by the mayor; she and her deputies answer for it and need not be.
Every act is a line of the logbook that says the number of the request, never whose it is.
"""

import secrets
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from dispatcher.access.permissions import allowed
from dispatcher.alerts.drafting import id_of_key
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import NotNow, NotSo, NotThere, NotYou
from dispatcher.ciphers import NotOpened, Ring
from dispatcher.residents.phones import region_of
from dispatcher.residents.place_key import place_key
from dispatcher.store import vulnerable, vulnerable_rules
from dispatcher.store.decisions import MAYORS
from dispatcher.store.doors import door_at
from dispatcher.store.vulnerable import (
    ACKNOWLEDGED_WITHIN_DAYS,
    AsSeen,
    Request,
    Sealed,
    Waiting,
)
from dispatcher.store.vulnerable_looks import Kept
from dispatcher.vulnerable.declaration import (
    Declared,
    checked,
    declared,
    identity_of,
    marks_of,
    reach_of,
)

RING: Final = "vulnerable"  # the ring of keys that opens it (dispatcher/keys.py)
KEEP: Final = "vulnerable.keep"
ACKNOWLEDGED_WITHIN: Final = timedelta(days=ACKNOWLEDGED_WITHIN_DAYS)
HOW: Final = ("post", "hand", "email", "before")  # before: it was kept on paper until then
GONE: Final = {  # why a person is removed → as the logbook says it
    "left": "à sa demande",
    "objected": "elle s'oppose à son inscription",
    "moved": "départ de la commune",
    "died": "décès",
    "mistake": "inscription par erreur",
}
LEFT: Final = ("left", "objected")  # a third party alone does not bring her back


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
        return replace(declared(identity, ways), lon=kept.lon, lat=kept.lat)

    def sealed(self, one: Declared, entry_id: str) -> Sealed:
        """Return a person as the ledger keeps her."""
        marks, same_as = marks_of(one, mark=self.ring.mark)
        return Sealed(
            self.ring.seal(identity_of(one), place=self.place_of(entry_id, "identity")),
            self.ring.seal(reach_of(one), place=self.place_of(entry_id, "reach")),
            marks, same_as, one.lon, one.lat,
        )  # fmt: skip


@dataclass(frozen=True)
class Filed:
    """When a request came in (the commune's own day), with which click; `old`: from a file."""

    received: date
    key: str = ""
    old: bool = False


async def keeps(register: Register, actor: Actor) -> bool:
    """Tell whether somebody may keep the register: the mayor, a deputy, or who is named."""
    if actor.function in MAYORS:
        return True
    if not allowed(actor.function, KEEP):
        return False
    agents = await vulnerable_rules.agents_of(register.office.ledger, register.commune)
    return actor.login in {one.login for one in agents}


async def check_keeper(register: Register, actor: Actor) -> None:
    """Raise NotYou for whoever is not named to keep the register."""
    if not await keeps(register, actor):
        raise NotYou(
            "Le registre des personnes vulnérables est tenu par des agents nommément désignés :"
            " demandez au maire de vous désigner."
        )


async def enrol(register: Register, typed: Declared, *, filed: Filed, actor: Actor) -> int:
    """Enrol a person at once; return the number of the request. The same click enrols once.

    Raises NotSo for what was typed, NotNow where she is there already, or left and a third party
    asks, NotYou.
    """
    await check_keeper(register, actor)
    today = register.today()
    if filed.received > today:
        raise NotSo("La date de réception de la demande est dans l'avenir : corrigez-la.")
    one = await _located(register, checked(typed, region=_region(register), today=today))
    entry_id = entry_of(register, filed.key or secrets.token_hex(8), actor=actor)
    office = register.office
    done = await vulnerable.enrol(
        office.ledger,
        register.commune,
        Request(
            entry_id, one.asked_by, _start_of(filed.received, register.zone),
            brings_back=one.asked_by != "third_party" and not filed.old,
        ),
        kept=register.sealed(one, entry_id),
        line=lambda number: office.line(
            actor.login, "vulnerable.enrolled",
            f"Registre des personnes vulnérables : demande n° {number} enregistrée",
            number=number, entry=entry_id, asked_by=one.asked_by,
        ),
    )  # fmt: skip
    if done.already is not None:
        raise _already(done.already)
    if done.left_at is not None or done.number is None:
        raise NotNow(
            "Cette personne a demandé à ne pas figurer au registre : seule sa propre demande, ou"
            " celle de son représentant légal, l'y inscrit de nouveau."
        )
    return done.number


def entry_of(register: Register, key: str, *, actor: Actor) -> str:
    """Return the id of the entry that a click of somebody makes."""
    return id_of_key(register.commune, actor.login, f"vulnerable\n{key}")


def _already(number: int) -> NotNow:
    return NotNow(
        "Cette personne est déjà inscrite (demande n° {number}) : corrigez sa fiche.",
        number=number,
    )


def _region(register: Register) -> str:
    return region_of(register.commune)


def _start_of(day: date, zone: ZoneInfo) -> float:
    return datetime.combine(day, time(), zone).astimezone(UTC).timestamp()


async def _located(register: Register, one: Declared) -> Declared:
    """Return her where her address stands in the commune's own, without a place where it does not.

    What follows the first comma (a floor, a staircase) is no part of it.
    """
    keys = [place_key(one.address), place_key(one.address.partition(",")[0])]
    found = await door_at(register.office.ledger, register.commune, keys)
    return replace(one, lon=found[0], lat=found[1]) if found else replace(one, lon=None, lat=None)


async def correct(register: Register, seen: AsSeen, typed: Declared, *, actor: Actor) -> None:
    """Put a person's card right. Raises NotSo, NotYou, NotNow where it changed meanwhile."""
    await check_keeper(register, actor)
    today = register.today()
    one = await _located(register, checked(typed, region=_region(register), today=today))
    office = register.office
    line = office.line(
        actor.login, "vulnerable.corrected",
        "Registre des personnes vulnérables : une fiche est corrigée", entry=seen.entry_id,
    )  # fmt: skip
    kept = register.sealed(one, seen.entry_id)
    done = await vulnerable.correct(office.ledger, register.commune, seen, kept=kept, line=line)
    if done.already is not None:
        raise _already(done.already)
    if not done.done:
        raise NotNow("Quelqu'un vient de changer cette fiche : rouvrez-la, puis corrigez-la.")


async def remove(register: Register, entry_id: str, why: str, *, actor: Actor) -> None:
    """Remove a person from the register, at once. Raises NotSo, NotYou, NotThere."""
    await check_keeper(register, actor)
    if why not in GONE:
        raise NotSo("Choisissez dans la liste pourquoi la personne est retirée du registre.")
    office = register.office
    line = office.line(
        actor.login, "vulnerable.removed",
        f"Registre des personnes vulnérables : une personne est retirée, {GONE[why]}",
        entry=entry_id, why=why,
    )  # fmt: skip
    done = await vulnerable.remove(
        office.ledger, register.commune, entry_id, remember=why in LEFT, line=line
    )
    if not done:
        raise gone()


async def acknowledge(register: Register, entry_id: str, how: str, *, actor: Actor) -> None:
    """Note that the person was sent the receipt of her request; a second time changes nothing."""
    await check_keeper(register, actor)
    if how not in HOW:
        raise NotSo("Choisissez comment l'accusé de réception a été remis.")
    office = register.office
    line = office.line(
        actor.login, "vulnerable.acknowledged",
        "Registre des personnes vulnérables : un accusé de réception est remis",
        entry=entry_id, how=how,
    )  # fmt: skip
    await vulnerable.acknowledge(office.ledger, register.commune, entry_id, how=how, line=line)


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
