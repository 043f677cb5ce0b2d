"""An event as JSON: what tools and commands are told of it, without a phone number in it."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime

from dispatcher.alerts.office import Office
from dispatcher.crisis.sights import CallUp, Sight, sight
from dispatcher.store import crises
from dispatcher.store.crises import Event

Shown = dict[str, object]


async def show(office: Office, event_id: str) -> Shown:
    """Return where an event stands; raises NotThere."""
    seen = await sight(office, event_id)
    open_ = sum(task.state == "open" for task in seen.tasks)
    return {
        **shown_event(seen.event),
        "holders": [
            {"post": p.code, "label": p.label, "holder": p.holder, "since": iso(p.since)}
            for p in seen.posts
            if p.holder
        ],
        "tasks": [
            {**asdict(t), "opened_at": iso(t.opened_at), "changed_at": iso(t.changed_at)}
            for t in seen.tasks
        ],
        "open_tasks": open_,
        "calls": [_call_up(one) for one in seen.calls],
        "proposals": [
            {
                "template": one.template, "kind": one.kind, "sectors": list(one.sectors),
                "asked": dict(one.asked), "alert": _drafted(seen, one.template),
            }
            for one in seen.proposals
        ],
        "acts": [
            {
                "act": act.act, "from": act.from_state, "to": act.to_state, "by": act.acted_by,
                "function": act.function, "reason": act.reason, "at": iso(act.acted_at),
            }
            for act in seen.acts
        ],
    }  # fmt: skip


def _drafted(seen: Sight, template: str) -> str | None:
    known = seen.drafted.get(template)
    return known.alert_id if known else None


def _call_up(one: CallUp) -> Mapping[str, object]:
    return {
        "summons": one.summons.summons_id,
        "why": one.summons.why,
        "runs": one.runs,
        "launched_at": iso(one.summons.launched_at),
        "wait_s": one.summons.wait_s,
        "filled": list(one.filled),
        "empty": list(one.empty),
        "people": [
            {
                "post": called.post, "rank": called.rank, "person": called.holder,
                "standing": called.standing, "called_at": iso(called.called_at),
                "answered_at": iso(called.answered_at), "next_at": iso(called.next_at),
                "ways": [{"medium": way.medium, "state": way.state} for way in called.ways],
            }
            for names in one.posts.values()
            for called in names
        ],
    }  # fmt: skip


def shown_event(event: Event) -> Shown:
    """Return an event's own columns, its instants in ISO 8601."""
    received = {
        "from": event.received_from,
        "text": event.received_text,
        "code": event.received_code,
        "at": iso(event.received_at),
    }
    return {
        "event": event.event_id,
        "title": event.title,
        "mode": event.mode,
        "state": event.state,
        "open": event.is_open,
        "since": iso(event.state_at),
        "phase": event.phase,
        "level": event.level,
        "scenario": event.scenario,
        "directed_by": event.directed_by,
        "received": received if event.received_at else None,
        "opened_by": event.opened_by,
        "opened_at": iso(event.opened_at),
    }


async def listed(office: Office) -> Shown:
    """Return the commune's events, the newest first, and which one is open."""
    found = await crises.events_of(office.ledger, office.commune)
    now = await crises.open_event_of(office.ledger, office.commune)
    return {
        "open": now.event_id if now else None,
        "events": [shown_event(event) for event in found],
    }


def iso(at: float | None) -> str | None:
    """Return an instant of the ledger in ISO 8601, UTC."""
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
