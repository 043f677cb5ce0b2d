"""When work is open and nothing moves: judged from what was seen of the ledger, queue by queue.

Pure: what was seen and the monotonic instant come in, a verdict goes out. A queue moves when one of
its witnesses leaves the open states: accepted, refused, cancelled, looked up. An attempt that came
to nothing is no movement: a provider that swallows everything is as silent as a dead worker. What
waits for its retry is not due, and a queue with nothing due is not silent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dispatcher.store.open_work import PLANNING, PURSUIT, Key, Looked, Mark

QUIET_S = 12.0  # longer than one attempt may take (10 s); with the look and the telling below 15 s
CLEAR_S = 3.0  # an alarm is over when all has moved for so long
UNITS = 8  # the longest SMS: a slow account gets the time that it takes to send one
KEPT = 120  # witnesses of a queue


def patience_s(rate_per_s: float, *, quiet_s: float = QUIET_S) -> float:
    """Return how long a queue whose accounts grant this rate may stand still."""
    return max(quiet_s, UNITS / rate_per_s)


@dataclass(frozen=True)
class Verdict:
    """Which queues stand still, and since how many seconds; `tried`: attempts came to nothing.

    `moves`: nothing is open, or all that is open has moved lately; `clear`: for a while now.
    """

    still_s: Mapping[str, float] = field(default_factory=dict)
    tried: bool = False
    held: bool = False
    moves: bool = True
    clear: bool = True


@dataclass
class _Queue:
    since_s: float
    witnesses: dict[Key, Mark]
    tried: bool = False
    moved: bool = False


@dataclass
class Silence:
    """What one watcher has seen; `patient_s` names the queues that are given longer."""

    quiet_s: float = QUIET_S
    clear_s: float = CLEAR_S
    patient_s: Mapping[str, float] = field(default_factory=dict)
    _queues: dict[str, _Queue] = field(default_factory=dict)
    _clear_since_s: float | None = None

    @property
    def known(self) -> list[Key]:
        """Return the deliveries whose fate is to be asked at the next look."""
        return [
            key
            for name, queue in self._queues.items()
            if name not in (PLANNING, PURSUIT)
            for key in queue.witnesses
        ]

    def see(self, looked: Looked, *, now_s: float) -> Verdict:
        """Take in a look, and say what stands still."""
        for name in self._queues.keys() - looked.queues.keys():
            del self._queues[name]
        for name, due in looked.queues.items():
            self._see(name, due, looked, now_s=now_s)
        still = {
            name: now_s - queue.since_s
            for name, queue in self._queues.items()
            if now_s - queue.since_s >= self.patient_s.get(name, self.quiet_s)
        }
        for name in still:
            self._queues[name].moved = False
        tried = bool(still) and all(self._queues[name].tried for name in still)
        moves = not still and all(queue.moved for queue in self._queues.values())
        return Verdict(still, tried, looked.held, moves, self._clear(moves=moves, now_s=now_s))

    def _see(self, name: str, due: Mapping[Key, Mark], looked: Looked, *, now_s: float) -> None:
        queue = self._queues.get(name)
        if queue is None:
            self._queues[name] = _Queue(now_s, dict(due))
            return
        fates = due if name in (PLANNING, PURSUIT) else looked.before
        if any(_moved(mark, fates.get(key)) for key, mark in queue.witnesses.items()):
            self._queues[name] = _Queue(now_s, dict(due), moved=True)
            return
        queue.tried = queue.tried or any(
            _tried(mark, fates.get(key)) for key, mark in queue.witnesses.items()
        )
        kept = {key: mark for key, mark in queue.witnesses.items() if _waits(fates.get(key))}
        queue.witnesses = dict(list({**due, **kept}.items())[-KEPT:])

    def _clear(self, *, moves: bool, now_s: float) -> bool:
        if not moves:
            self._clear_since_s = None
            return False
        if self._clear_since_s is None:
            self._clear_since_s = now_s
        return now_s - self._clear_since_s >= self.clear_s


def _moved(before: Mark, now: Mark | None) -> bool:
    """Tell whether a witness moved: it left the open states, or its count changed."""
    return now is None or not now.open or now.count != before.count


def _tried(before: Mark, now: Mark | None) -> bool:
    """Tell whether an attempt ended in nothing, otherwise than by the death of its worker."""
    if now is None:
        return False
    return now.attempts - now.deaths > before.attempts - before.deaths


def _waits(now: Mark | None) -> bool:
    """Tell whether a witness is still due: one put off says nothing until it is due again."""
    return now is not None and now.open and now.due
