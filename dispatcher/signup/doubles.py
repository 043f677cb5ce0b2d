"""Two rows that may be one person: the town hall looks, and says of each pair what it is.

Each look and each word is in the logbook, by ids alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import NotNow, NotThere
from dispatcher.ciphers import NotOpened
from dispatcher.residents.merging import merged
from dispatcher.signup.asking import UNREAD
from dispatcher.signup.own_page import Page
from dispatcher.store import doubles, own_changes, registered
from dispatcher.store.doubles import Doubled, Pair
from dispatcher.store.information import Wanted
from dispatcher.store.one_person import ChangedSince, Judged, NoPair, UnderWay, make_one
from dispatcher.store.own_links import Own
from dispatcher.store.registers import Resident
from dispatcher.store.signup_ends import with_media
from dispatcher.store.versions import Chained

MOST_SHOWN = 10  # at once, on a page
NO_PAIR = "Ces deux fiches ne sont plus à comparer : l'une a changé, ou quelqu'un a répondu."


@dataclass(frozen=True)
class Compared:
    """A pair to be judged, with both cards."""

    doubled: Doubled
    cards: Sequence[Page]


async def to_judge(office: Office, *, actor: Actor) -> list[Compared]:
    """Return pairs to be judged, those of whom one has left first; the look is noted."""
    found = await doubles.doubled(office.ledger, office.commune, limit=MOST_SHOWN)
    if found:
        text = "Fiches d'habitants en double possible consultées"
        ids = sorted({ident for one in found for ident in one.pair})
        line = office.line(actor.login, "residents.looked_up", text, people=ids)
        await registered.note(office.ledger, office.commune, line)
    return [one for each in found if len((one := await _compared(office, each)).cards) > 1]


async def _compared(office: Office, found: Doubled) -> Compared:
    cards = []
    for ident in found.pair:
        own = Own(office.commune, ident)
        kept = await own_changes.kept_of(office.ledger, own)
        cards += [Page(own, kept)] if kept else []
    return Compared(found, cards)


async def one_person(office: Office, seen: Doubled, *, actor: Actor) -> str:
    """Join two rows: they are one person; return her id. Raises NotThere, NotNow."""

    def line(stays: str, goes: str) -> Chained:
        text = "Deux fiches réunies par la mairie : une seule personne"
        return office.line(actor.login, "residents.joined", text, person=stays, was=goes)

    judged = Judged(seen, actor.login, as_one, line)
    try:
        return await make_one(office.ledger, office.commune, judged)
    except NoPair as fault:
        raise NotThere(NO_PAIR) from fault
    except ChangedSince as fault:
        raise NotNow(
            "L'une des deux vient de quitter les alertes, ou d'y revenir : relisez, puis répondez."
        ) from fault
    except UnderWay as fault:
        raise NotNow(
            "Une alerte, un appel à l'aide ou une mission est en cours : réunissez ces fiches quand"
            " ce sera fini."
        ) from fault
    except NotOpened as fault:
        raise NotNow(UNREAD) from fault


async def two_people(office: Office, pair: Pair, *, actor: Actor) -> None:
    """Keep that two rows are two people: they are shown no more. Raises NotThere."""
    text = "Deux fiches dites de deux personnes par la mairie"
    line = office.line(actor.login, "residents.told_apart", text, people=list(pair))
    told = await doubles.tell_apart(office.ledger, office.commune, pair, by=actor.login, line=line)
    if not told:
        raise NotThere(NO_PAIR)


def as_one(stays: Resident, goes: Resident) -> Resident:
    """Return the person whom two rows describe: nothing is lost, the more careful choice holds.

    Warned first and helped to leave if one row says so; informations are off that one switched
    off. Media that she chose hold, with those of the contacts that come to her.
    """
    both = merged([stays, goes])
    media = stays.chosen_media
    for way in goes.contacts if media else ():
        media = with_media(media, way)
    said = (stays.information, goes.information)
    off = tuple(dict.fromkeys(topic for one in said for topic in one.off))
    hours = next((one.hours for one in said if one.hours is not None), None)
    many = [one.household for one in (stays, goes) if one.household is not None]
    return replace(
        both,
        chosen_media=media,
        information=Wanted(off, hours),
        household=max(many, default=None),
    )
