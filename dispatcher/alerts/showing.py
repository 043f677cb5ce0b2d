"""What became of an alert: its state, its deliveries by state and medium, its answers."""

from datetime import datetime

from dispatcher.alerts.life import find, instant, newest_launched
from dispatcher.alerts.office import Office
from dispatcher.delivery.content import MSG_TYPES, cap_identifier
from dispatcher.store.endings import may_have_left
from dispatcher.store.results import results
from dispatcher.store.succession import UNLAUNCHED
from dispatcher.store.versions import Version


async def show(office: Office, alert_id: str) -> dict[str, object]:
    """Return the figures of INTERFACES.md for an alert; raises NotThere.

    `acknowledged` and `need_help` count people; accepted, delivered and acknowledged are never
    merged. `reached` are the people who confirmed as the policy asks, `not_reached` those who took
    every step in vain, `unreachable` those without a way; `escalation` is open, over or null.
    `may_have_left` counts deliveries. Of an alert that was corrected these are the figures of the
    newest version that was launched; `preparing` is one that was not, null where there is none.
    """
    newest = await find(office, alert_id)
    version = await newest_launched(office, alert_id) or newest
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
        "version": version.number,
        "kind": version.kind,
        "identifier": cap_identifier(office.commune, version.version_id),
        "msg_type": MSG_TYPES[version.kind],
        "references": list(version.content.get("references", ())),
        "people": version.people,
        "deliveries": found.states,
        "may_have_left": may_have_left(found.states),
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
        "preparing": _preparing(newest) if newest.state in UNLAUNCHED else None,
        "launched_at": _iso(instant(version.launched_at)),
        "finished_at": _iso(instant(version.finished_at)),
        "expires_at": _iso(instant(version.expires_at)),
    }


def _preparing(version: Version) -> dict[str, object]:
    return {
        "version": version.number,
        "kind": version.kind,
        "state": version.state,
        "digest": version.digest,
        "people": version.people,
    }


def shown_state(version: Version) -> str:
    """Return dispatching or dispatched for a launched version, its own state otherwise."""
    if version.state != "launched":
        return version.state
    return "dispatched" if version.finished_at else "dispatching"


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")
