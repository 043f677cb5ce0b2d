"""An alert's figures for the screens: counted beside what else they show, by what counting costs.

Counting is a walk through an alert's messages: two seconds for a million of them. Nobody waits for
it longer than PAGE_S: what was counted a moment ago is shown instead, never older than
REST_MOST_S while somebody looks. Answers are few beside messages, and are read at every look.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from dispatcher.store.alert_lines import AlertLine
from dispatcher.store.ledger import Ledger
from dispatcher.store.situation import Progress, answered_anew, progress

REST = 59  # times as long as counting took passes before it is done again: a sixtieth of a core…
SAID_REST = 9  # the same of answers, which are few
FIRST_REST_S = 0.5  # a first count is slow for other reasons than its cost
REST_MOST_S = 10.0  # … but what is shown is never older than that
CASES_EVERY_S = 5.0  # people by what became of their messages: half of all that counting costs
DEARER = 1.2  # than a moment ago
FORGOT_S = 60.0
SOON_S = 0.5  # what takes no longer is counted anew for each page that opens
PAGE_S = 1.0  # a page waits no longer for a count; then it shows an earlier one, or none yet
LOOK_S = 0.12  # nor does the look of screens that have one, nor a page when counting is long

Key = tuple[str, str]


@dataclass(frozen=True)
class _Kept:
    """Figures of a moment ago, each good enough until an instant of its own.

    All of them until `due_s`, their people until `cases_due_s`, their answers until `said_due_s`.
    """

    figures: Progress
    due_s: float
    cases_due_s: float
    cost_s: float
    said_due_s: float = 0.0


class Figures:
    """Counts what screens look at, each alert once at a time however many look."""

    def __init__(self, ledger: Ledger, *, now: Callable[[], float] = time.monotonic) -> None:
        """Count in this ledger, by a clock that only goes on, in seconds."""
        self._ledger = ledger
        self._now = now
        self._kept: dict[Key, _Kept] = {}
        self._counting: dict[Key, asyncio.Task[None]] = {}

    async def of(self, commune: str, line: AlertLine | None, *, rested: bool) -> Progress | None:
        """Return the figures of a launched version; None while they are counted for the first time.

        With `rested` those of a moment ago do, so that counting never takes more than its share of
        a core; without, they are counted now where that is soon done.
        """
        if line is None or line.launched_at is None:
            return None
        key = (commune, line.version_id)
        kept, now = self._kept.get(key), self._now()
        if kept is not None and now > kept.due_s + FORGOT_S:
            kept = None  # nobody looked meanwhile, or counting hangs: it is no figure of now
        anew = kept is None or (not rested and kept.cost_s < SOON_S)
        due = kept is None or anew or now >= kept.due_s
        if due and await self._counted(key, within_s=PAGE_S if anew else LOOK_S):
            return self._kept[key].figures
        return None if kept is None else await self._answered(key, kept)

    def close(self) -> None:
        """Stop counting."""
        for task in self._counting.values():
            task.cancel()

    async def _counted(self, key: Key, *, within_s: float) -> bool:
        """Have it counted, wait for it no longer than one may; tell whether it is done."""
        task = self._counting.get(key)
        if task is None or (task.done() and not task.cancelled() and task.exception() is None):
            task = self._counting[key] = asyncio.create_task(self._count(key))
        done, _ = await asyncio.wait((task,), timeout=within_s)
        if done:  # or it failed after an earlier look had stopped waiting: this one is told
            if self._counting.get(key) is task:
                del self._counting[key]
            task.result()
        return bool(done)

    async def _count(self, key: Key) -> None:
        kept, began = self._kept.get(key), self._now()
        whole = kept is None or began > kept.cases_due_s
        cases = None if kept is None or whole else kept.figures.cases
        found = await progress(self._ledger, *key, cases=cases)
        if kept is not None:  # looks have read answers since this count began: none is taken back
            found = await answered_anew(self._ledger, *key, figures=found)
        now = self._now()
        took = now - began
        if kept is not None:  # what it costs: a machine that is busy elsewhere takes longer
            took = min(took, DEARER * kept.cost_s)
        due = min(REST * took, REST_MOST_S if kept is not None else FIRST_REST_S)
        cases_due = now + max(CASES_EVERY_S, due) if whole or kept is None else kept.cases_due_s
        self._kept = {one: of for one, of in self._kept.items() if now < of.due_s + FORGOT_S}
        self._kept[key] = _Kept(found, now + due, cases_due, took)

    async def _answered(self, key: Key, kept: _Kept) -> Progress:
        """Read the answers anew beside figures that still do."""
        began = self._now()
        if began < kept.said_due_s:
            return kept.figures
        figures = await answered_anew(self._ledger, *key, figures=kept.figures)
        now = self._now()
        due = now + min(SAID_REST * (now - began), REST_MOST_S)
        anew = replace(kept, figures=figures, said_due_s=due)
        if self._kept.get(key) is kept:  # else all was counted meanwhile
            self._kept[key] = anew
        return figures
