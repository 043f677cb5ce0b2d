"""Stories of alerts, deliveries, receipts, time and crashes, drawn by Hypothesis and judged."""

from collections.abc import Coroutine
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from typing_extensions import override

from channels.contract import Status
from dispatcher.store.crash_points import CrashPoint
from tests.fake_channel import ACCEPT, ACCEPTED_AND_LOST, LOST, REFUSE, UNAVAILABLE, UNREACHED
from tests.model import verdict
from tests.model.arrows import OPEN
from tests.model.facts import Told
from tests.model.lives import (
    AFTER_TAKEN,
    AFTER_WRITE,
    BEFORE_TAKEN,
    BEFORE_WRITE,
    MOMENTS,
    Fate,
)
from tests.model.process import ACCOUNTS
from tests.model.provider import Taken
from tests.model.stage import Stage, World
from tests.model.town import CAST

Result = TypeVar("Result")
VERBS = ("materialise", "tend", "drain", "resolve", "pursue", "watch")
_MOST_ALERTS = 3
# Until everything is still: looks at lost answers, calls again, the steps of the pursuit.
_WAITS_S = (1, 16, 31, 31, 16, 31, 31, 61, 130, 130, 310, 310, *(610,) * 12)

whole = st.integers(0, 999)  # names one of many, whatever their number
names = st.sampled_from([account for _, account, _ in ACCOUNTS])
outcomes = st.sampled_from([REFUSE, UNAVAILABLE, UNREACHED, LOST, ACCEPTED_AND_LOST, ACCEPT])
turns = st.integers(1, 4)
points = st.sampled_from([one.name for one in CrashPoint])
moments = st.sampled_from(MOMENTS)
deaths = st.builds(Fate, st.one_of(points, moments), turns)
frosts = st.builds(Fate, moments, turns, freezes=st.just(True))
# Frozen with something claimed, or on its way.
halfway = st.sampled_from(
    [
        Fate(moment, turn, freezes=True)
        for moment, turn in (
            (AFTER_WRITE, 1),
            (BEFORE_WRITE, 2),
            (BEFORE_TAKEN, 1),
            (AFTER_TAKEN, 2),
        )
    ]
)
ends = st.one_of(st.none(), deaths)
fates = st.one_of(st.none(), deaths, frosts)
waits = st.sampled_from((0.5, 3.0, 6.0, 16.0, 31.0, 61.0, 130.0, 310.0, 620.0, 3700.0))
briefs = st.fixed_dictionaries(
    {
        "sectors": st.sampled_from(("A", "B", "AB")),
        "mode": st.sampled_from(("real", "real", "real", "rehearsal", "exercise")),
        "template": st.sampled_from(("crue", "avis")),
        "life_s": st.sampled_from((900.25, 20_000.25)),
        "escalates": st.booleans(),
    }
)
details = st.sampled_from(("no-answer", "30003"))


class DeliveryMachine(RuleBasedStateMachine):
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
        told = self._drafted(brief)
        self._run(self.stage.launches(told, key=told.key))

    def _drafted(self, brief: dict[str, Any]) -> Told:
        facts, mode = self.stage.facts, brief["mode"]
        players = frozenset(("p0", "p3", "p6")) if mode == "exercise" else frozenset()
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

    @rule(who=st.integers(0, 1), verb=st.sampled_from(VERBS), fate=fates)
    def works(self, who: int, verb: str, fate: Fate | None) -> None:
        self._run(self.stage.works(who, verb, fate))

    @rule(who=st.integers(0, 1), fate=fates)
    def makes_and_sends(self, who: int, fate: Fate | None) -> None:
        self._run(self.stage.works(who, "materialise"))
        self._run(self.stage.works(who, "drain", fate))

    @rule(who=st.integers(0, 1), wait_s=waits)
    def tends_looks_and_sends(self, who: int, wait_s: float) -> None:
        self._run(self.stage.passes(wait_s))
        for verb in ("tend", "resolve", "drain"):
            self._run(self.stage.works(who, verb))

    @rule(who=st.integers(0, 1), frost=halfway, wait_s=waits, fate=st.one_of(fates, halfway))
    def is_overtaken(self, who: int, frost: Fate, wait_s: float, fate: Fate | None) -> None:
        self._run(self.stage.works(who, "materialise"))
        self._run(self.stage.works(who, "drain", frost))
        self._run(self.stage.passes(wait_s))
        for verb in ("tend", "resolve"):
            self._run(self.stage.works(1 - who, verb))
        self._run(self.stage.works(1 - who, "drain", fate))
        self._run(self.stage.thaws(who))

    @rule(who=st.integers(0, 1))
    def thaws(self, who: int) -> None:
        self._run(self.stage.thaws(who))

    @rule(who=st.integers(0, 1))
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

    @invariant()
    def nothing_forbidden_happened(self) -> None:
        assert self.stage.watcher.faults == []
        self.stage.facts.judge()

    @override
    def teardown(self) -> None:
        try:
            if self._sound and self.stage.facts.alerts:
                self._run(self._until_still())
                self.nothing_forbidden_happened()
                self._run(self._all_is_well())
        finally:
            self._world.runner.run(self.stage.ends())

    async def _until_still(self) -> None:
        """Let every fault end and time pass, until nothing is open."""
        stage = self.stage
        for script in stage.operators.scripts.values():
            script.clear()
        stage.operators.unreadable.clear()
        stage.eager.clear()
        for who in (0, 1):
            await stage.thaws(who)
        for wait_s in _WAITS_S:
            for verb in VERBS:
                await stage.works(0, verb)
            if await self._still():
                return
            await stage.passes(wait_s)
        raise AssertionError(f"I1: never still: {stage.watcher.rows}")

    async def _still(self) -> bool:
        rows = self.stage.watcher.rows.values()
        return not any(row.state in OPEN for row in rows) and not await verdict.unfinished(
            self.stage.ledger
        )

    async def _all_is_well(self) -> None:
        ledger, facts = self.stage.ledger, self.stage.facts
        rows = await verdict.rows_by_way(ledger, self.stage.watcher.rows)
        verdict.just(facts, rows)
        verdict.everybody(facts, rows, listed=await verdict.listed_people(ledger))
        assert await verdict.kept_answers(ledger, rows) == facts.answers, "an answer is lost"
        await verdict.logbook_tells(ledger, facts, self.stage.commune)
