"""The law of a crisis as DOMAIN.md §3.1 says it, written apart from the code; and its machine."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import AlertRefused
from dispatcher.crisis import deciding, opening, standing_down
from dispatcher.crisis.deciding import RampUp
from dispatcher.crisis.steps import Asked, find
from dispatcher.crisis.turns import Summoner
from dispatcher.store import crises
from dispatcher.store.crises import Event
from tests.crises import CALL_FROM, OPERATOR, by, kinds_of
from tests.crises import opened as opened_event

QUIET = RampUp(call=False)
ALL = ("dos", "deputy", "rac", "cell_chief", "operator")
LEAD, DECIDE = ALL[:3], ALL[:2]
OPEN = ("signale", "evaluation", "pre_alerte", "active")
Verb = Callable[[Office, str, Asked], Coroutine[Any, Any, Event]]


@dataclass(frozen=True)
class Law:
    """From which states, to which (None: it stays), by whom, by which verb."""

    sources: tuple[str, ...]
    to: str | None
    functions: tuple[str, ...]
    verb: Verb


LAW = {
    "assess": Law(
        ("signale",), "evaluation", ALL,
        lambda town, ident, asked: deciding.assess(town, ident, asked=asked),
    ),
    "no_follow_up": Law(
        ("signale", "evaluation"), "sans_suite", LEAD,
        lambda town, ident, asked: deciding.no_follow_up(town, ident, asked=asked),
    ),
    "pre_alert": Law(
        ("signale", "evaluation"), "pre_alerte", LEAD,
        lambda town, ident, asked: deciding.pre_alert(town, ident, asked=asked, ramp=QUIET),
    ),
    "activate": Law(
        ("signale", "evaluation", "pre_alerte"), "active", DECIDE,
        lambda town, ident, asked: deciding.activate(town, ident, asked=asked, ramp=QUIET),
    ),
    "stand_down": Law(
        ("pre_alerte", "active"), "levee", DECIDE,
        lambda town, ident, asked: standing_down.stand_down(
            town, ident, asked=asked, knows=("open_tasks", "prefect_directs")
        ),
    ),
    "close": Law(
        ("rex",), "clos", DECIDE,
        lambda town, ident, asked: standing_down.close(town, ident, asked=asked),
    ),
    "level": Law(
        OPEN, None, LEAD,
        lambda town, ident, asked: deciding.change_level(town, ident, "vigilance", asked=asked),
    ),
    "phase": Law(
        ("active",), None, DECIDE,
        lambda town, ident, asked: deciding.change_phase(town, ident, "post_urgence", asked=asked),
    ),
    "take_over": Law(
        OPEN, None, LEAD,
        lambda town, ident, asked: deciding.take_over(town, ident, asked=asked),
    ),
    "give_back": Law(
        OPEN, None, LEAD,
        lambda town, ident, asked: deciding.give_back(town, ident, asked=asked),
    ),
}  # fmt: skip
FUNCTIONS = (*ALL, "observer", "administrator")


@dataclass(frozen=True)
class Place:
    """A loop, and offices of communes that have a plan and no event yet."""

    runner: asyncio.Runner
    next_town: Callable[[], Office]


class CrisisMachine(RuleBasedStateMachine):
    """One event at a time against a model that knows only the law."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.run = place.runner.run
        self.town = place.next_town()
        self.acts, self.plays = 0, False
        self.clicks: list[tuple[str, Asked]] = []

    @initialize(received=st.booleans())
    def it_begins(self, received: bool) -> None:
        asked = by(OPERATOR)
        if received:
            self.event = self.run(opening.receive(self.town, CALL_FROM, asked=asked, call=False))
        else:
            self.event = self.run(opened_event(self.town))
        self.state = "signale" if received else "evaluation"
        self.phase: str | None = None
        self.directed, self.acts = "mayor", 1

    @rule(act=st.sampled_from(sorted(LAW)), function=st.sampled_from(FUNCTIONS))
    def somebody_decides(self, act: str, function: str) -> None:
        law = LAW[act]
        asked = by(Actor(f"qui-{function}", function), "parce que")
        may = function in law.functions and self.state in law.sources and self._makes_sense(act)
        if not may:
            with pytest.raises(AlertRefused):
                self.run(law.verb(self.town, self.event.event_id, asked))
            return
        self.event = self.run(law.verb(self.town, self.event.event_id, asked))
        self.state = law.to or self.state
        self.acts += 1
        self.clicks.append((act, asked))
        self._follow(act)

    def _makes_sense(self, act: str) -> bool:
        wanted = {"take_over": "mayor", "give_back": "prefect"}.get(act, self.directed)
        return wanted == self.directed and (act != "phase" or self.phase != "post_urgence")

    def _follow(self, act: str) -> None:
        if act == "activate":
            self.phase = "urgence"
        if act == "phase":
            self.phase = "post_urgence"
        self.directed = {"take_over": "prefect", "give_back": "mayor"}.get(act, self.directed)

    @precondition(lambda self: self.clicks)
    @rule(which=st.integers(0, 50))
    def a_click_comes_a_second_time(self, which: int) -> None:
        act, asked = self.clicks[which % len(self.clicks)]
        again = self.run(LAW[act].verb(self.town, self.event.event_id, asked))
        assert again.event_id == self.event.event_id

    @rule()
    def a_worker_takes_a_turn(self) -> None:
        self.run(Summoner(self.town.ledger, logbook_key=self.town.logbook_key).turn())
        if self.state == "levee":
            self.state, self.acts = "rex", self.acts + 1

    @rule(mode=st.sampled_from(("real", "exercise")))
    def somebody_opens_another(self, mode: str) -> None:
        if self.state in OPEN if mode == "real" else self.plays:
            with pytest.raises(AlertRefused):
                self.run(opened_event(self.town, mode=mode))
            return
        other = self.run(opened_event(self.town, mode=mode))
        if mode == "exercise":
            self.plays = True
            return
        self.event, self.state, self.phase = other, "evaluation", None  # the story goes on with it
        self.directed, self.acts, self.clicks = "mayor", 1, []

    @invariant()
    def the_ledger_says_what_the_model_says(self) -> None:
        if not hasattr(self, "state"):
            return
        event = self.run(find(self.town, self.event.event_id))
        assert (event.state, event.phase, event.directed_by) == (
            self.state, self.phase, self.directed,
        )  # fmt: skip
        acts = self.run(crises.acts_of(self.town.ledger, self.town.commune, event.event_id))
        assert len(acts) == self.acts
        lines = self.run(kinds_of(self.town.ledger, event, commune=self.town.commune))
        assert len(lines) == self.acts  # one line a decision, in its transaction
