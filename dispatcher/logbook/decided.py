"""What was decided in a crisis, as the lines that Tocsin wrote of each act tell it."""

from collections.abc import Collection
from dataclasses import dataclass

from dispatcher.logbook.books import Keeper
from dispatcher.store.alert_lines import latest_alerts
from dispatcher.store.duties import user_names
from dispatcher.store.logbook import Line
from dispatcher.store.pages_of_lines import Wanted, all_lines

OF_THE_EVENT = frozenset(
    f"event.{act}"
    for act in (
        *("pre_alert", "activate", "stand_down", "close", "level", "phase"),
        *("take_over", "give_back", "no_follow_up"),
    )
)
OF_AN_ALERT = frozenset(
    ("alert.launched", "alert.cancelled", "alert.taken_back", "alert.override_stopped")
)


@dataclass(frozen=True)
class Decided:
    """A decision: when (epoch seconds), by whom, which."""

    at: float
    by: str
    what: str


async def decided(keeper: Keeper, *, event: str, since: float | None) -> list[Decided]:
    """Return what was decided since an instant, in order: acts of the event, real alerts."""
    names = await user_names(keeper.ledger, keeper.commune)
    found = [
        Decided(line.at, names.get(line.author, line.author), line.text)
        for line in await _lines(keeper, event)
        if since is None or line.recorded_at > since
    ]
    return sorted(found, key=lambda one: one.at)


async def _lines(keeper: Keeper, event: str) -> list[Line]:
    """Return the automatic lines of the event, and those of real alerts since it began."""
    of_event = [
        line
        async for line in all_lines(
            keeper.ledger, keeper.commune, Wanted(event=event, written=False)
        )
    ]
    if not of_event:
        return []
    real = {
        one.alert_id
        for one in await latest_alerts(keeper.ledger, keeper.commune)
        if one.mode == "real"
    }
    others = Wanted(event="", written=False, since=of_event[0].at)
    of_alerts = [
        line
        async for line in all_lines(keeper.ledger, keeper.commune, others)
        if line.kind in OF_AN_ALERT and _alert_of(line, real)
    ]
    return [*(line for line in of_event if line.kind in OF_THE_EVENT), *of_alerts]


def _alert_of(line: Line, real: Collection[str]) -> bool:
    return line.data.get("alert") in real
