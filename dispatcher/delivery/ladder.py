"""A person's ladder: by which media and contacts she is tried, in which order, and why not others.

First the policy's first medium of each target, all at once; then, one at a time and after the
policy's waits, its other media; then her second contacts. Every way is a step or has a reason.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dispatcher.delivery.content import Escalation
from dispatcher.delivery.reach import CARRIED_BY, carried_by, choose, in_her_order
from dispatcher.store.people import Contact, Person

Way = tuple[str, str]  # medium, contact
_Own = Mapping[str, Sequence[Contact]]


@dataclass(frozen=True)
class Rules:
    """What the version of the alert allows: media in use, and how people are pursued."""

    media: tuple[str, ...]
    escalation: Escalation
    topics: tuple[str, ...] | None = None  # of an information; None: a danger


@dataclass(frozen=True)
class Step:
    """One more way, taken after `wait_s` of silence."""

    medium: str
    contact: str
    wait_s: float

    @property
    def way(self) -> Way:
        """Return the medium and the contact."""
        return (self.medium, self.contact)


@dataclass(frozen=True)
class LeftOut:
    """A way that is not taken, or a medium that has none: `contact` is empty then."""

    medium: str
    contact: str
    reason: str


@dataclass(frozen=True)
class Ladder:
    """The ways that leave at once, the steps that follow, what was left out and why.

    `reason` says why there is no way at all.
    """

    first: tuple[Way, ...] = ()
    steps: tuple[Step, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    language: str = "fr"
    reason: str | None = None


def ladder(person: Person | None, chains: Sequence[Sequence[str]], rules: Rules) -> Ladder:
    """Return the ladder of a person whom the targets of these chains chose."""
    choice = choose(person, chains, topics=rules.topics)
    if person is None or choice.reason:
        return Ladder(language=choice.language, reason=choice.reason)
    own = {medium: _contacts(person, medium) for medium in CARRIED_BY}
    order = _order(person, chains, own, rules)
    left_out = [*_unused(person, order, own, rules), *_doubled(person)]
    after: list[Way] = []
    for medium, contact, depth in _by_depth(order, own):
        way = (medium, contact.value)
        if way in choice.ways:
            continue
        if why := _barred(medium, contact, depth=depth, rules=rules):
            left_out.append(LeftOut(*way, why))
        else:
            after.append(way)
    at_any_hour = rules.topics is None or person.information.hours is None
    waits = rules.escalation.waits_s if at_any_hour else ()
    left_out += [LeftOut(*way, "no_step_left") for way in after[len(waits) :]]
    steps = tuple(Step(*way, wait) for way, wait in zip(after, waits, strict=False))
    return Ladder(choice.ways, steps, tuple(left_out), choice.language)


def _contacts(person: Person, medium: str) -> list[Contact]:
    """Return what carries a medium, the best first, each number or address once."""
    kinds = carried_by(person)[medium]
    carrying = [one for one in person.contacts if one.kind in kinds]
    carrying.sort(key=lambda one: (kinds.index(one.kind), one.rank))
    once: dict[str, Contact] = {}
    for one in carrying:
        once.setdefault(one.value, one)
    return list(once.values())


def _doubled(person: Person) -> Iterator[LeftOut]:
    """Find the numbers that are written twice: as a landline and as a mobile."""
    for medium, kinds in CARRIED_BY.items():
        values = [one.value for one in person.contacts if one.kind in kinds]
        for value in dict.fromkeys(values):
            if values.count(value) > 1:
                yield LeftOut(medium, value, "same_phone")


def _accepted(person: Person, own: _Own) -> list[str]:
    """Return the media that she has and chose, in her order; all where she could use no choice."""
    had = [medium for medium in CARRIED_BY if own[medium]]
    chosen = [medium for medium in had if medium in person.chosen_media] or had
    return in_her_order(chosen, person.own_order)


def _order(
    person: Person, chains: Sequence[Sequence[str]], own: _Own, rules: Rules
) -> tuple[str, ...]:
    """Return the media to try, in her order: the targets', else her own that are in use."""
    accepted = _accepted(person, own)
    wanted = list(dict.fromkeys(m for chain in chains for m in chain if m in accepted))
    hers = in_her_order(wanted, person.own_order)
    return tuple(hers) or tuple(m for m in accepted if m in rules.media or m == accepted[0])


def _unused(person: Person, order: Sequence[str], own: _Own, rules: Rules) -> Iterator[LeftOut]:
    accepted = _accepted(person, own)
    for medium in CARRIED_BY:
        if medium in order:
            continue
        if not own[medium]:
            yield LeftOut(medium, "", "no_contact")
        elif medium not in rules.media:
            yield LeftOut(medium, "", "medium_off")
        else:
            yield LeftOut(medium, "", "not_in_policy" if medium in accepted else "not_chosen")


def _by_depth(order: Sequence[str], own: _Own) -> Iterator[tuple[str, Contact, int]]:
    """Give the first contact of each medium in order, then the second of each, and so on."""
    for depth in range(max((len(own[medium]) for medium in order), default=0)):
        for medium in order:
            if depth < len(own[medium]):
                yield medium, own[medium][depth], depth


def _barred(medium: str, contact: Contact, *, depth: int, rules: Rules) -> str:
    if medium == "voice" and rules.escalation.landlines_only and contact.kind != "fixed":
        return "landlines_only"
    if depth and not rules.escalation.second_contacts:
        return "quiet_exercise"
    return ""
