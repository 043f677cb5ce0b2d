"""By which media a person is reached: her contacts, her choice, and the targets' media in order."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple

from dispatcher.store.people import Person

# Which kinds of contact carry a medium, the best first (an SMS to a landline is refused: 21614).
CARRIED_BY = {
    "sms": ("mobile",),
    "voice": ("fixed", "mobile"),
    "email": ("email",),
    "webhook": ("webhook",),
}
# At night the landline of whoever is called up rings in an empty office.
ON_DUTY = {**CARRIED_BY, "voice": ("mobile", "fixed")}


def carried_by(person: Person) -> Mapping[str, tuple[str, ...]]:
    """Return which kinds of a person's contacts carry each medium, the best first."""
    return ON_DUTY if person.on_duty else CARRIED_BY


class Choice(NamedTuple):
    """The ways taken, as (medium, contact), or the reason why there is none."""

    ways: tuple[tuple[str, str], ...] = ()
    language: str = "fr"
    reason: str | None = None


def choose(
    person: Person | None,
    chains: Sequence[Sequence[str]],
    *,
    topics: tuple[str, ...] | None = None,
) -> Choice:
    """Take, for each target's chain, the first medium that reaches this person.

    What she chose restricts the media, unless nothing of it can be used; what she chose herself
    puts them in her order. Where no chain reaches her, her own first medium does: nobody in the
    zone is lost for want of a matching target. `topics` are those of an information
    (`store/information.py`), None of a danger: that reaches her whatever she switched off.
    """
    if person is None:
        return Choice(reason="erased")
    if person.unsubscribed:
        return Choice(language=person.language, reason="unsubscribed")
    if person.information.refuses(topics):
        return Choice(language=person.language, reason="topic_off")
    ranked = sorted(person.contacts, key=_rank)
    kinds = tuple([contact.kind for contact in ranked])
    chosen = tuple(map(tuple, chains))
    taken = _taken(
        kinds, person.chosen_media, chosen, on_duty=person.on_duty, order=person.own_order
    )
    ways = tuple([(medium, ranked[at].value) for medium, at in taken])
    return Choice(ways, person.language, None if ways else "no_contact")


_rank = attrgetter("rank")


@lru_cache(maxsize=4096)  # a million people have few sets of contacts between them
def _taken(
    kinds: tuple[str, ...],
    chosen: tuple[str, ...],
    chains: tuple[tuple[str, ...], ...],
    *,
    on_duty: bool = False,
    order: tuple[str, ...] = (),
) -> tuple[tuple[str, int], ...]:
    """Return the media taken, each with the place of its contact among those of these kinds."""
    had = {
        medium: kinds.index(kind)
        for medium, carriers in (ON_DUTY if on_duty else CARRIED_BY).items()
        if (kind := next((one for one in carriers if one in kinds), None))
    }
    accepted = ({m: at for m, at in had.items() if m in chosen} or had) if chosen else had
    media = dict.fromkeys(
        first
        for chain in chains
        if (first := next((one for one in in_her_order(chain, order) if one in accepted), None))
    )
    own_first = in_her_order(list(accepted), order)[:1]
    return tuple((medium, accepted[medium]) for medium in media or own_first)


def in_her_order(media: Sequence[str], chosen: Sequence[str]) -> list[str]:
    """Return these media, those that she chose first and in her order."""
    hers = [one for one in chosen if one in media]
    return [*hers, *(one for one in media if one not in hers)]
