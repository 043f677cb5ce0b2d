"""The people whom stored lines name by a login or by an id of the plan, as pages call them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from jinja2 import pass_context
from jinja2.runtime import Context

from dispatcher.store.books import WRITTEN
from dispatcher.store.duties import account_names
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Line
from dispatcher.store.partners import partner_names_of
from dispatcher.store.people import DUTY
from plans.plan import Plan

USER = "user:"
PARTNER = "partner:"  # a partner's system, by its id
NAMED = re.compile(rf"(?<![\w:-])(?:{DUTY}|{USER})[\w.@-]*\w")
BRACKETED = re.compile(r"\s*\(([^()]*)\)")  # within a function's words
OWNERS = ("owner", "before")  # whom a line about a call for help names by a login


@dataclass(frozen=True)
class Person:
    """How somebody is called, and her function: a code, or the plan's own words where `told`."""

    name: str
    function: str = ""
    told: bool = False


async def people_named(ledger: Ledger, commune: str, plan: Plan | None) -> Mapping[str, Person]:
    """Return who may be named, by login, by `user:` and her login, by `contact:` and her id.

    Partners by `partner:` and theirs.

    An account goes before somebody of the directory whose id is its login.
    """
    found: dict[str, Person] = {}
    for contact in plan.contacts if plan else ():
        found[f"{DUTY}{contact.id}"] = Person(
            contact.full_name, contact.title or _post(plan, contact.id), told=True
        )
    for login, account in (await account_names(ledger, commune)).items():
        found[login] = found[f"{USER}{login}"] = Person(account.name, account.function)
    for partner, name in (await partner_names_of(ledger, commune)).items():
        found[f"{PARTNER}{partner}"] = Person(name)
    for contact in plan.contacts if plan else ():  # who signed by an id that is no account's
        found.setdefault(contact.id, found[f"{DUTY}{contact.id}"])
    return found


def _post(plan: Plan | None, contact: str) -> str:
    """Return the first function that the plan gives somebody; empty where it gives none."""
    roles = [role for role in plan.roles if contact in role.people] if plan else []
    return (roles[0].label or roles[0].code) if roles else ""


def named(text: str, call: Callable[[str], str]) -> str:
    """Return a text, whom it means by an id called by `call`."""
    return NAMED.sub(lambda found: call(found[0]), text)


def told(line: Line, call: Callable[[str], str]) -> str:
    """Return what a line says, whom it means by an id called by `call`; a person's words stay."""
    if line.kind in WRITTEN:
        return line.text
    said = named(line.text, call)
    logins = {str(line.data[key]) for key in OWNERS if line.data.get(key)}
    if not line.kind.startswith("help.") or not logins:
        return said
    meant = "|".join(map(re.escape, sorted(logins, key=len, reverse=True)))
    return re.sub(rf"(?<![\w.@-])(?:{meant})(?![\w@-])", lambda found: call(found[0]), said)


@pass_context
def _person(context: Context, ident: str) -> str:
    """Name who is meant by a login or an id of the plan, with her function; else as it is."""
    hers = _whom(context, ident)
    if hers is None or not hers.function:
        return _called(context, ident)
    own: Callable[[Context, str], str] = context.environment.filters["function_name"]
    function = hers.function if hers.told else own(context, hers.function)
    return f"{hers.name} ({BRACKETED.sub(_apart, function)})"


def _apart(found: re.Match[str]) -> str:
    return f", {found[1]}"


@pass_context
def _called(context: Context, ident: str) -> str:
    """Name who is meant by a login or an id of the plan; else as it is."""
    hers = _whom(context, ident)
    return hers.name if hers else ident.removeprefix(USER).removeprefix(DUTY).removeprefix(PARTNER)


@pass_context
def _told(context: Context, line: Line) -> str:
    return told(line, lambda ident: _person(context, ident))


@pass_context
def _named(context: Context, text: str) -> str:
    return named(text, lambda ident: _person(context, ident))


def _whom(context: Context, ident: str) -> Person | None:
    people: Mapping[str, Person] = context.get("people") or {}
    return people.get(ident)


NAMING = {"person": _person, "called": _called, "told": _told, "named": _named}  # of templates
