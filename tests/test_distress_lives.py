"""Any sequence of acts on a call for help leaves it as a book kept by hand would say."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatcher.alerts.office import Actor
from dispatcher.alerts.refusals import AlertRefused
from dispatcher.distress import calls
from dispatcher.distress.calls import End
from dispatcher.store import help_calls
from tests.distress_town import OPERATOR, RAC, Town, town_in_distress
from tests.keyring import opened
from tests.outgoing import COMMUNE

ACTORS = (RAC, OPERATOR)
ACTS = ("cry", "take", "give", "give_back", "end", "reopen")


@dataclass
class Book:
    """What a careful person would have written down of the newest call."""

    owner: str | None = None
    ended: bool = False
    calls: int = 1

    def says(self, act: str, actor: Actor) -> bool:
        """Note an act; tell whether it may be done, and change nothing where it may not."""
        if act == "cry":
            self._cried()
            return True
        if act == "reopen":
            self.owner = actor.login if self.ended else self.owner
            self.ended = False
            return True
        if self.ended or (act in ("take", "end") and self.owner not in (None, actor.login)):
            return False
        self.owner = {"give": other_than(actor), "give_back": None}.get(act, actor.login)
        self.ended = act == "end"
        return True

    def _cried(self) -> None:
        if self.ended:
            self.owner, self.ended, self.calls = None, False, self.calls + 1


def other_than(actor: Actor) -> str:
    return next(one.login for one in ACTORS if one is not actor)


async def act_on(town: Town, ident: str, act: str, *, actor: Actor) -> bool:
    other = other_than(actor)
    office = town.office
    known: dict[str, Callable[[], Awaitable[object]]] = {
        "cry": town.cries,
        "take": lambda: calls.take(office, ident, actor=actor),
        "give": lambda: calls.hand_over(office, ident, other, actor=actor),
        "give_back": lambda: calls.hand_over(office, ident, "", actor=actor),
        "end": lambda: calls.end(office, ident, End("called_back"), actor=actor),
        "reopen": lambda: calls.reopen(office, ident, actor=actor, reason="rappelle"),
    }
    try:
        await known[act]()
    except AlertRefused:
        return False
    return True


async def _lived(template: Path, acts: list[tuple[str, int]]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.sqlite"
        shutil.copy(template, path)
        async with opened(f"sqlite+aiosqlite:///{path}") as ledger:
            town, book = await town_in_distress(ledger), Book()
            await town.cries()
            newest = await town.the_call()
            for act, who in acts:
                allowed = book.says(act, ACTORS[who])
                done = await act_on(town, newest.call_id, act, actor=ACTORS[who])
                assert done is allowed, (act, book)
                newest = (await town.open() or [await calls.find(town.office, newest.call_id)])[0]
                assert newest.is_open is not book.ended
                assert newest.owner == book.owner
            ended = await help_calls.ended_calls(ledger, COMMUNE)
            assert len(ended) + len(await town.open()) == book.calls


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 1)), max_size=9))
def test_a_call_is_what_was_done_to_it(
    sqlite_template: Path, acts: list[tuple[str, int]]
) -> None:  # fmt: skip
    asyncio.run(_lived(sqlite_template, acts))
