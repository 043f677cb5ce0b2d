"""Twilio's REST API, version 2010-04-01, as far as alerting uses it."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qs, parse_qsl

import orjson
from starlette.requests import Request
from starlette.responses import Response

from dispatcher.sandbox.answers import faulty
from dispatcher.sandbox.desk import Desk
from dispatcher.sandbox.ledger import Entry, Search
from dispatcher.sandbox.sms import accept_sms
from dispatcher.sandbox.twilio_resources import (
    account_resource,
    call_resource,
    message_resource,
    number_resource,
    page_of,
)
from dispatcher.sandbox.twilio_rules import TwilioRefusal
from dispatcher.sandbox.voice import accept_call

MAX_PAGE_SIZE = 1000
MAX_PAGE_DIGITS = 12
OWN_NUMBERS = ("+33639980000", "+33199000000")
DAY_S = 86_400.0
Resource = Callable[[Entry, str], dict[str, object]]


async def create_message(request: Request) -> Response:
    """POST Messages.json: 201 once the message is in the ledger."""
    desk = _desk(request)
    form = dict(parse_qsl((await request.body()).decode(errors="replace")))

    async def accept() -> Response:
        entry = await accept_sms(desk, form)
        return _json(message_resource(entry, desk.credentials.account_sid), 201)

    return await faulty(desk, "sms", accept)


async def create_call(request: Request) -> Response:
    """POST Calls.json: 201 once the call is in the ledger."""
    desk = _desk(request)
    fields = parse_qs((await request.body()).decode(errors="replace"))
    form = {name: values[-1] for name, values in fields.items()}
    # The SDK repeats the field; the console's examples put all events into one.
    events = " ".join(fields.get("StatusCallbackEvent", ())).split()

    async def accept() -> Response:
        entry = await accept_call(desk, form, events)
        return _json(call_resource(entry, desk.credentials.account_sid), 201)

    return await faulty(desk, "voice", accept)


async def list_messages(request: Request) -> Response:
    """GET Messages.json?To=&From=&DateSent…&PageSize=&Page=, newest first."""
    return await _list(request, ("sms", "messages", "DateSent"), message_resource)


async def list_calls(request: Request) -> Response:
    """GET Calls.json?To=&From=&StartTime…&PageSize=&Page=, newest first."""
    return await _list(request, ("voice", "calls", "StartTime"), call_resource)


async def show_message(request: Request) -> Response:
    """GET Messages/{sid}.json."""
    return await _show(request, "sms", message_resource)


async def show_call(request: Request) -> Response:
    """GET Calls/{sid}.json."""
    return await _show(request, "voice", call_resource)


async def show_account(request: Request) -> Response:
    """GET Accounts/{sid}.json."""
    return _json(account_resource(_desk(request).credentials.account_sid))


async def show_balance(request: Request) -> Response:
    """GET Balance.json: play money."""
    sid = _desk(request).credentials.account_sid
    return _json({"account_sid": sid, "balance": "100.00", "currency": "EUR"})


async def list_numbers(request: Request) -> Response:
    """GET IncomingPhoneNumbers.json?PhoneNumber=: two numbers of the fiction blocks."""
    wanted = request.query_params.get("PhoneNumber", "")
    sid = _desk(request).credentials.account_sid
    shown = [number_resource(sid, number) for number in OWN_NUMBERS if wanted in ("", number)]
    query = {**_paging(request.query_params), "Page": "0"}
    return _json(page_of("incoming_phone_numbers", shown, path=request.url.path, query=query))


async def _list(request: Request, names: tuple[str, str, str], resource: Resource) -> Response:
    desk = _desk(request)
    medium, name, date_field = names
    asked = request.query_params
    paging = _paging(asked)
    page, size = int(paging["Page"]), int(paging["PageSize"])
    since, before = _period(asked, date_field)
    lag = desk.faults.draw("lookup", among=frozenset({"lagging"}))
    if lag is not None:  # the latest entries are not in the list yet
        before = min(before, time.time() - lag.delay_s)
    search = Search(
        medium,
        to=asked.get("To", ""),
        sender=asked.get("From", ""),
        since=since,
        before=before,
        limit=size + 1,
        offset=page * size,
    )

    async def answer() -> Response:
        found = await desk.ledger.search(search)
        shown = [resource(entry, desk.credentials.account_sid) for entry in found]
        query = {**dict(asked), **paging}
        return _json(page_of(name, shown, path=request.url.path, query=query))

    return await faulty(desk, "lookup", answer)


async def _show(request: Request, medium: str, resource: Resource) -> Response:
    desk = _desk(request)
    sid = request.path_params["sid"]

    async def answer() -> Response:
        entry = await desk.ledger.one(sid)
        if entry is None or entry.medium != medium:
            raise TwilioRefusal(20404, request.url.path)
        return _json(resource(entry, desk.credentials.account_sid))

    return await faulty(desk, "lookup", answer)


def _desk(request: Request) -> Desk:
    """Give the desk, once the account in the path is the one that signed in."""
    desk: Desk = request.app.state.desk
    if request.path_params["account"] != desk.credentials.account_sid:
        raise TwilioRefusal(20404, request.url.path)
    return desk


def _json(content: object, status: int = 200) -> Response:
    return Response(orjson.dumps(content), status, media_type="application/json")


def _paging(asked: Mapping[str, str]) -> dict[str, str]:
    page, size = asked.get("Page", "0"), asked.get("PageSize", "50")
    if not (page.isdecimal() and size.isdecimal() and len(page + size) <= MAX_PAGE_DIGITS):
        raise TwilioRefusal(20404, "page")
    return {"Page": page, "PageSize": str(min(max(int(size), 1), MAX_PAGE_SIZE))}


def _period(asked: Mapping[str, str], name: str) -> tuple[float, float]:
    """Read Name, Name> and Name< : a day (GMT) or a moment, bounds included."""
    since, before = 0.0, 1e12
    if f"{name}>" in asked:
        since, _ = _moment(asked[f"{name}>"])
    if f"{name}<" in asked:
        _, before = _moment(asked[f"{name}<"])
    if name in asked:
        since, before = _moment(asked[name])
    return since, before


def _moment(text: str) -> tuple[float, float]:
    """Give the seconds a date covers: a whole day, or one second. Raises TwilioRefusal."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as problem:
        raise TwilioRefusal(20404, text) from problem
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    start = moment.timestamp()
    whole_day = len(text) == len("2026-11-24")
    return start, start + (DAY_S if whole_day else 1.0)
