"""Who of a summons is called next: the holder, and where she cannot or is silent, her deputy.

Pure: what is known comes in, with the instant; one step goes out. Decided once, by the person who
launched it; what follows is only her list, in its order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter

from dispatcher.store.summons_answers import COMING, UNABLE, Said
from dispatcher.store.summonses import Call

SILENT, UNREACHABLE = "silent", "unreachable"
_NOBODY = Said()


@dataclass(frozen=True)
class Found:
    """What a look found: outcomes that are new, people whose turn it is, posts without anyone."""

    outcomes: tuple[Call, ...] = ()
    people: tuple[str, ...] = ()
    filled: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()  # everybody of the list was tried in vain
    over: bool = False


def look(calls: Sequence[Call], said: Mapping[str, Said], *, now: float, wait_s: float) -> Found:
    """Return the next step of a summons; `calls` are in order of post and rank."""
    called = {call.person_id: call.called_at for call in calls if call.called_at is not None}
    known = [replace(call, called_at=called.get(call.person_id)) for call in calls]
    ends = {(call.post, call.rank): _outcome(call, said, now=now, wait_s=wait_s) for call in known}
    lists = [list(names) for _, names in groupby(known, key=attrgetter("post"))]
    turns = [_turn(names, ends) for names in lists]
    people = [turn.person_id for turn in turns if turn is not None and turn.called_at is None]
    filled = [names[0].post for names in lists if _came(names, ends)]
    return Found(
        outcomes=tuple(
            replace(call, outcome=end)
            for call in known
            if call.called_at is not None
            and (end := ends[call.post, call.rank]) is not None
            and end != call.outcome
        ),
        people=tuple(dict.fromkeys(people)),
        filled=tuple(filled),
        empty=tuple(
            names[0].post
            for names, turn in zip(lists, turns, strict=True)
            if turn is None and names[0].post not in filled
        ),
        over=len(filled) == len(lists),
    )


def _came(names: Sequence[Call], ends: Mapping[tuple[str, int], str | None]) -> bool:
    return any(ends[call.post, call.rank] == COMING for call in names)


def _turn(names: Sequence[Call], ends: Mapping[tuple[str, int], str | None]) -> Call | None:
    """Return whose turn it is at a post; None where someone comes, or nobody is left."""
    if _came(names, ends):
        return None
    return next((call for call in names if ends[call.post, call.rank] is None), None)


def _outcome(call: Call, said: Mapping[str, Said], *, now: float, wait_s: float) -> str | None:
    """Return how a call ended; None while she may still answer in her turn."""
    known = said.get(call.person_id, _NOBODY)
    if known.answer in (COMING, UNABLE):
        return known.answer
    if call.called_at is None:
        return None
    if known.lost:
        return UNREACHABLE
    return SILENT if now - call.called_at >= wait_s else None
