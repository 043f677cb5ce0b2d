"""A call for help as tools read it: codes, instants in UTC; who called only for who looks."""

from datetime import UTC, datetime

from dispatcher.alerts.office import Office
from dispatcher.distress.calls import UNOWNED_S
from dispatcher.store import help_calls
from dispatcher.store.help_calls import HelpCall
from dispatcher.store.help_counts import help_counts
from dispatcher.store.help_whose import Whose


async def listed(office: Office) -> dict[str, object]:
    """Return the open calls, those without an owner first, and those ended in the last days.

    The first two hundred of each; the open ones are counted all.
    """
    opened = await help_calls.open_calls(office.ledger, office.commune)
    counted = await help_counts(office.ledger, office.commune, late_s=UNOWNED_S)
    ended = await help_calls.ended_calls(office.ledger, office.commune)
    return {
        "open": [shown(one) for one in opened],
        "ended": [shown(one) for one in ended],
        "open_count": counted.open,
        "unowned_count": counted.alone,
        "asking_again_count": counted.again,
        "unowned_after_s": UNOWNED_S,
    }


def shown(call: HelpCall) -> dict[str, object]:
    """Return a call without anything about who made it."""
    return {
        "call": call.call_id,
        "alert": call.alert_id or None,
        "mode": call.mode,
        "via": call.via,
        "state": "open" if call.is_open else "ended",
        "came_at": _iso(call.came_at),
        "asked_again_at": call.again or None,
        "unanswered_since": _iso(call.anew_at) if call.is_open else None,
        "owner": None if call.is_open and call.left else call.owner,
        "former_owner": call.owner if call.is_open and call.left else None,
        "owned_at": _iso(call.owned_at),
        "rung_at": _iso(call.rung_at),
        "nobody_to_ring_at": _iso(call.nobody_at),
        "outcome": call.outcome,
        "note": call.note or None,
        "passed_at": _iso(call.passed_at),
        "reference": call.passed_ref or None,
        "ended_by": call.closed_by,
        "ended_at": _iso(call.closed_at),
    }


def shown_whose(call: HelpCall, found: Whose) -> dict[str, object]:
    """Return a call with who is behind it."""
    people = [
        {
            "person": one.person_id,
            "name": one.name,
            "language": one.language,
            "needs_help_to_leave": one.needs_help,
            "homes": [{"address": home.label} for home in one.homes],
            "phones": list(one.phones),
        }
        for one in found.people
    ]
    return {
        **shown(call), "number": found.contact or None, "words": found.words or None,
        "safe_since": _iso(found.safe_at), "people": people,
    }  # fmt: skip


def _iso(at: float | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
