"""Places of a window: a stall costs those that passed in it; no second holds more than granted."""

import itertools
from dataclasses import dataclass

from hypothesis import example, given
from hypothesis import strategies as st

from dispatcher.delivery.places import LATE_S, Places
from tests.bench.parts.limiter import busiest


@dataclass
class Queue:
    """The account's queue of time, on a clock that the test turns."""

    granted_per_s: float
    now: float = 0.0
    end: float = 0.0
    taken: float = 0.0

    @property
    def rate_per_s(self) -> float:
        return self.granted_per_s

    async def reserve(self, units: float, *, at_most_s: float = 1e9) -> float:
        start = max(self.now, self.end)
        self.end = start + units / self.granted_per_s
        self.taken += units
        return start - self.now


async def emitted(queue: Queue, costs: list[float], *, stalls: list[float]) -> list[float]:
    """Send messages of these costs, each after a stall; return when each left."""
    places, left, times = Places(queue), sum(costs), []
    for cost, stall in zip(costs, itertools.chain(stalls, itertools.repeat(0.0)), strict=False):
        queue.now += stall
        if not places.hold(cost, now=queue.now):
            assert await places.take(left, now=queue.now, latest=1e9) is None
        queue.now = max(queue.now, places.at)
        times.append(queue.now)
        places.use(cost)
        left -= cost
    return times


async def test_a_stall_costs_only_the_places_that_passed_in_it() -> None:
    queue = Queue(1000.0)
    await emitted(queue, [1.0] * 50, stalls=[0.0, 0.035])
    assert 50 <= queue.taken <= 50 + 1000 * (0.035 - LATE_S) + 1  # all 49 were given up once


@given(
    stalls=st.lists(st.sampled_from((0.0, 0.001, 0.019, 0.025, 0.2)), max_size=200),
    costs=st.lists(st.sampled_from((1.0, 2.0, 3.0)), min_size=1, max_size=200),
)
@example(stalls=[0.0] * 60 + [0.3], costs=[1.0] * 200)
async def test_no_second_holds_more_than_was_granted_however_it_stalls(
    stalls: list[float], costs: list[float]
) -> None:
    queue = Queue(100.0)
    times = await emitted(queue, costs, stalls=stalls)
    units = [time for time, cost in zip(times, costs, strict=True) for _ in range(int(cost))]
    assert busiest(units) <= 100.0 * (1 + LATE_S) + 3.0
