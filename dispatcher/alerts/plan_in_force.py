"""The plan in force: loaded whole or not at all, read again from the ledger by every process."""

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import phonenumbers
from typing_extensions import override

from channels.segments import measure
from channels.senders import sender_fault
from dispatcher.alerts.audience import site_person
from dispatcher.alerts.office import Actor, Office, utc_now
from dispatcher.alerts.refusals import NotThere
from dispatcher.store import enrolment, plans
from dispatcher.store.ledger import Ledger
from dispatcher.store.people import DUTY, Contact, Person
from dispatcher.store.plans import Coming
from plans.differences import differences
from plans.folder import Found
from plans.people import Contact as PlanContact
from plans.plan import Plan
from plans.reading import Reading, read_found


@dataclass(frozen=True)
class PlanInForce:
    """A plan and the digest of the files it was read from."""

    plan: Plan
    digest: str


def read(files: Mapping[str, bytes], *, language: Literal["fr", "en"] = "fr") -> Reading:
    """Read a plan's files with the channels' own measures; faults and warnings included."""
    return judge(Found(files, {}), language=language)


def judge(found: Found, *, language: Literal["fr", "en"] = "fr") -> Reading:
    """Read what a folder holds as `read` does, with what stands in the place of its files."""
    return read_found(
        found,
        today=utc_now().date(),
        measure=measure,
        sender_fault=sender_fault,
        language=language,
    )


def digest_of(files: Mapping[str, bytes]) -> str:
    """Return one digest of all files, by path."""
    whole = hashlib.sha256()
    for path, content in sorted(files.items()):
        whole.update(f"{path}\n{len(content)}\n".encode() + content)
    return whole.hexdigest()


async def load(
    office: Office, files: Mapping[str, bytes], *, actor: Actor, coming: Coming | None = None
) -> Reading:
    """Make a plan current if it has no fault; a faulty one leaves the plan in force as it is.

    `coming` says why and from which plan it was made; without it, from none: a folder. Raises
    PlanMoved where another plan came into force since.
    """
    reading = await asyncio.to_thread(read, files)
    if reading.plan is None or reading.faults:
        return reading
    former = await plans.in_force(office.ledger, office.commune)
    came = coming or _from_a_folder(former, files)
    digest = digest_of(files)
    line = office.line(
        actor.login,
        "plan.loaded",
        f"Plan {reading.plan.version} chargé" + (f" : {came.reason}" if came.reason else ""),
        digest=digest,
        previous=former.digest if former else None,
        version=reading.plan.version,
    )
    await plans.keep(
        office.ledger,
        plans.PlanFiles(reading.plan.version, digest, files, came),
        commune=office.commune,
        entry=line.entry,
        key=line.key,
    )
    await enrolment.put_directory(office.ledger, directory(reading.plan), commune=office.commune)
    return reading


def _from_a_folder(former: plans.PlanFiles | None, files: Mapping[str, bytes]) -> Coming:
    return Coming(differences=len(differences(former.files if former else {}, files)))


def directory(plan: Plan) -> list[Person]:
    """Return the people of the plan: contacts of sensitive sites, and who is called up in a crisis.

    The first are warned by an alert, for their site; no alert to the population ever goes to the
    others as such. They are the whole directory: anybody of it may relieve a function in a crisis,
    and is called in it from then on.
    """
    contacts = {contact.id: contact for contact in plan.contacts}
    language = plan.policy.language
    sites = [
        _person(site_person(asset.id), asset.name, contact, language=language, first=True)
        for asset in plan.assets
        if (contact := contacts.get(asset.contact or "")) is not None
    ]
    on_duty = [
        _person(duty_person(contact.id), contact.full_name, contact, language=language)
        for ident in dict.fromkeys((*called_up(plan), *contacts))
        if (contact := contacts.get(ident)) is not None
    ]
    return sites + on_duty


def duty_person(contact_id: str) -> str:
    """Return the id under which somebody of the directory is called up."""
    return f"{DUTY}{contact_id}"


def called_up(plan: Plan) -> list[str]:
    """Return who holds a function or a cell, their deputies, and who is on call; each once."""
    roles = [ident for role in plan.roles for ident in role.people]
    cells = [ident for cell in plan.cells for ident in (cell.lead, cell.deputy) if ident]
    weeks = [ident for week in plan.on_call for ident in (week.official, week.technician) if ident]
    return list(dict.fromkeys((*roles, *cells, *weeks)))


def _person(
    ident: str, name: str, contact: PlanContact, *, language: str, first: bool = False
) -> Person:
    ways = [("mobile" if is_mobile(phone) else "fixed", phone) for phone in contact.phones]
    ways += [("email", contact.email)] if contact.email else []
    ways += [("webhook", contact.webhook)] if contact.webhook else []
    return Person(
        id=ident,
        name=name,
        languages=(contact.language or language,),
        contacts=tuple(Contact(kind, value, rank) for rank, (kind, value) in enumerate(ways)),
        warn_first=first,
    )


def is_mobile(phone: str) -> bool:
    """Tell a mobile, overseas and abroad too; 06 and 07 are, even where never given out."""
    if phone.startswith(("+336", "+337")):
        return True
    type_ = phonenumbers.number_type(phonenumbers.parse(phone))
    return type_ == phonenumbers.PhoneNumberType.MOBILE


async def in_force(office: Office) -> PlanInForce:
    """Return the commune's plan in force; raises NotThere when none was loaded."""
    return await plan_of(office.ledger, office.commune)


async def plan_of(ledger: Ledger, commune: str) -> PlanInForce:
    """Return a commune's plan in force, with the ledger alone; raises NotThere."""
    kept = await plans.in_force(ledger, commune)
    if kept is None:
        raise NotThere(
            "La commune {commune} n'a pas de plan : chargez-le avec « plan load DOSSIER ».",
            commune=commune,
        )
    return PlanInForce(_parsed(_Files(kept)), kept.digest)


class _Files:
    """A kept plan hashed by its digest, so that it is parsed once per process."""

    def __init__(self, kept: plans.PlanFiles) -> None:
        self.kept = kept

    @override
    def __hash__(self) -> int:
        return hash(self.kept.digest)

    @override
    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Files) and other.kept.digest == self.kept.digest


@lru_cache(maxsize=32)
def _parsed(files: _Files) -> Plan:
    reading = read(files.kept.files)
    if reading.plan is None:
        raise NotThere("Le plan en vigueur ne se lit plus avec cette version : rechargez-le.")
    return reading.plan
