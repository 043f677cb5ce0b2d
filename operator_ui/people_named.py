"""The people whom stored lines name by a login or by an id of the plan, as pages call them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dispatcher.store.books import WRITTEN
from dispatcher.store.duties import account_names
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Line
from dispatcher.store.people import DUTY
from plans.plan import Plan

USER = "user:"
NAMED = re.compile(rf"(?<![\w:-])(?:{DUTY}|{USER})[\w.@-]*\w")


OWNERS = ("owner", "before")  # whom a line about a call for help names by a login


@dataclass(frozen=True)
class Person:
    """How somebody is called, and her function: a code, or the plan's own words where `told`."""

    name: str
    function: str = ""
    told: bool = False


async def people_named(ledger: Ledger, commune: str, plan: Plan | None) -> Mapping[str, Person]:
    """Return who may be named, by login, by `user:` and her login, by `contact:` and her id.

    An account goes before somebody of the directory whose id is its login.
    """
    found: dict[str, Person] = {}
    for contact in plan.contacts if plan else ():
        found[f"{DUTY}{contact.id}"] = Person(
            contact.full_name, contact.title or _post(plan, contact.id), told=True
        )
    for login, account in (await account_names(ledger, commune)).items():
        found[login] = found[f"{USER}{login}"] = Person(account.name, account.function)
    for contact in plan.contacts if plan else ():  # who signed by an id that is no account's
        found.setdefault(contact.id, found[f"{DUTY}{contact.id}"])
    return found


def _post(plan: Plan | None, contact: str) -> str:
    """Return the first function that the plan gives somebody; empty where it gives none."""
    roles = [role for role in plan.roles if contact in role.people] if plan else []
    return (roles[0].label or roles[0].code) if roles else ""


def named(line: Line, call: Callable[[str], str]) -> str:
    """Return what a line says, whom it means by an id called by `call`; a person's words stay."""
    if line.kind in WRITTEN:
        return line.text
    said = NAMED.sub(lambda found: call(found[0]), line.text)
    logins = {str(line.data[key]) for key in OWNERS if line.data.get(key)}
    if not line.kind.startswith("help.") or not logins:
        return said
    meant = "|".join(map(re.escape, sorted(logins, key=len, reverse=True)))
    return re.sub(rf"(?<![\w.@-])(?:{meant})(?![\w@-])", lambda found: call(found[0]), said)
