"""Residents who write or ring: what they send comes to the application as Twilio hands it in.

POST /sandbox/residents/sms {from, to, text, url, times}: an SMS to one of our numbers, handed in at
`url` (what is entered at the provider for that number), `times` over (1), and the words answered.
POST /sandbox/residents/call {from, to, url, keys}: a call to it, `keys` pressed one after the other
at each question. An empty `from` is a hidden number. Both are kept in the ledger, under the media
`sms-in` and `voice-in`, with all that was heard.
"""

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from dispatcher.sandbox.desk import Desk
from dispatcher.sandbox.ledger import Change, Entry, distinct_key
from dispatcher.sandbox.twilio_resources import API, segment_count
from dispatcher.sandbox.twiml import (
    BadTwiml,
    Talk,
    Unreachable,
    converse,
    read_answers,
    read_twiml,
)

HIDDEN = "anonymous"
MOST_TIMES = 100


async def text_in(desk: Desk, order: Mapping[str, str], *, times: int = 1) -> Entry:
    """Send an SMS to one of our numbers; return it with what was answered."""
    entry = _entry("sms-in", "SM", order, content=order["text"])
    await desk.ledger.add(entry)
    fields = {
        **_places(entry),
        "MessageSid": entry.sid,
        "SmsSid": entry.sid,
        "SmsMessageSid": entry.sid,
        "AccountSid": desk.credentials.account_sid,
        "ApiVersion": API,
        "Body": entry.content,
        "NumMedia": "0",
        "NumSegments": str(segment_count(entry.content)),
        "SmsStatus": "received",
    }
    answers = await asyncio.gather(*(_answered(desk, order["url"], fields) for _ in range(times)))
    detail = {"heard": answers[0], "answers": answers}
    return await _kept(desk, entry, Change(status="received", detail=detail))


async def ring_in(desk: Desk, order: Mapping[str, str]) -> Entry:
    """Call one of our numbers, listen and press keys; return the call with what was heard."""
    entry = _entry("voice-in", "CA", order, content="")
    await desk.ledger.add(entry)
    heard: list[dict[str, str]] = []
    fetch = partial(_fetched, desk, entry)
    pause = partial(desk.step, entry.sid, "speech")
    talk = Talk(keys=list(order["keys"]), fetch=fetch, pause=pause, heard=heard)
    try:
        opening = await fetch(order["url"], "POST", {"CallStatus": "ringing"})
        await converse(talk, read_twiml(opening), url=order["url"])
    except BadTwiml as problem:
        heard.append({"problem": f"12100 {problem}"})
    except Unreachable as problem:
        heard.append({"problem": f"11200 {problem}"})
    pressed = "".join(part.get("pressed", "") for part in heard)
    detail = {"heard": heard, "pressed": pressed}
    return await _kept(desk, entry, Change(status="completed", detail=detail))


def _entry(medium: str, prefix: str, order: Mapping[str, str], *, content: str) -> Entry:
    sid = prefix + secrets.token_hex(16)
    return Entry(
        sid=sid,
        medium=medium,
        key=distinct_key(medium, sid),
        to=order["to"],
        sender=order["from"] or HIDDEN,
        content=content,
        status="in-progress",
    )


async def _kept(desk: Desk, entry: Entry, change: Change) -> Entry:
    await desk.ledger.change(entry.sid, change)
    return replace(entry, status=change.status or entry.status, detail=change.detail)


async def _answered(desk: Desk, url: str, fields: Mapping[str, str]) -> list[dict[str, str]]:
    """Hand an SMS in; return the words that would be sent back, or what went wrong."""
    try:
        return read_answers(await desk.caller.fetch(url, "POST", fields))
    except BadTwiml as problem:
        return [{"problem": f"12100 {problem}"}]
    except Unreachable as problem:
        return [{"problem": f"11200 {problem}"}]


async def _fetched(desk: Desk, entry: Entry, url: str, method: str, more: Mapping[str, str]) -> str:
    fields = {
        **_places(entry),
        "CallSid": entry.sid,
        "AccountSid": desk.credentials.account_sid,
        "ApiVersion": API,
        "Direction": "inbound",
        "CallStatus": "in-progress",
        "Caller": entry.sender,
        "Called": entry.to,
        **more,
    }
    return await desk.caller.fetch(url, method, fields)


def _places(entry: Entry) -> dict[str, str]:
    """Give both ends; of French numbers Twilio knows the country and no more."""
    known = {f"{side}Country": "FR" for side in ("From", "To")}
    unknown = {f"{side}{part}": "" for side in ("From", "To") for part in ("City", "State", "Zip")}
    return {"From": entry.sender, "To": entry.to, **known, **unknown}
