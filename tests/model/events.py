"""The events of a story, one at a time: each is one rule of the machine."""

from collections.abc import Coroutine
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from channels.contract import Status
from tests.model.drawn import (
    briefs,
    details,
    ends,
    fates,
    names,
    outcomes,
    waits,
    whole,
    workers,
)
from tests.model.facts import Told
from tests.model.lives import Fate
from tests.model.provider import Taken
from tests.model.stage import Stage, World
from tests.model.town import CAST, PLAYERS

Result = TypeVar("Result")
VERBS = ("materialise", "tend", "drain", "resolve", "pursue", "watch")
_MOST_ALERTS = 5


class EventMachine(RuleBasedStateMachine):
    """Every rule is one thing that happens; nothing drawn depends on what happened before."""

    def __init__(self, world: World) -> None:
        """Begin a story."""
        super().__init__()
        self._world = world
        self.stage = Stage(world)
        self._sound = True  # no rule has failed

    def _run(self, happens: Coroutine[Any, Any, Result]) -> Result:
        self._sound = False
        done = self._world.runner.run(happens)
        self._sound = True
        return done

    @initialize(brief=briefs)
    def begins(self, brief: dict[str, Any]) -> None:
        self._run(self.stage.set_up())
        self._more(brief)

    def _drafted(self, brief: dict[str, Any]) -> Told:
        facts, mode = self.stage.facts, brief["mode"]
        players = frozenset(one.id for one in PLAYERS) if mode == "exercise" else frozenset()
        told = Told(
            "", mode, brief["sectors"], players, 0.0, f"k{len(facts.alerts)}", brief["escalates"]
        )
        self._run(self.stage.drafts(told, template=brief["template"], life_s=brief["life_s"]))
        return told

    def _told(self, which: int) -> Told:
        alerts = list(self.stage.facts.alerts.values())
        return alerts[which % len(alerts)]

    def _taken(self, which: int) -> Taken | None:
        taken = self.stage.operators.taken
        return taken[which % len(taken)] if taken else None

    @rule(brief=briefs)
    def drafts(self, brief: dict[str, Any]) -> None:
        if len(self.stage.facts.alerts) < _MOST_ALERTS:
            self._drafted(brief)

    @rule(which=whole, fate=ends, other_key=st.booleans())
    def launches(self, which: int, fate: Fate | None, other_key: bool) -> None:
        told = self._told(which)
        key = f"{told.key}x" if other_key else told.key
        self._run(self.stage.launches(told, key=key, fate=fate))

    @rule(which=whole, fate=ends)
    def cancels(self, which: int, fate: Fate | None) -> None:
        self._run(self.stage.cancels(self._told(which), fate=fate))

    @rule(who=workers, verb=st.sampled_from(VERBS), fate=fates)
    def works(self, who: int, verb: str, fate: Fate | None) -> None:
        self._run(self.stage.works(who, verb, fate))

    @rule(who=workers, fate=fates)
    def makes_and_sends(self, who: int, fate: Fate | None) -> None:
        self._run(self.stage.works(who, "materialise"))
        self._run(self.stage.works(who, "drain", fate))

    @rule(who=workers, wait_s=waits)
    def tends_looks_and_sends(self, who: int, wait_s: float) -> None:
        self._run(self.stage.passes(wait_s))
        for verb in ("tend", "resolve", "drain"):
            self._run(self.stage.works(who, verb))

    def _more(self, brief: dict[str, Any]) -> Told:
        """Launch one alert more, or take the last."""
        if len(self.stage.facts.alerts) >= _MOST_ALERTS:
            return self._told(-1)
        told = self._drafted(brief)
        self._run(self.stage.launches(told, key=told.key))
        return told

    @rule(who=workers)
    def thaws(self, who: int) -> None:
        self._run(self.stage.thaws(who))

    @rule(who=workers)
    def is_killed(self, who: int) -> None:
        self._run(self.stage.killed(who))

    @rule(wait_s=waits)
    def time_passes(self, wait_s: float) -> None:
        self._run(self.stage.passes(wait_s))

    @rule(account=names, script=st.lists(outcomes, min_size=1, max_size=6))
    def an_operator_will(self, account: str, script: list[str]) -> None:
        self.stage.operators.scripts.setdefault(account, []).extend(script)

    @rule(account=names, readable=st.booleans())
    def records_are(self, account: str, readable: bool) -> None:
        if readable:
            self.stage.operators.unreadable.discard(account)
        else:
            self.records_go(account)

    def records_go(self, account: str) -> None:
        """Let nobody read an operator's records."""
        self.stage.operators.unreadable.add(account)
        self.stage.facts.ever_unreadable.add(account)

    @rule(account=names, eager=st.booleans())
    def receipts_come_before_answers(self, account: str, eager: bool) -> None:
        (self.stage.eager.add if eager else self.stage.eager.discard)(account)

    @rule(which=whole, status=st.sampled_from(list(Status)), detail=details, fate=ends)
    def a_receipt_comes(self, which: int, status: Status, detail: str, fate: Fate | None) -> None:
        if taken := self._taken(which):
            detail = detail if taken.medium == "voice" else "30003"
            for each in (fate, None):  # and once more
                self._run(self.stage.tells(taken, status, detail=detail, fate=each))

    @rule(which=whole, kind=st.sampled_from(("understood", "help")), fate=ends)
    def someone_answers(self, which: int, kind: str, fate: Fate | None) -> None:
        if taken := self._taken(which):
            self._run(self.stage.answers(taken, kind, fate=fate))

    @rule(who=st.sampled_from([one.id for one in CAST]))
    def someone_unsubscribes(self, who: str) -> None:
        self._run(self.stage.unsubscribes(who))

    @rule(who=st.sampled_from([one.id for one in CAST]), sectors=st.sampled_from(("A", "B", "")))
    def someone_moves(self, who: str, sectors: str) -> None:
        self._run(self.stage.moves(who, sectors))
