"""Whose access may become what: a plan names who approves, and nobody decides it alone.

Inviting and changing an access takes two people who manage accesses, one of whom may be the mayor
(SECURITY T19). Until two exist, the first may invite the people named in the plan. Who approves
alerts is always who the plan names: no two administrators can make a mayor.
"""

import re
from collections.abc import Collection, Iterable

from dispatcher.access.permissions import FUNCTIONS, allowed
from dispatcher.alerts.refusals import NotSo, NotYou
from dispatcher.store.access_requests import AccessRequest
from dispatcher.store.users import Account, User
from plans.plan import Plan

MANAGE = "access.manage"
APPROVING = ("dos", "deputy")
MANAGING = tuple(one for one in FUNCTIONS if allowed(one, MANAGE))
IN_CRISIS = ("operator", "observer")
ENOUGH = 2
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")


def functions_in_plan(plan: Plan | None, contact_id: str | None) -> frozenset[str]:
    """Return the functions that a plan gives to a person of its directory."""
    if plan is None or contact_id is None:
        return frozenset()
    found = set()
    for role in plan.roles:
        if role.code == "DOS" and contact_id == role.holder:
            found.add("dos")
        elif role.code == "DOS" and contact_id in role.deputies:
            found.add("deputy")
        elif role.code == "RAC" and contact_id in role.people:
            found.add("rac")
    if any(contact_id in (cell.lead, cell.deputy) for cell in plan.cells):
        found.add("cell_chief")
    return frozenset(found)


def check_function(plan: Plan | None, contact_id: str | None, function: str) -> None:
    """Raise NotSo for an unknown function, or for an approver whom the plan does not name."""
    if function not in FUNCTIONS:
        raise NotSo("Cette fonction n'existe pas : choisissez-en une dans la liste.")
    if function in APPROVING and function not in functions_in_plan(plan, contact_id):
        raise NotSo(
            "Le maire et ses suppléants sont ceux que le plan nomme : choisissez la personne dans"
            " l'annuaire, ou corrigez d'abord l'organisation du plan."
        )


def check_login(login: str) -> None:
    """Raise NotSo for a login that people could not type on a bad night."""
    if not _LOGIN.fullmatch(login):
        raise NotSo(
            "L'identifiant a 2 à 40 signes : minuscules sans accent, chiffres, point, tiret."
        )


def takes_two(function: str) -> bool:
    """Tell whether nobody takes such an access away alone."""
    return function in APPROVING or allowed(function, MANAGE)


def managers(accounts: Iterable[Account]) -> int:
    """Count who can manage accesses tonight."""
    return sum(one.usable and allowed(one.user.function, MANAGE) for one in accounts)


def ever_managed(accounts: Iterable[Account]) -> int:
    """Count who manages accesses or did: whoever removes the second one is not the first again.

    Persons are counted, not accounts: two of one person's never agree to each other's.
    """
    persons = {
        one.user.contact_id or f"login:{one.user.login}"
        for one in accounts
        if (one.usable or one.seen_at is not None) and allowed(one.user.function, MANAGE)
    }
    return len(persons)


def may_act_alone(accounts: Iterable[Account], plan: Plan | None, asked: AccessRequest) -> bool:
    """Tell whether an invitation needs no second person yet: the first invites people of the plan.

    Their function is the plan's own, or one that decides nothing alone.
    """
    if asked.kind != "invitation" or asked.contact_id is None or ever_managed(accounts) >= ENOUGH:
        return False
    given = functions_in_plan(plan, asked.contact_id) | {"administrator", *IN_CRISIS}
    return plan is not None and asked.function in given


def check_second(asked: AccessRequest, by: User, *, also: Collection[str] = ()) -> None:
    """Raise NotYou where this person may not be the second one of a request.

    `also` are her further accounts: two accounts of one person are not two people.
    """
    hers = (by.login, *also)
    if asked.asked_by in hers:
        raise NotYou("Vous l'avez demandé : il faut l'accord d'une autre personne.")
    if asked.login in hers or (by.contact_id and by.contact_id == asked.contact_id):
        raise NotYou("Cette demande vous concerne : une autre personne doit en décider.")
    if not allowed(by.function, MANAGE):
        raise NotYou("Il faut un administrateur ou le maire pour en décider.")


def check_left(accounts: Iterable[Account], login: str, *, to: str = "") -> None:
    """Raise NotSo where, without this person, nobody could give accesses any more."""
    left = managers(one for one in accounts if one.user.login != login)
    if not left and not allowed(to, MANAGE):
        raise NotSo("Il ne resterait personne pour donner des accès : invitez d'abord quelqu'un.")
