"""Who keeps the register: agents named one by one by the mayor, as the law asks."""

from typing import Final

from dispatcher.access.permissions import allowed
from dispatcher.alerts.office import Actor
from dispatcher.alerts.refusals import NotSo, NotYou
from dispatcher.store import vulnerable_rules
from dispatcher.store.users import Account, accounts_of
from dispatcher.store.vulnerable_rules import Agent
from dispatcher.vulnerable.register import KEEP, Register

NAME: Final = "vulnerable.name"


async def agents(register: Register) -> list[Agent]:
    """Return who is named now."""
    return await vulnerable_rules.agents_of(register.office.ledger, register.commune)


async def nameable(register: Register) -> list[Account]:
    """Return the accounts of people who may be named, and are not yet."""
    named = {one.login for one in await agents(register)}
    return [
        one
        for one in await accounts_of(register.office.ledger, register.commune)
        if one.usable and allowed(one.user.function, KEEP) and one.user.login not in named
    ]


async def name(register: Register, login: str, *, actor: Actor) -> None:
    """Name an agent; once is enough. Raises NotYou, NotSo for who cannot be named."""
    _check(actor)
    if login in {one.login for one in await agents(register)}:
        return
    if login not in {one.user.login for one in await nameable(register)}:
        raise NotSo("Choisissez dans la liste une personne qui a un accès et une fonction active.")
    line = register.office.line(
        actor.login, "vulnerable.named",
        f"Registre des personnes vulnérables : {login} est désigné pour le tenir", login=login,
    )  # fmt: skip
    await vulnerable_rules.name_agent(register.office.ledger, register.commune, login, line=line)


async def end(register: Register, login: str, *, actor: Actor) -> None:
    """End an agent's designation: she sees nothing more from then on."""
    _check(actor)
    line = register.office.line(
        actor.login, "vulnerable.unnamed",
        f"Registre des personnes vulnérables : {login} n'est plus désigné", login=login,
    )  # fmt: skip
    await vulnerable_rules.end_agent(register.office.ledger, register.commune, login, line=line)


def _check(actor: Actor) -> None:
    if not allowed(actor.function, NAME):
        raise NotYou("Le maire désigne nommément qui tient le registre.")
