"""No story of sign-ups, files, departures and erasures reaches who left, or loses who did not."""

import asyncio
import itertools
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from dispatcher.alerts.office import Office
from tests.enrolled_law import EnrolledMachine
from tests.keyring import opened
from tests.situations import office


def test_no_story_reaches_who_left_or_loses_who_did_not(ledger_url: str) -> None:
    long = settings.get_current_profile_name() == "long"
    short = settings(max_examples=40, stateful_step_count=15)
    how = settings(
        settings() if long else short, deadline=None, suppress_health_check=list(HealthCheck)
    )
    numbers = itertools.count(10_000)
    with asyncio.Runner() as runner:
        opening_ledger = opened(ledger_url)
        ledger = runner.run(opening_ledger.__aenter__())

        def next_office() -> Office:
            return office(ledger, str(next(numbers)))

        told: Any = lambda: EnrolledMachine(runner, next_office)  # noqa: E731 - as a class
        try:
            run_state_machine_as_test(told, settings=how)
        finally:
            runner.run(opening_ledger.__aexit__(None, None, None))
