"""The whole delivery as a model sees it, on both databases: short here, long by a profile.

`pytest tests/test_delivery_model.py --hypothesis-profile=long` tells 600 longer ones on each.
"""

import asyncio
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.fake_channel import ACCEPTED_AND_LOST
from tests.keyring import opened
from tests.model.lives import AFTER_TAKEN, AFTER_WRITE, Fate
from tests.model.machine import DeliveryMachine
from tests.model.stage import World

SHORT = settings(max_examples=4, stateful_step_count=20)
BRIEF = {
    "sectors": "AB", "mode": "real", "template": "avis", "life_s": 20_000.25, "escalates": True,
}  # fmt: skip
CLAIMED = Fate(AFTER_WRITE, 1, freezes=True)  # frozen with a claim


@pytest.fixture
def world(ledger_url: str) -> Iterator[World]:
    """Lend a loop and a ledger to all stories of a test; each has a commune of its own."""
    numbers = itertools.count(10_000)
    with asyncio.Runner() as runner:
        opening = opened(ledger_url)
        ledger = runner.run(opening.__aenter__())
        try:
            yield World(runner, ledger, lambda: str(next(numbers)))
        finally:
            runner.run(opening.__aexit__(None, None, None))


def test_no_story_loses_anyone_copies_anything_or_lets_anything_leave_late(world: World) -> None:
    long = settings.get_current_profile_name() == "long"
    how = settings(
        settings() if long else SHORT, deadline=None, suppress_health_check=list(HealthCheck)
    )
    told: Any = lambda: DeliveryMachine(world)  # noqa: E731 - Hypothesis calls it as a class
    run_state_machine_as_test(told, settings=how)


def a_frozen_worker_wakes_when_another_holds_its_claims(told: DeliveryMachine) -> None:
    told.a_worker_is_overtaken(brief=BRIEF, who=0, frost=CLAIMED, wait_s=16.0, fate=CLAIMED)


def a_worker_dies_while_it_makes_the_deliveries(told: DeliveryMachine) -> None:
    told.an_alert_is_made(brief=BRIEF, who=0, fate=Fate(AFTER_WRITE))


def someone_answers_when_her_next_step_is_made(told: DeliveryMachine) -> None:
    told.makes_and_sends(who=0, fate=None)
    for answers in (True, False):
        told.the_silent_are_pursued(who=0, which=0, answers=answers, wait_s=310.0)


def calls_end_unseen_and_no_record_can_be_read(told: DeliveryMachine) -> None:
    told.nothing_can_be_known(brief=BRIEF, account="calls", who=0, lost=4)


def a_worker_dies_when_the_first_is_taken(told: DeliveryMachine) -> None:
    told.an_operator_will(account="sms-a", script=[ACCEPTED_AND_LOST])
    told.makes_and_sends(who=0, fate=Fate(AFTER_TAKEN, 2))
    told.tends_looks_and_sends(who=1, wait_s=61.0)


def it_is_stopped_while_all_is_claimed(told: DeliveryMachine) -> None:
    told.it_ends_half_way(brief=BRIEF, who=0, frost=CLAIMED, person=None)


STORIES = (
    a_frozen_worker_wakes_when_another_holds_its_claims,
    a_worker_dies_while_it_makes_the_deliveries,
    someone_answers_when_her_next_step_is_made,
    calls_end_unseen_and_no_record_can_be_read,
    a_worker_dies_when_the_first_is_taken,
    it_is_stopped_while_all_is_claimed,
)


def test_the_stories_that_chance_seldom_tells_end_well(world: World) -> None:
    for story in STORIES:
        _tell(world, story)


def _tell(world: World, story: Callable[[DeliveryMachine], None]) -> None:
    told = DeliveryMachine(world)
    told.begins(brief=BRIEF)
    story(told)
    told.nothing_forbidden_happened()
    told.teardown()
