"""The control API under /sandbox: failures, behaviour, residents, the ledger and the outbox."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime
from itertools import zip_longest
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from dispatcher.sandbox.callees import Behaviour
from dispatcher.sandbox.desk import Desk
from dispatcher.sandbox.faults import Fault, NoSuchFault
from dispatcher.sandbox.ledger import MEDIA, Entry
from dispatcher.sandbox.residents import MOST_TIMES, ring_in, text_in

MAX_LIMIT = 5000
MAX_DIGITS = 15  # SQLite counts no further than 19
BEHAVIOURS = {figure.name: figure.type for figure in fields(Behaviour)}


class BadOrder(ValueError):
    """What was asked of the sandbox makes no sense; the text says why."""


async def faults(request: Request) -> Response:
    """GET what is in force; POST {medium, kind, share, count, delay_s}; DELETE ends them all."""
    desk = _desk(request)
    if request.method == "DELETE":
        desk.faults.clear()
    if request.method == "POST":
        order = await _order(request)
        figures = {name: _number(order, name) for name in ("share", "count", "delay_s")}
        desk.faults.order(str(order.get("medium")), str(order.get("kind")), **figures)
    return _json({"faults": [_fault(fault) for fault in desk.faults.orders]})


async def behaviour(request: Request) -> Response:
    """GET how the public behaves; POST the figures to change (see callees.Behaviour)."""
    desk = _desk(request)
    if request.method == "POST":
        order = await _order(request)
        unknown = order.keys() - BEHAVIOURS.keys()
        if unknown:
            raise BadOrder(f"No such figure: {', '.join(sorted(unknown))}.")
        changes: dict[str, Any] = {name: _figure(order, name) for name in order}
        desk.behaviour = replace(desk.behaviour, **changes)
    return _json(asdict(desk.behaviour))


async def webhook_secrets(request: Request) -> Response:
    """POST {host, secret}: the secret that signs webhooks for this host from now on."""
    order = await _order(request)
    host, secret = order.get("host"), order.get("secret")
    if not isinstance(host, str) or not isinstance(secret, str) or len(secret) < len("whsec_") + 8:
        raise BadOrder('Give a "host" and its "secret" (whsec_…).')
    _desk(request).webhook_secrets[host] = secret
    return _json({"host": host})


async def typist(request: Request) -> Response:
    """POST {number, keys}: whoever answers there types these, one a question (`771`, `0`)."""
    order = await _order(request)
    number, keys = order.get("number"), order.get("keys")
    if (
        not isinstance(number, str)
        or not isinstance(keys, list)
        or not all(isinstance(one, str) and len(one) <= MAX_DIGITS for one in keys)
    ):
        raise BadOrder('Give a "number" and the "keys" that it types, one a question.')
    _desk(request).typists[number] = tuple(keys)
    return _json({"number": number})


async def summary(request: Request) -> Response:
    """Count what was accepted: for each medium and in all, with distinct deliveries and copies."""
    desk = _desk(request)
    by_medium, by_status = await desk.ledger.totals()
    counts: dict[str, dict[str, Any]] = {
        medium: {"accepted": 0, "distinct": 0, "copies_max": 0, "by_status": {}} for medium in MEDIA
    }
    for medium, accepted, distinct, copies in by_medium:
        if medium in counts:  # what residents sent is not accepted of us
            counts[medium].update(accepted=accepted, distinct=distinct, copies_max=copies)
    for medium, status, number in by_status:
        if medium in counts:
            counts[medium]["by_status"][status] = number
    return _json(
        {
            "by_medium": counts,
            "accepted": sum(count["accepted"] for count in counts.values()),
            "distinct": sum(count["distinct"] for count in counts.values()),
            "copies_max": max(count["copies_max"] for count in counts.values()),
            "calls": counts["voice"]["by_status"],
            "callbacks": asdict(desk.caller.tally),
            "webhooks_refused": desk.refused_signatures,
        }
    )


async def ledger(request: Request) -> Response:
    """GET ?medium=&after=&limit=: entries in order of arrival, with the place to go on from."""
    medium = request.query_params.get("medium", "")
    limit = _limit(request)
    found = await _desk(request).ledger.after(
        _count(request, "after", 0), medium=medium, limit=limit
    )
    after = found[-1].id if found else None
    return _json({"entries": [_entry(entry) for entry in found], "after": after})


async def outbox(request: Request) -> Response:
    """GET ?medium=&limit=: what phones, voices and mailboxes gave, newest first.

    ?each= gives so many of each medium in turn: a thousand SMS do not hide the only call.
    """
    ledger, each = _desk(request).ledger, min(_count(request, "each", 0), MAX_LIMIT)
    if each:
        of_each = [await ledger.newest(each, medium=medium) for medium in MEDIA]
        found = [one for turn in zip_longest(*of_each) for one in turn if one is not None]
    else:
        medium = request.query_params.get("medium", "")
        found = await ledger.newest(_limit(request), medium=medium)
    return _json({"items": [_item(entry) for entry in found]})


async def resident_text(request: Request) -> Response:
    """POST {from, to, text, url, times}: a resident's SMS (see residents.py)."""
    order = await _order(request)
    times = order.get("times", 1)
    if not isinstance(times, int) or not 1 <= times <= MOST_TIMES:
        raise BadOrder(f"times must be a whole number up to {MOST_TIMES}.")
    entry = await text_in(_desk(request), _words(order, "from", "to", "text", "url"), times=times)
    return _json(_entry(entry))


async def resident_call(request: Request) -> Response:
    """POST {from, to, url, keys}: a resident's call (see residents.py)."""
    order = {"keys": "", **await _order(request)}
    entry = await ring_in(_desk(request), _words(order, "from", "to", "url", "keys"))
    return _json(_entry(entry))


async def reset(request: Request) -> Response:
    """POST: forget all that was accepted and ordered, and stop what is on its way."""
    await _desk(request).reset()
    return _json({"reset": True})


async def on_bad_order(_request: Request, problem: Exception) -> Response:
    """Answer an order that makes no sense with its reason."""
    if not isinstance(problem, BadOrder | NoSuchFault):
        raise problem
    return _json({"message": str(problem)}, 400)


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


def _json(content: object, status: int = 200) -> Response:
    return Response(orjson.dumps(content), status, media_type="application/json")


async def _order(request: Request) -> Mapping[str, Any]:
    try:
        order = orjson.loads(await request.body())
    except orjson.JSONDecodeError as problem:
        raise BadOrder(f"The body is not JSON: {problem}") from problem
    if not isinstance(order, dict):
        raise BadOrder("The body must be a JSON object.")
    return order


def _words(order: Mapping[str, Any], *names: str) -> Mapping[str, str]:
    wrong = [name for name in names if not isinstance(order.get(name), str)]
    if wrong:
        raise BadOrder(f"Give as texts: {', '.join(wrong)}.")
    return {name: order[name] for name in names}


def _number(order: Mapping[str, Any], name: str) -> float | None:
    value = order.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise BadOrder(f"{name} must be a number.")
    return value


def _figure(order: Mapping[str, Any], name: str) -> float | bool:
    value = order[name]
    if BEHAVIOURS[name] is bool:
        if not isinstance(value, bool):
            raise BadOrder(f"{name} must be true or false.")
        return value
    figure = _number(order, name)
    if figure is None or figure < 0 or (name.endswith("_share") and figure > 1):
        raise BadOrder(f"{name} must be a number that is not negative; a share is at most 1.")
    return figure


def _count(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, str(default))
    if not text.isdecimal() or len(text) > MAX_DIGITS:
        raise BadOrder(f"{name} must be a whole number.")
    return int(text)


def _limit(request: Request) -> int:
    return min(_count(request, "limit", 100), MAX_LIMIT)


def _fault(fault: Fault) -> dict[str, Any]:
    return asdict(fault)


def _entry(entry: Entry) -> dict[str, Any]:
    shown = asdict(entry) | {"key": entry.key.hex(), "at": _iso(entry.at)}
    shown["updated_at"] = _iso(entry.updated_at)
    return shown


def _item(entry: Entry) -> dict[str, Any]:
    detail = entry.detail
    return {
        "id": entry.id,
        "medium": entry.medium,
        "to": entry.to,
        "from": detail.get("from", entry.sender),
        "at": _iso(entry.at),
        "status": entry.status,
        "error_code": entry.error_code,
        "subject": entry.content if entry.medium == "email" else None,
        "text": _text(entry),
        "pressed": detail.get("pressed", ""),
        "copies": entry.copies,
    }


def _text(entry: Entry) -> str:
    if entry.medium == "email":
        return str(entry.detail.get("text") or entry.detail.get("html", ""))
    heard: Iterable[Mapping[str, str]] = entry.detail.get("heard", ())
    lines = [f"[{part['pressed']}]" if "pressed" in part else _spoken(part) for part in heard]
    if entry.medium == "sms-in":  # what the resident wrote, then what she was answered
        return "\n".join([entry.content, *lines])
    return "\n".join(lines) or entry.content


def _spoken(part: Mapping[str, str]) -> str:
    return part.get("said") or part.get("played") or part.get("problem", "")


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
