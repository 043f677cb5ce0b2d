"""The whole delivery as a model sees it, on both databases: short here, long by a profile.

`pytest tests/test_delivery_model.py --hypothesis-profile=long` tells some thousand longer stories.
"""

import asyncio
import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from dispatcher.store.ledger import opened
from tests.model.machine import DeliveryMachine
from tests.model.stage import World

SHORT = settings(max_examples=8, stateful_step_count=20)


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
