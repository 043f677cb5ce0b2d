"""Users and acts in any order: nothing leaves by one person, nor without the mayor or a deputy.

The judge keeps its own account of who wrote, submitted and approved which text, and asks the ledger
nothing but what was launched.
"""

import asyncio
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from dispatcher.access.permissions import allowed
from dispatcher.alerts import judging, life, sketching
from dispatcher.alerts.life import Read
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import AlertRefused
from tests.decided_town import EVERYBODY, OVER_S, aged, edited, frozen_by, town_of
from tests.keyring import opened

LEADERS = ("dos", "deputy")
WHO = st.sampled_from(EVERYBODY)
SHORT = settings(max_examples=60, stateful_step_count=25)


@dataclass
class Judge:
    """What happened to one alert, as an onlooker would write it down."""

    text: int = 0  # counts the texts that it had
    hands: set[str] = field(default_factory=set)
    submitted: tuple[Actor, int] | None = None
    approved: tuple[Actor, int, bool] | None = None  # by whom, which text, over since
    launched: bool = False

    def may_leave(self) -> bool:
        """Tell whether two people stand behind the text of now, one of whom leads the commune."""
        if self.submitted is None or self.approved is None:
            return False
        first, of_text = self.submitted
        second, approved_text, over = self.approved
        two = first.login != second.login and second.login not in self.hands
        leads = first.function in LEADERS or second.function in LEADERS
        return two and leads and not over and of_text == approved_text == self.text


@dataclass(frozen=True)
class World:
    """A loop and a commune that all stories of a test share; each has an alert of its own."""

    runner: asyncio.Runner
    office: Office


class Deciding(RuleBasedStateMachine):
    """One alert, written, submitted, judged and launched by anybody in any order."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.judge = Judge()
        self.author = EVERYBODY[3]
        self.alert = self._run(frozen_by(self.world.office, self.author))
        self.judge.hands.add(self.author.login)
        self.digests: list[str] = []
        self.margin = 0

    def _run(self, act: Awaitable[str]) -> str:
        async def go() -> str:
            return await act

        return self.world.runner.run(go())

    def _does(self, actor: Actor, permission: str, act: Awaitable[object]) -> bool:
        """Let somebody try, through the door that the table of rights gives her; tell if done."""

        async def go() -> bool:
            if not allowed(actor.function, permission):
                act.close()  # type: ignore[attr-defined]  # a coroutine that nobody awaits
                return False
            try:
                await act
            except AlertRefused:
                return False
            return True

        return self.world.runner.run(go())

    @rule(who=WHO)
    def edits(self, who: Actor) -> None:
        self.margin += 1
        act = edited(self.world.office, self.alert, by=who, margin_m=self.margin / 10)
        if self._does(who, "alert.draft", act):
            assert not self.judge.launched
            self.judge.text += 1
            self.judge.hands.add(who.login)

    @rule(who=WHO)
    def submits(self, who: Actor) -> None:
        async def freeze_and_submit() -> None:
            sketch = await sketching.sketch_of(self.world.office, self.alert)
            await sketching.freeze(
                self.world.office, self.alert, revision=sketch.revision, actor=who
            )
            await life.submit(self.world.office, self.alert, actor=who)

        if self._does(who, "alert.submit", freeze_and_submit()):
            self.judge.submitted, self.judge.approved = (who, self.judge.text), None

    @rule(who=WHO, stale=st.booleans())
    def approves(self, who: Actor, stale: bool) -> None:
        version = self.world.runner.run(life.find(self.world.office, self.alert))
        self.digests.append(version.digest)
        digest = self.digests[0] if stale else version.digest
        act = life.approve(self.world.office, self.alert, actor=who, digest=digest)
        if self._does(who, "alert.approve", act):
            assert digest == version.digest, "what was not read was approved"
            self.judge.approved = (who, self.judge.text, False)

    @precondition(lambda self: not self.judge.launched)
    @rule(
        hand=st.none() | WHO,
        first=WHO,
        second=WHO,
        meddled=st.sampled_from(["edit", "wait", "ask", "", ""]),
    )
    def decides(self, hand: Actor | None, first: Actor, second: Actor, meddled: str) -> None:
        """Tell a whole story, which chance alone would seldom tell: up to a launch, or near it."""
        if hand is not None:
            self.edits(hand)
        self.submits(first)
        self.approves(second, stale=False)
        if meddled == "edit":
            self.edits(first)
        elif meddled == "wait" and self.judge.approved is not None:
            self.half_an_hour_passes()
        elif meddled == "ask":
            self.asks_again(first)
        self.launches(EVERYBODY[0])

    @rule(who=WHO)
    def sends_back(self, who: Actor) -> None:
        act = judging.send_back(self.world.office, self.alert, actor=who, reason="à revoir")
        if self._does(who, "alert.approve", act):
            self.judge.submitted = self.judge.approved = None

    @rule(who=WHO)
    def asks_again(self, who: Actor) -> None:
        act = judging.ask_again(self.world.office, self.alert, actor=who)
        if self._does(who, "alert.submit", act):
            self.judge.approved = None

    @precondition(lambda self: self.judge.approved is not None)
    @rule()
    def half_an_hour_passes(self) -> None:
        self.world.runner.run(aged(self.world.office.ledger, self.alert, seconds=OVER_S))
        who, text, _ = self.judge.approved or (self.author, 0, True)
        self.judge.approved = (who, text, True)

    @rule(who=WHO)
    def launches(self, who: Actor) -> None:
        if self.judge.launched:
            return
        act = life.launch(self.world.office, self.alert, actor=who)
        if self._does(who, "alert.launch", act):
            assert self.judge.may_leave(), self.judge
            self.judge.launched = True

    @rule(who=WHO)
    def approves_and_launches(self, who: Actor) -> None:
        if self.judge.launched or not allowed(who.function, "alert.launch"):
            return
        act = life.launch(self.world.office, self.alert, actor=who, approving=Read())
        if self._does(who, "alert.approve", act):
            self.judge.approved = (who, self.judge.text, False)
            assert self.judge.may_leave(), self.judge
            self.judge.launched = True

    @invariant()
    def what_left_left_by_two(self) -> None:
        version = self.world.runner.run(life.find(self.world.office, self.alert))
        assert (version.state == "launched") == self.judge.launched


@pytest.fixture
def world(ledger_url: str, tmp_path: Path) -> Iterator[World]:
    """Lend a loop, a ledger and a commune whose policy names the RAC."""
    with asyncio.Runner() as runner:
        opening = opened(ledger_url)
        ledger = runner.run(opening.__aenter__())
        try:
            yield World(runner, runner.run(town_of(ledger, tmp_path, rac=True)))
        finally:
            runner.run(opening.__aexit__(None, None, None))


def test_no_order_of_acts_launches_by_one_person_or_without_the_mayor(world: World) -> None:
    story = type("Story", (Deciding,), {"world": world})
    run_state_machine_as_test(
        story,
        settings=settings(
            SHORT, deadline=None, suppress_health_check=list(HealthCheck), database=None
        ),
    )
