"""What became of an alert: its state, its deliveries by state and medium, its answers."""

from datetime import datetime

from dispatcher.alerts.life import find, instant
from dispatcher.alerts.office import Office
from dispatcher.store.results import results
from dispatcher.store.versions import Version


async def show(office: Office, alert_id: str) -> dict[str, object]:
    """Return the figures of INTERFACES.md for an alert; raises NotThere.

    `acknowledged` and `need_help` count people; accepted, delivered and acknowledged are never
    merged. `reached` are the people who confirmed as the policy asks, `not_reached` those who took
    every step in vain, `unreachable` those without a way; `escalation` is open, over or null.
    """
    version = await find(office, alert_id)
    escalation = version.content.get("escalation") or {}
    found = await results(
        office.ledger,
        office.commune,
        version.version_id,
        confirmation=escalation.get("confirmation", "acknowledged"),
    )
    return {
        "alert": alert_id,
        "state": shown_state(version),
        "mode": version.content["mode"],
        "title": version.content["title"],
        "digest": version.digest,
        "people": version.people,
        "deliveries": found.states,
        "by_channel": {m: sum(counted.values()) for m, counted in found.by_medium.items()},
        "by_channel_and_state": found.by_medium,
        "acknowledged": found.answered.get("understood", 0),
        "need_help": found.answered.get("help", 0),
        "reached": found.reached,
        "not_reached": sum(found.unreached.values()),
        "not_reached_by_reason": found.unreached,
        "unreachable": found.unreachable,
        "escalation": version.pursuit,
        "waiting_blocks": found.waiting_blocks,
        "launched_at": _iso(instant(version.launched_at)),
        "finished_at": _iso(instant(version.finished_at)),
        "expires_at": _iso(instant(version.expires_at)),
    }


def shown_state(version: Version) -> str:
    """Return dispatching or dispatched for a launched version, its own state otherwise."""
    if version.state != "launched":
        return version.state
    return "dispatched" if version.finished_at else "dispatching"


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")
