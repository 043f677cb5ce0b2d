"""What was decided in a crisis, as the lines that Tocsin wrote of each act tell it."""

from dataclasses import dataclass

from dispatcher.logbook.books import Keeper
from dispatcher.store.alert_lines import latest_alerts
from dispatcher.store.crises import Event
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


async def decided(keeper: Keeper, crisis: Event | None, *, since: float | None) -> list[Decided]:
    """Return what was decided since an instant, in order: acts of a crisis, alerts of its mode."""
    if crisis is None:
        return []
    names = await user_names(keeper.ledger, keeper.commune)
    found = [
        Decided(line.at, names.get(line.author, line.author), line.text)
        for line in await _lines(keeper, crisis)
        if since is None or line.recorded_at > since
    ]
    return sorted(found, key=lambda one: one.at)


async def _lines(keeper: Keeper, crisis: Event) -> list[Line]:
    """Return the automatic lines of a crisis, and those of its mode's alerts since it began."""
    of_event = [
        line
        async for line in all_lines(
            keeper.ledger, keeper.commune, Wanted(event=crisis.event_id, written=False)
        )
    ]
    alike = {
        one.alert_id
        for one in await latest_alerts(keeper.ledger, keeper.commune)
        if one.mode == crisis.mode
    }
    others = Wanted(event="", written=False, since=crisis.opened_at)
    of_alerts = [
        line
        async for line in all_lines(keeper.ledger, keeper.commune, others)
        if line.kind in OF_AN_ALERT and line.data.get("alert") in alike
    ]
    return [*(line for line in of_event if line.kind in OF_THE_EVENT), *of_alerts]
