"""Events told again from a cursor, a trial event, and the start after a stop."""

from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import NotNow, NotSo
from dispatcher.partners.refusals import IdUsed
from dispatcher.partners.registry import find
from dispatcher.partners.telling import announced
from dispatcher.store import partner_feed, partner_pushes, partner_registry
from dispatcher.store.logbook import head
from dispatcher.store.partner_messages import Answer, Answered, Message
from dispatcher.store.partner_pushes import Restart
from dispatcher.store.partner_registry import Registered, Told

MOST_HOURS = 72
NOT_PUSHED = (
    "Rien n'est envoyé à ce partenaire : il n'a pas donné d'adresse, et lit lui-même les"
    " événements."
)


async def replay(office: Office, partner: str, *, after: int, by: Actor) -> None:
    """Tell it again all that came after a cursor. Raises NotSo, NotNow, NotThere."""
    one = await _pushed(office, partner)
    await _check_cursor(office, after)
    told = await announced(office, one.asked, "replayed", by=by, after=after)
    await _restarted(office, partner, told, Restart(after))


async def replay_asked(office: Office, message: Message, *, after: int) -> Answer:
    """Do the same as the partner itself asked, once a message. Raises IdUsed besides."""
    one = await _pushed(office, message.partner)
    await _check_cursor(office, after)
    by = Actor(f"partner:{message.partner}", "")
    told = await announced(office, one.asked, "replayed", by=by, after=after)
    asked = Restart(after, message, Answer(200, {"after": after}))
    done = await _restarted(office, message.partner, told, asked)
    if done.digest != message.digest:
        raise IdUsed("Ce webhook-id a déjà servi pour un autre message : prenez-en un nouveau.")
    return done.answer


async def replay_since(office: Office, partner: str, *, hours: float, by: Actor) -> None:
    """Tell it again what was written in the last hours. Raises NotSo, NotNow, NotThere."""
    if not 0 < hours <= MOST_HOURS:
        raise NotSo("Le nombre d'heures va de 1 à 72.")
    since = office.clock().timestamp() - hours * 3600.0
    after = await partner_feed.last_before(office.ledger, office.commune, since)
    await replay(office, partner, after=after, by=by)


async def replay_passed(office: Office, partner: str, *, by: Actor) -> None:
    """Tell it again all from the first event that it refused on. Raises NotNow, NotThere."""
    one = await _pushed(office, partner)
    if not one.pushed.passed:
        raise NotNow("Ce partenaire n'a refusé aucun événement.")
    await replay(office, partner, after=one.pushed.passed_after, by=by)


async def resume(office: Office, partner: str, *, by: Actor) -> None:
    """Try it again now, from where it stopped. Raises NotNow, NotThere."""
    one = await _pushed(office, partner)
    told = await announced(office, one.asked, "resumed", by=by)
    await _restarted(office, partner, told, Restart())


async def ping(office: Office, partner: str, *, by: Actor) -> None:
    """Put a trial event in its feed, that is posted where it gave an address. Raises NotNow."""
    one = await _live(office, partner)
    told = await announced(office, one.asked, "ping", by=by)
    await partner_registry.tell(office.ledger, office.commune, told)


async def _restarted(office: Office, partner: str, told: Told, asked: Restart) -> Answered:
    done = await partner_pushes.restart(office.ledger, office.commune, partner, told, asked=asked)
    if done is None:
        raise NotNow("Ce partenaire n'est pas admis : regardez sa page.")
    return done


async def _check_cursor(office: Office, after: int) -> None:
    end = (await head(office.ledger, office.commune)).number
    if not 0 <= after <= end:
        raise NotSo("Le curseur est un nombre de 0 à {end}.", end=end)


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
