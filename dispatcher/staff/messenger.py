"""Messages about accesses: a link to whom it is for, an announcement to those concerned.

They go straight through a provider account, by mail where there is an address, else by SMS.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager

import structlog
from sqlalchemy.exc import SQLAlchemyError

from channels.contract import Address
from dispatcher.alarms.telling import OnCall, Words, tell_one
from dispatcher.alerts.office import Office
from dispatcher.alerts.plan_in_force import is_mobile
from dispatcher.delivery.accounts import Route, routes
from dispatcher.settings import PlaceSettings
from dispatcher.staff.asking import plan_of
from dispatcher.staff.links import Sent, address_of
from dispatcher.store.access_requests import AccessRequest
from dispatcher.store.announcements import Untold, note_told, take
from dispatcher.store.users import accounts_of
from plans.people import Contact
from plans.plan import Plan

LOOK_EVERY_S = 2.0

log = structlog.get_logger(__name__)


def people_at(place: PlaceSettings, public_url: str) -> OnCall:
    """Return the way out to people of this installation, each address given with its words."""

    def accounts() -> tuple[Route, ...]:
        return routes(place.data_dir)

    return OnCall((), accounts, public_url)


async def send_link(office: Office, way_out: OnCall, sent: Sent) -> bool:
    """Send a link to whom it is for, by every address she has; False where none took it."""
    asked = sent.asked
    link = address_of(way_out.public_url, sent.token)
    plan = await plan_of(office)
    words = _link_words(asked, link, plan)
    reached = [
        await tell_one(way_out, words, to=Address(medium, value))
        for medium, value in (("email", asked.email), ("sms", asked.mobile))
        if value
    ]
    if not any(reached):
        log.error("access.link_not_sent", commune=asked.commune, request=asked.ident)
    return any(reached)


def _link_words(asked: AccessRequest, link: str, plan: Plan | None) -> Words:
    town = plan.commune.name if plan else asked.commune
    what = "Votre accès à la console de crise" if asked.kind == "invitation" else "Récupération"
    until = "72 heures" if asked.kind == "invitation" else "30 minutes"
    text = (
        f"Bonjour {asked.name},\n\n{what} de {town} vous attend (identifiant : {asked.login}).\n"
        f"Ouvrez cette page dans les {until} et choisissez votre mot de passe :\n{link}\n\n"
        "Ce lien est pour vous seul : la mairie ne vous le demandera jamais."
    )
    short = f"{town} : {what.lower()}, identifiant {asked.login}. A ouvrir sous {until} : {link}"
    return Words(f"{what} - {town}", text, short, plan.policy.sender if plan else None)


@asynccontextmanager
async def announcing(office: Office, way_out: OnCall) -> AsyncIterator[None]:
    """Tell announcements while the block runs."""
    going = asyncio.create_task(_announce(office, way_out))
    try:
        yield
    finally:
        going.cancel()
        await asyncio.wait({going})


async def _announce(office: Office, way_out: OnCall) -> None:
    """Look for what is to be told, again and again.

    Runbook: `access.unread` says that the ledger could not be read: nothing is lost, what is to be
    told waits a day; see `/readyz`. `access.announced` with `reached` 0: nobody who approves
    alerts has an address that works; look at `tocsin provider check` and at the plan's directory.
    """
    while True:
        try:
            one = await take(office.ledger)
            if one is not None:
                reached = await _tell(office.of(one.commune), way_out, one)
                log.info("access.announced", commune=one.commune, reached=reached)
                if reached:
                    await note_told(office.ledger, one)
                continue
        except (SQLAlchemyError, OSError) as error:
            log.warning("access.unread", kind=type(error).__name__)
        await asyncio.sleep(LOOK_EVERY_S)


async def _tell(office: Office, way_out: OnCall, one: Untold) -> int:
    plan = await plan_of(office)
    contacts = await _concerned(office, plan, one.told.logins)
    words = Words(
        one.told.subject,
        one.told.body,
        one.told.body[:300],
        plan.policy.sender if plan else None,
    )
    told = [await _tell_person(way_out, words, to) for to in ways_to(contacts)]
    return sum(told)


async def _tell_person(way_out: OnCall, words: Words, to: tuple[Address, ...]) -> bool:
    """Try a person's addresses until one takes it."""
    for one in to:
        if await tell_one(way_out, words, to=one):
            return True
    return False


async def _concerned(
    office: Office, plan: Plan | None, logins: Iterable[str]
) -> Mapping[str, Contact]:
    """Return the people of the plan who approve alerts, and those of these logins, by id."""
    if plan is None:
        return {}
    found = {one.id: one for one in plan.approver_contacts()}
    known = {one.id: one for one in plan.contacts}
    for account in await accounts_of(office.ledger, office.commune):
        contact = account.user.contact_id
        if account.user.login in logins and contact in known:
            found[contact] = known[contact]
    return found


def ways_to(contacts: Mapping[str, Contact]) -> list[tuple[Address, ...]]:
    """Return each person's addresses, a mail before a mobile; who has neither is left out."""
    ways = []
    for one in contacts.values():
        mobiles = [phone for phone in one.phones if is_mobile(phone)]
        mail = (Address("email", one.email),) if one.email else ()
        ways.append((*mail, *(Address("sms", phone) for phone in mobiles)))
    return [one for one in ways if one]
