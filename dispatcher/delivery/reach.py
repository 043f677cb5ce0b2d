"""By which media a person is reached: her contacts, her choice, and the targets' media in order."""

from collections.abc import Sequence
from dataclasses import dataclass

from dispatcher.store.people import Contact, Person

# Which kinds of contact carry a medium, the best first (an SMS to a landline is refused: 21614).
CARRIED_BY = {
    "sms": ("mobile",),
    "voice": ("fixed", "mobile"),
    "email": ("email",),
    "webhook": ("webhook",),
}


@dataclass(frozen=True)
class Choice:
    """The ways taken, as (medium, contact), or the reason why there is none."""

    ways: tuple[tuple[str, str], ...] = ()
    language: str = "fr"
    reason: str | None = None


def choose(person: Person | None, chains: Sequence[Sequence[str]]) -> Choice:
    """Take, for each target's chain, the first medium that reaches this person.

    What she chose restricts the media, unless nothing of it can be used. Where no chain reaches
    her, her own first medium does: nobody in the zone is lost for want of a matching target.
    """
    if person is None:
        return Choice(reason="erased")
    if person.unsubscribed:
        return Choice(language=person.language, reason="unsubscribed")
    own = _contacts(person)
    chosen = person.chosen_media
    accepted = ({m: c for m, c in own.items() if m in chosen} or own) if chosen else own
    media = dict.fromkeys(
        first
        for chain in chains
        if (first := next((medium for medium in chain if medium in accepted), None))
    )
    ways = tuple((medium, accepted[medium]) for medium in media or list(accepted)[:1])
    return Choice(ways, person.language, None if ways else "no_contact")


def _contacts(person: Person) -> dict[str, str]:
    """Return her contact for each medium that can reach her: of the best kind, the first."""
    best: dict[str, Contact] = {}
    for contact in person.contacts:
        known = best.get(contact.kind)
        if known is None or contact.rank < known.rank:
            best[contact.kind] = contact
    return {
        medium: best[kind].value
        for medium, kinds in CARRIED_BY.items()
        if (kind := next((one for one in kinds if one in best), None))
    }
