"""The pretend voice operator: it rings, someone may answer, listens and presses a key."""

import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import partial

from dispatcher.sandbox.callees import CallFate, call_fate
from dispatcher.sandbox.desk import Desk, Receipts
from dispatcher.sandbox.ledger import Change, Entry, distinct_key
from dispatcher.sandbox.twilio_resources import API
from dispatcher.sandbox.twilio_rules import TwilioRefusal, check_call
from dispatcher.sandbox.twiml import (
    BadTwiml,
    Talk,
    Unreachable,
    Verb,
    converse,
    read_twiml,
    spoken_words,
)

EVENTS = ("initiated", "ringing", "answered", "completed")
WORDS_PER_S = 2.5
SIP_CODES = {"completed": "200", "busy": "486", "no-answer": "487", "failed": "404"}


@dataclass
class Line:
    """One call on its way; `heard` is the whole conversation, in order."""

    desk: Desk
    entry: Entry
    receipts: Receipts
    fate: CallFate
    heard: list[dict[str, str]] = field(default_factory=list)

    @property
    def answered_by(self) -> str | None:
        """Whether a person or a machine took the call, when the caller asked to know."""
        if not self.entry.detail["machine_detection"]:
            return None
        return "machine_start" if self.fate.outcome == "voicemail" else "human"


async def accept_call(desk: Desk, form: Mapping[str, str], events: Sequence[str]) -> Entry:
    """Take a call: it is in the ledger when this returns. Raises TwilioRefusal."""
    check_call(form)
    to, twiml = form["To"], form.get("Twiml", "")
    refused = call_fate(desk.behaviour, to, attempt="").refused
    if refused is not None:
        raise TwilioRefusal(refused, to)
    words = _words_of(twiml)
    entry = Entry(
        sid="CA" + secrets.token_hex(16),
        medium="voice",
        key=distinct_key("voice", to, words or form.get("Url", "")),
        to=to,
        sender=form["From"],
        content=words,
        status="queued",
        detail={
            "callback": form.get("StatusCallback", ""),
            "events": [event for event in events if event in EVENTS] or ["completed"],
            "twiml": twiml,
            "url": form.get("Url", ""),
            "method": form.get("Method", "POST"),
            "machine_detection": form.get("MachineDetection", ""),
            "receipts": desk.receipts("voice"),
        },
    )
    await desk.ledger.add(entry)
    desk.start(live_call(desk, entry))
    return entry


async def live_call(desk: Desk, entry: Entry) -> None:
    """Make the call, from its first ring: one interrupted by a restart is made again."""
    receipts = Receipts(desk.caller, entry.detail["callback"], entry.detail["receipts"])
    line = Line(desk, entry, receipts, _fate(desk, entry))
    await desk.step(entry.sid, "queued")
    await _tell(line, "initiated", "initiated")
    await desk.step(entry.sid, "initiated")
    await desk.ledger.change(entry.sid, Change(status="ringing"))
    await _tell(line, "ringing", "ringing")
    await desk.step(entry.sid, "ringing")
    if line.fate.outcome not in ("answered", "voicemail"):
        await _end(line, line.fate.outcome)
        return
    taken = {"started_at": time.time(), "answered_by": line.answered_by}
    await desk.ledger.change(entry.sid, Change(status="in-progress", detail=taken))
    await _tell(line, "answered", "in-progress")
    await _listen(line)
    await _end(line, "completed")


def _fate(desk: Desk, entry: Entry) -> CallFate:
    """Say how the call goes; who was told what to type takes it, and types that."""
    if entry.to in desk.typists:
        return CallFate(keys=desk.typists[entry.to])
    return call_fate(desk.behaviour, entry.to, attempt=entry.sid)


async def _listen(line: Line) -> None:
    """Live the conversation; a document that cannot be had or read ends it."""
    detail = line.entry.detail
    talk = Talk(
        keys=list(line.fate.keys),
        fetch=partial(_fetch, line),
        pause=partial(line.desk.step, line.entry.sid, "speech"),
        heard=line.heard,
    )
    try:
        text = detail["twiml"] or await _fetch(line, detail["url"], detail["method"], {})
        document = read_twiml(text)
    except BadTwiml as problem:
        line.heard.append({"problem": f"12100 {problem}"})
    except Unreachable as problem:
        line.heard.append({"problem": f"11200 {problem}"})
    else:
        if not detail["twiml"]:
            await _keep_words(line, document)
        await converse(talk, document, url=detail["url"])


async def _keep_words(line: Line, document: Sequence[Verb]) -> None:
    """Keep the words that came with the answer: now it is known what is a copy of what."""
    words = spoken_words(document)
    key = distinct_key("voice", line.entry.to, words)
    await line.desk.ledger.change(line.entry.sid, Change(key=key, content=words))


async def _fetch(line: Line, url: str, method: str, more: Mapping[str, str]) -> str:
    fields = {**_identity(line), "CallStatus": "in-progress", **more}
    if line.answered_by is not None:
        fields["AnsweredBy"] = line.answered_by
    return await line.desk.caller.fetch(url, method, fields)


async def _end(line: Line, status: str) -> None:
    said = " ".join(part["said"] for part in line.heard if "said" in part)
    duration = str(round(len(said.split()) / WORDS_PER_S)) if status == "completed" else "0"
    pressed = "".join(part.get("pressed", "") for part in line.heard)
    detail = {
        "ended_at": time.time(),
        "duration": duration,
        "heard": line.heard,
        "pressed": pressed,
    }
    reached = None if said else False
    await line.desk.ledger.change(
        line.entry.sid, Change(status=status, reached=reached, detail=detail)
    )
    fields = {"CallDuration": duration, "SipResponseCode": SIP_CODES[status]}
    if status == "completed":
        fields["Duration"] = str(-(-int(duration) // 60))  # billed minutes
    await _tell(line, "completed", status, fields)


async def _tell(line: Line, event: str, status: str, more: Mapping[str, str] | None = None) -> None:
    """Post a progress event, if the caller asked for it; numbered as it happened either way."""
    number = line.receipts.happened
    line.receipts.happened += 1
    if event not in line.entry.detail["events"]:
        return
    fields = {
        **_identity(line),
        "CallStatus": status,
        "Timestamp": formatdate().replace("-0000", "+0000"),
        "CallbackSource": "call-progress-events",
        "SequenceNumber": str(number),
        **(more or {}),
    }
    if line.answered_by is not None and event in ("answered", "completed"):
        fields["AnsweredBy"] = line.answered_by
    await line.receipts.tell(fields, last=event == "completed")


def _identity(line: Line) -> dict[str, str]:
    return {
        "CallSid": line.entry.sid,
        "AccountSid": line.desk.credentials.account_sid,
        "From": line.entry.sender,
        "To": line.entry.to,
        "Caller": line.entry.sender,
        "Called": line.entry.to,
        "Direction": "outbound-api",
        "ApiVersion": API,
    }


def _words_of(twiml: str) -> str:
    """Give the words of an inline document; one that cannot be read fails when answered."""
    try:
        return spoken_words(read_twiml(twiml)) if twiml else ""
    except BadTwiml:
        return ""
