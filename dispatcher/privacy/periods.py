"""How long each kind of data stays here: what the commune's DPO decided, or our proposal."""

from dispatcher.access.permissions import allowed
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import NotSo, NotYou
from dispatcher.privacy.kinds import BY_NAME, KINDS
from dispatcher.store import purging
from dispatcher.store.purging import Period

RULE = "privacy.rule"
LONGEST_WORDS = 300


async def days_of(office: Office) -> dict[str, int]:
    """Return how many days each kind stays here."""
    found = await purging.periods(office.ledger, office.commune)
    return {one.kind: found[one.kind].days if one.kind in found else one.days for one in KINDS}


async def decided(office: Office) -> dict[str, Period]:
    """Return the decisions that stand, by kind."""
    return await purging.periods(office.ledger, office.commune)


async def decide(office: Office, kind: str, days: int, *, reference: str, actor: Actor) -> None:
    """Keep how long a kind stays, from now on. Raises NotYou, NotSo."""
    if not allowed(actor.function, RULE):
        raise NotYou("Le délégué à la protection des données fixe les durées : demandez-le-lui.")
    known = BY_NAME.get(kind)
    if known is None:
        raise NotSo("Choisissez une durée de la liste.")
    if not known.least <= days <= known.most:
        raise NotSo("Entre {least} et {most} jours.", least=known.least, most=known.most)
    where = " ".join(reference.split())
    if not where or len(where) > LONGEST_WORDS:
        raise NotSo("Écrivez où cette décision est rangée, en une phrase.")
    line = office.line(
        actor.login, "privacy.period", f"Durée fixée : {known.said}, {days} jours ({where})",
        what=kind, days=days,
    )  # fmt: skip
    period = Period(kind, days, where, actor.login, 0.0)
    await purging.set_period(
        office.ledger, office.commune, period, entry=line.entry, key=office.logbook_key
    )
