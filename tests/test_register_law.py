"""No story of requests, corrections and departures loses somebody or brings back who left."""

import asyncio
import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from dispatcher.alerts.refusals import NotNow
from dispatcher.store.ledger import Ledger
from dispatcher.store.vulnerable import count_of
from dispatcher.vulnerable.register import Register
from tests.crises import MAYOR
from tests.keyring import opened
from tests.register_law import RegisterMachine, Town
from tests.registers import ASKED_FOR_YVES, TODAY, YVES, filed_by, register
from tests.situations import COMMUNE, office


@pytest.fixture
def towns(ledger_url: str) -> Iterator[Town]:
    """Lend a loop and a ledger to all stories of a test; each has a commune of its own."""
    numbers = itertools.count(10_000)
    with asyncio.Runner() as runner:
        opening_ledger = opened(ledger_url)
        ledger = runner.run(opening_ledger.__aenter__())

        def next_register() -> Register:
            return register(office(ledger, str(next(numbers))))

        try:
            yield Town(runner, next_register)
        finally:
            runner.run(opening_ledger.__aexit__(None, None, None))


def test_no_story_loses_somebody_or_brings_back_who_left(towns: Town) -> None:
    long = settings.get_current_profile_name() == "long"
    short = settings(max_examples=25, stateful_step_count=15)
    how = settings(
        settings() if long else short, deadline=None, suppress_health_check=list(HealthCheck)
    )
    told: Any = lambda: RegisterMachine(towns)  # noqa: E731 - Hypothesis calls it as a class
    run_state_machine_as_test(told, settings=how)


async def test_two_desks_that_enrol_one_person_at_once_enrol_her_once(ledger: Ledger) -> None:
    found = register(office(ledger))
    done = await asyncio.gather(
        *(
            filed_by(found, one, MAYOR, TODAY, f"clic-{number}")
            for number, one in enumerate((YVES, ASKED_FOR_YVES, YVES))
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(one, str) for one in done) == 1
    assert sum(isinstance(one, NotNow) for one in done) == 2
    assert (await count_of(ledger, COMMUNE))[0] == 1
