"""Asking for an access to be given, changed or taken away; a second person decides (deciding.py).

What takes rights away does not wait: an access that neither approves alerts nor gives accesses is
removed by one person at once, and everybody is told.
"""

import re
import secrets
from dataclasses import dataclass, replace

from dispatcher.alerts.office import Office
from dispatcher.alerts.plan_in_force import in_force, is_mobile
from dispatcher.alerts.refusals import NotNow, NotSo, NotThere
from dispatcher.residents.phones import PhoneRefused, read_phone, region_of
from dispatcher.staff import rules
from dispatcher.staff.links import Sent, link_for
from dispatcher.staff.telling import announced
from dispatcher.store import access_requests
from dispatcher.store.access_requests import AccessRequest
from dispatcher.store.crises import led_event_of
from dispatcher.store.users import Account, User, accounts_of
from plans.people import Contact
from plans.plan import Plan
from plans.wire import EMAIL

WAITS = "Une demande attend déjà pour cette personne : décidez-en d'abord."


@dataclass(frozen=True)
class Invitation:
    """Whom to invite: somebody of the plan's directory, or somebody with a name and an address."""

    login: str
    function: str
    contact_id: str | None = None
    name: str = ""
    mobile: str = ""
    email: str = ""
    reason: str = ""


async def plan_of(office: Office) -> Plan | None:
    """Return the plan in force, None before the first."""
    try:
        return (await in_force(office)).plan
    except NotThere:
        return None


async def invite(office: Office, wanted: Invitation, *, by: User) -> Sent:
    """Ask for an invitation, or make it at once where one person is enough; see `rules`.

    Raises NotSo, NotNow. The link goes to the invited person alone, never to who invites.
    """
    rules.check_login(wanted.login)
    await _check_free(office, wanted.login)
    accounts = await accounts_of(office.ledger, office.commune)
    plan = await plan_of(office)
    asked = _invited(office, wanted, plan, by=by)
    rules.check_function(plan, asked.contact_id, asked.function)
    if rules.may_act_alone(accounts, plan, asked):
        return await _alone(office, asked)
    return await _waits(office, asked)


async def grant_for_crisis(office: Office, wanted: Invitation, *, by: User) -> Sent:
    """Invite an operator or an observer alone, until the stand-down of the crisis that is led.

    For the DOS, a deputy or the RAC. Raises NotNow where no crisis is led, NotSo.
    """
    event = await led_event_of(office.ledger, office.commune)
    if event is None or event.mode != "real":
        raise NotNow(
            "Un accès de renfort se donne pendant une crise, dès la pré-alerte : hors crise,"
            " passez par « Inviter quelqu'un »."
        )
    if wanted.function not in rules.IN_CRISIS:
        raise NotSo("Un renfort est opérateur ou observateur : rien d'autre ne se donne seul.")
    rules.check_login(wanted.login)
    await _check_free(office, wanted.login)
    plan = await plan_of(office)
    asked = _invited(office, wanted, plan, by=by)
    return await _alone(office, replace(asked, until_event=event.event_id))


async def _check_free(office: Office, login: str) -> None:
    accounts = await accounts_of(office.ledger, office.commune)
    if any(one.user.login == login and one.entitled for one in accounts):
        raise NotSo("Cet identifiant est déjà pris : choisissez-en un autre.")


async def ask_function(office: Office, login: str, function: str, *, by: User, reason: str) -> Sent:
    """Ask for another function of somebody who has access. Raises NotSo, NotNow, NotThere."""
    held = await _account(office, login)
    plan = await plan_of(office)
    rules.check_function(plan, held.user.contact_id, function)
    if function == held.user.function:
        raise NotSo("Cette personne a déjà cette fonction.")
    accounts = await accounts_of(office.ledger, office.commune)
    rules.check_left(accounts, login, to=function)
    return await _waits(
        office, replace(_about(office, held, "function", by=by, reason=reason), function=function)
    )


async def ask_removal(office: Office, login: str, *, by: User, reason: str) -> Sent:
    """Take an access away: at once, or by two people where it approves or gives accesses.

    Raises NotSo where nobody could give accesses any more, NotNow, NotThere.
    """
    held = await _account(office, login)
    if not reason.strip():
        raise NotSo("Dites pourquoi : la raison est écrite dans la main courante.")
    accounts = await accounts_of(office.ledger, office.commune)
    rules.check_left(accounts, login)
    asked = _about(office, held, "removal", by=by, reason=reason)
    if rules.takes_two(held.user.function):
        return await _waits(office, asked)
    return await _alone(office, asked)


async def ask_recovery(office: Office, login: str, *, by: User, reason: str) -> Sent:
    """Ask for a link that gives somebody a new password and new factors: two people decide."""
    held = await _account(office, login)
    plan = await plan_of(office)
    reached = _reached(plan, held.user.contact_id)
    asked = replace(
        _about(office, held, "recovery", by=by, reason=reason),
        mobile=reached.mobile,
        email=reached.email,
    )
    if not (asked.mobile or asked.email):
        raise NotSo(
            "Le plan ne dit pas comment joindre cette personne : sur le serveur, lancez"
            " « tocsin access recover »."
        )
    return await _waits(office, asked)


async def _waits(office: Office, asked: AccessRequest) -> Sent:
    if not await access_requests.ask(office.ledger, asked, announced(office, asked, "asked")):
        raise NotNow(WAITS)
    return Sent(asked)


async def _alone(office: Office, asked: AccessRequest) -> Sent:
    alone = replace(asked, alone=True, state="granted", decided_by=asked.asked_by)
    token, link = link_for(alone)
    told = announced(office, alone, "granted")
    if not await access_requests.grant_alone(office.ledger, asked, told, link=link):
        raise NotNow("Cette personne n'a plus d'accès : regardez la liste.")
    return Sent(alone, token)


async def _account(office: Office, login: str) -> Account:
    for one in await accounts_of(office.ledger, office.commune):
        if one.user.login == login and one.entitled:
            return one
    raise NotThere("Cette personne n'a pas d'accès : regardez la liste.")


def _about(
    office: Office, held: Account, kind: str, *, by: User, reason: str
) -> AccessRequest:  # fmt: skip
    return AccessRequest(
        office.commune,
        secrets.token_hex(6),
        kind,
        login=held.user.login,
        name=held.user.name,
        function=held.user.function,
        asked_by=by.login,
        reason=reason.strip(),
        contact_id=held.user.contact_id,
        until_event=held.user.until_event,
    )


@dataclass(frozen=True)
class _Reached:
    mobile: str = ""
    email: str = ""


def _reached(plan: Plan | None, contact_id: str | None) -> _Reached:
    contact = _contact(plan, contact_id)
    if contact is None:
        return _Reached()
    mobiles = [one for one in contact.phones if is_mobile(one)]
    return _Reached(mobiles[0] if mobiles else "", contact.email or "")


def _typed(commune: str, wanted: Invitation) -> _Reached:
    """Read the addresses that were typed; raises NotSo."""
    mobile, email = wanted.mobile.strip(), wanted.email.strip().lower()
    if email and not re.fullmatch(str(EMAIL.pattern), email):
        raise NotSo("Cet e-mail n'a pas la forme d'une adresse : nom@domaine.fr.")
    if not mobile:
        return _Reached(email=email)
    wrong = "Ce numéro n'est pas un mobile que nous comprenons : écrivez-le comme 06 12 34 56 78."
    try:
        read = read_phone(mobile, region=region_of(commune), unsure="mobile")
    except PhoneRefused as refused:
        raise NotSo(wrong) from refused
    if read.kind != "mobile":
        raise NotSo(wrong)
    return _Reached(read.e164, email)


def _contact(plan: Plan | None, contact_id: str | None) -> Contact | None:
    if plan is None or not contact_id:
        return None
    try:
        return plan.contact(contact_id)
    except KeyError as missing:
        raise NotSo("Cette personne n'est plus dans l'annuaire du plan.") from missing


def _invited(office: Office, wanted: Invitation, plan: Plan | None, *, by: User) -> AccessRequest:
    contact = _contact(plan, wanted.contact_id)
    reached = _reached(plan, wanted.contact_id) if contact else _typed(office.commune, wanted)
    asked = AccessRequest(
        office.commune,
        secrets.token_hex(6),
        "invitation",
        login=wanted.login,
        name=contact.full_name if contact else wanted.name.strip(),
        function=wanted.function,
        asked_by=by.login,
        reason=wanted.reason.strip(),
        contact_id=contact.id if contact else None,
        mobile=reached.mobile,
        email=reached.email,
    )
    if not asked.name:
        raise NotSo("Dites qui est invité : son nom est écrit dans la main courante.")
    if not (asked.mobile or asked.email):
        raise NotSo("Donnez un mobile ou un e-mail : le lien d'invitation y est envoyé.")
    return asked
