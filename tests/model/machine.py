"""Stories of alerts, deliveries, receipts, time and crashes, drawn by Hypothesis and judged."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule
from typing_extensions import override

from tests.fake_channel import ACCEPTED_AND_LOST
from tests.model import verdict
from tests.model.arrows import OPEN
from tests.model.drawn import briefs, fates, halfway, names, people, waits, whole, workers
from tests.model.events import VERBS, EventMachine
from tests.model.lives import Fate

# Until everything is still: looks at lost answers, calls again, the steps of the pursuit.
_WAITS_S = (1, 16, 31, 31, 16, 31, 31, 61, 130, 130, 310, 310, *(610,) * 12)


class DeliveryMachine(EventMachine):
    """Events that meet, which single ones seldom do; and what must hold whatever happens."""

    @rule(brief=briefs, who=workers, fate=fates)
    def an_alert_is_made(self, brief: dict[str, Any], who: int, fate: Fate | None) -> None:
        self._more(brief)
        self._run(self.stage.works(who, "materialise", fate))

    @rule(brief=briefs, who=workers, frost=halfway, wait_s=waits, fate=st.one_of(fates, halfway))
    def a_worker_is_overtaken(
        self, brief: dict[str, Any], who: int, frost: Fate, wait_s: float, fate: Fate | None
    ) -> None:
        self._more(brief)
        self._run(self.stage.works(who, "materialise"))
        self._run(self.stage.works(who, "drain", frost))
        self._run(self.stage.passes(wait_s))
        for verb in ("tend", "resolve"):
            self._run(self.stage.works(1 - who, verb))
        self._run(self.stage.works(1 - who, "drain", fate))
        self._run(self.stage.thaws(who))

    @rule(brief=briefs, who=workers, frost=halfway, person=people)
    def it_ends_half_way(
        self, brief: dict[str, Any], who: int, frost: Fate, person: str | None
    ) -> None:
        told = self._more(brief)
        self._run(self.stage.works(who, "materialise"))
        self._run(self.stage.works(who, "drain", frost))
        if person is None:
            self._run(self.stage.cancels(told))
        else:
            self._run(self.stage.unsubscribes(person))
        self._run(self.stage.thaws(who))
        self._run(self.stage.works(who, "drain"))

    @rule(who=workers, which=whole, answers=st.booleans(), wait_s=st.sampled_from((310.0, 620.0)))
    def the_silent_are_pursued(self, who: int, which: int, answers: bool, wait_s: float) -> None:
        self._run(self.stage.passes(wait_s))
        self._run(self.stage.works(who, "pursue"))
        if answers and (taken := self._taken(which)):
            self._run(self.stage.answers(taken, "understood"))
        self._run(self.stage.works(who, "drain"))

    @rule(brief=briefs, account=names, who=workers, lost=st.integers(1, 4))
    def nothing_can_be_known(
        self, brief: dict[str, Any], account: str, who: int, lost: int
    ) -> None:
        self._more(brief)
        self._run(self.stage.works(who, "materialise"))
        self.records_go(account)
        self.stage.operators.scripts.setdefault(account, []).extend([ACCEPTED_AND_LOST] * lost)
        for wait_s in (0.0, 16.0, 61.0, 16.0, 61.0, 16.0, 61.0):
            self._run(self.stage.passes(wait_s))
            for verb in ("tend", "resolve", "drain"):
                self._run(self.stage.works(who, verb))

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
