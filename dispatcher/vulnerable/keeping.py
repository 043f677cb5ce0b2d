"""The register kept day by day: enrolled at once, acknowledged within 8 days, corrected, removed.

Every act is a line of the logbook that says the number of the request, never whose it is.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from dispatcher.alerts.drafting import id_of_key
from dispatcher.alerts.office import Actor
from dispatcher.alerts.refusals import NotNow, NotSo
from dispatcher.residents.phones import region_of
from dispatcher.residents.place_key import place_key
from dispatcher.store import vulnerable, vulnerable_looks
from dispatcher.store.doors import door_at
from dispatcher.store.vulnerable import AsSeen, Enrolled, Request
from dispatcher.store.vulnerable_looks import Look
from dispatcher.vulnerable.declaration import Declared, checked
from dispatcher.vulnerable.register import Register, check_keeper, gone

HOW: Final = ("post", "hand", "email")
BEFORE: Final = "before"  # a file of the register kept elsewhere says so; nobody of her own request
GONE: Final = {  # why a person is removed → as the logbook says it
    "left": "à sa demande",
    "objected": "elle s'oppose à son inscription",
    "moved": "départ de la commune",
    "died": "décès",
    "mistake": "inscription par erreur",
}
LEFT: Final = ("left", "objected")  # a third party alone does not bring her back
LEFT_BEFORE: Final = (
    "Cette personne a demandé à ne pas figurer au registre : seule sa propre demande, ou celle de"
    " son représentant légal, l'y inscrit de nouveau."
)
OLDEST_REQUEST: Final = timedelta(days=30 * 366)


@dataclass(frozen=True)
class Filed:
    """When a request came in (the commune's own day), with which click; `old`: from a file."""

    received: date
    key: str = ""
    old: bool = False


@dataclass(frozen=True)
class Entered:
    """A request that is in: its number, as letters say it, and its entry."""

    number: int
    entry_id: str


async def enrol(register: Register, typed: Declared, *, filed: Filed, actor: Actor) -> Entered:
    """Enrol a person at once. The same click for the same person enrols once.

    Raises NotSo for what was typed, NotNow where she is there already or does not come back by this
    request, NotYou. A refusal that tells of somebody is a look, and in the journal.
    """
    await check_keeper(register, actor)
    today = register.today()
    if not timedelta() <= today - filed.received <= OLDEST_REQUEST:
        raise NotSo("La date de réception de la demande est fausse : corrigez-la.")
    one = await _located(register, checked(typed, region=_region(register), today=today))
    entry_id = entry_of(register, one, filed.key or secrets.token_hex(8), actor=actor)
    office = register.office
    brings_back = one.asked_by != "third_party" and not filed.old
    done = await vulnerable.enrol(
        office.ledger,
        register.commune,
        Request(
            entry_id, one.asked_by, _start_of(filed.received, register.zone),
            register.key_mark, filed.old,
        ),
        kept=register.sealed(one, entry_id, brings_back=brings_back),
        line=lambda number: office.line(
            actor.login, "vulnerable.enrolled",
            f"Registre des personnes vulnérables : demande n° {number} enregistrée",
            number=number, entry=entry_id, asked_by=one.asked_by,
        ),
    )  # fmt: skip
    if done.number is None:
        look = Look(actor.login, "search", "enrolment")
        await vulnerable_looks.note(office.ledger, register.commune, None, look=look)
        raise _refused(done)
    return Entered(done.number, entry_id)


def _refused(done: Enrolled) -> NotNow:
    if done.already is not None:
        return _already(done.already)
    if done.gone:
        return NotNow(
            "Cette personne a été retirée du registre depuis : inscrivez-la par le formulaire s'il"
            " le faut."
        )
    return NotNow(LEFT_BEFORE)


def entry_of(register: Register, one: Declared, key: str, *, actor: Actor) -> str:
    """Return the id of the entry that a click of somebody makes of a person.

    Made under the register's own key: who knows the person and the click does not know the id.
    """
    who = f"{one.surname}\n{one.first_names}\n{one.born}\n{one.address}"
    click = register.ring.mark("click", f"{key}\n{who}")
    return id_of_key(register.commune, actor.login, f"vulnerable\n{click}")


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
    kept = register.sealed(one, seen.entry_id, brings_back=one.asked_by != "third_party")
    done = await vulnerable.correct(office.ledger, register.commune, seen, kept=kept, line=line)
    if done.already is not None:
        raise _already(done.already)
    if done.left:
        raise NotNow(LEFT_BEFORE)
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
        office.ledger, register.commune, entry_id, left=why in LEFT, line=line
    )
    if not done:
        raise gone()


async def acknowledge(register: Register, entry_id: str, how: str, *, actor: Actor) -> None:
    """Note that the person was sent the receipt of her request; a second time changes nothing.

    Until then its eight days run from the day it came in, whoever asked for her. Raises NotSo.
    """
    await check_keeper(register, actor)
    if how not in HOW:
        raise NotSo("Choisissez comment l'accusé de réception a été remis.")
    await _acknowledged(register, entry_id, how, actor=actor)


async def acknowledged_before(register: Register, entry_id: str, *, actor: Actor) -> None:
    """Note that she had her receipt where the register was kept until then: a file says so."""
    await check_keeper(register, actor)
    await _acknowledged(register, entry_id, BEFORE, actor=actor)


async def _acknowledged(register: Register, entry_id: str, how: str, *, actor: Actor) -> None:
    office = register.office
    line = office.line(
        actor.login, "vulnerable.acknowledged",
        "Registre des personnes vulnérables : un accusé de réception est remis",
        entry=entry_id, how=how,
    )  # fmt: skip
    await vulnerable.acknowledge(office.ledger, register.commune, entry_id, how=how, line=line)
