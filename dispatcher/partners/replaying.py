"""Events told again from a cursor, a trial event, and the start after a stop."""

from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import NotNow, NotSo
from dispatcher.partners.registry import find
from dispatcher.partners.telling import announced
from dispatcher.store import partner_pushes, partner_registry
from dispatcher.store.logbook import head
from dispatcher.store.partner_registry import Registered

NOT_PUSHED = (
    "Rien n'est envoyé à ce partenaire : il n'a pas donné d'adresse, et lit lui-même les"
    " événements."
)


async def replay(office: Office, partner: str, *, after: int, by: Actor) -> int:
    """Tell it again all that came after a cursor; return the cursor. Raises NotSo, NotNow."""
    one = await _pushed(office, partner)
    end = (await head(office.ledger, office.commune)).number
    if not 0 <= after <= end:
        raise NotSo("Le curseur est un nombre de 0 à {end}.", end=end)
    told = await announced(office, one.asked, "replayed", by=by, after=after)
    return await _restarted(office, one, told, through=after)


async def resume(office: Office, partner: str, *, by: Actor) -> None:
    """Try it again now, from where it stopped. Raises NotNow."""
    one = await _pushed(office, partner)
    told = await announced(office, one.asked, "resumed", by=by)
    await _restarted(office, one, told, through=None)


async def ping(office: Office, partner: str, *, by: Actor) -> None:
    """Put a trial event in its feed, that is posted where it gave an address. Raises NotNow."""
    one = await _live(office, partner)
    told = await announced(office, one.asked, "ping", by=by)
    await partner_registry.tell(office.ledger, office.commune, told)


async def _restarted(
    office: Office, one: Registered, told: partner_registry.Told, *, through: int | None
) -> int:
    done = await partner_pushes.restart(
        office.ledger, office.commune, one.asked.partner, told, through=through
    )
    if not done:
        raise NotNow("Ce partenaire n'est pas admis : regardez sa page.")
    return one.pushed.through if through is None else through


async def _pushed(office: Office, partner: str) -> Registered:
    one = await _live(office, partner)
    if not one.asked.url:
        raise NotNow(NOT_PUSHED)
    return one


async def _live(office: Office, partner: str) -> Registered:
    one = await find(office, partner)
    if one.state != "live":
        raise NotNow("Ce partenaire n'est pas admis : regardez sa page.")
    return one
