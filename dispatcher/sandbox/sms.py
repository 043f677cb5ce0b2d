"""The pretend SMS operator: queued, sending, sent, then delivered, undelivered or failed."""

import asyncio
import secrets
import time
from collections.abc import Mapping

from dispatcher.sandbox.callees import SmsFate, sms_fate
from dispatcher.sandbox.desk import Desk, Receipts, Teller
from dispatcher.sandbox.ledger import Change, Entry, distinct_key
from dispatcher.sandbox.texto import TEXTO, TextoTeller, texto_fields
from dispatcher.sandbox.twilio_resources import API
from dispatcher.sandbox.twilio_rules import TwilioRefusal, check_sms

SENTENCES = {
    30003: "Unreachable destination handset",
    30005: "Unknown destination handset",
    30006: "Landline or unreachable carrier",
    30008: "Unknown error",
    30036: "Validity Period Expired",
}


async def accept_sms(desk: Desk, form: Mapping[str, str], *, operator: str = "") -> Entry:
    """Take a message: it is in the ledger when this returns. Raises TwilioRefusal."""
    check_sms(form)
    to, body = form["To"], form["Body"]
    refused = sms_fate(desk.behaviour, to).refused
    if refused is not None:
        raise TwilioRefusal(refused, to)
    validity = form.get("ValidityPeriod")
    entry = Entry(
        sid=("TX" if operator else "SM") + secrets.token_hex(16),
        medium="sms",
        key=distinct_key("sms", to, body),
        to=to,
        sender=form.get("From", ""),
        content=body,
        status="queued",
        detail={
            "callback": form.get("StatusCallback", ""),
            "messaging_service_sid": form.get("MessagingServiceSid"),
            "validity_s": int(validity) if validity else None,
            "receipts": desk.receipts(operator or "sms"),
            **({"operator": operator, "client_ref": form["ClientRef"]} if operator else {}),
        },
    )
    await desk.ledger.add(entry)
    desk.start(live_sms(desk, entry))
    return entry


async def live_sms(desk: Desk, entry: Entry) -> None:
    """Carry a message from where it is to its end, telling the sender on the way."""
    detail = entry.detail
    receipts = Receipts(_teller(desk, entry), detail["callback"], detail["receipts"])
    fate = sms_fate(desk.behaviour, entry.to)
    if not await _leave_queue(desk, entry):
        fate = SmsFate("undelivered", 30036)
    else:
        await _carry(desk, entry, receipts)
    if fate.status == "sent":  # this phone never sends a last word
        return
    await _move(desk, entry, fate)
    await receipts.tell(_fields(desk, entry, fate), last=True)


def _teller(desk: Desk, entry: Entry) -> Teller:
    """Give what posts this operator's receipts."""
    if entry.detail.get("operator") == TEXTO:
        return TextoTeller(desk.caller, desk.credentials.texto_secret)
    return desk.caller


async def _carry(desk: Desk, entry: Entry, receipts: Receipts) -> None:
    """Hand the message to the network, once; it travels one step more."""
    if entry.status != "sent":
        await _move(desk, entry, SmsFate("sending"))
        await desk.step(entry.sid, "sending")
        await _move(desk, entry, SmsFate("sent"))
        await receipts.tell(_fields(desk, entry, SmsFate("sent")))
    await desk.step(entry.sid, "sent")


async def _leave_queue(desk: Desk, entry: Entry) -> bool:
    """Wait in the queue; False when the validity period ended before the message could leave."""
    validity_s = entry.detail.get("validity_s")
    waiting = desk.step(entry.sid, "queued")
    if validity_s is None or entry.status == "sent":
        await waiting
        return True
    try:
        await asyncio.wait_for(waiting, entry.at + validity_s - time.time())
    except TimeoutError:
        return False
    return True


async def _move(desk: Desk, entry: Entry, fate: SmsFate) -> None:
    detail: dict[str, object] = {}
    if fate.status == "sent":
        detail["sent_at"] = time.time()
    if fate.error_code is not None:
        detail["error_message"] = SENTENCES[fate.error_code]
    lost = fate.status in ("undelivered", "failed")
    change = Change(
        status=fate.status,
        error_code=fate.error_code,
        reached=False if lost else None,
        detail=detail,
    )
    await desk.ledger.change(entry.sid, change)


def _fields(desk: Desk, entry: Entry, fate: SmsFate) -> dict[str, str]:
    if entry.detail.get("operator") == TEXTO:
        return texto_fields(entry, fate)
    fields = {
        "SmsSid": entry.sid,
        "SmsStatus": fate.status,
        "MessageStatus": fate.status,
        "To": entry.to,
        "MessageSid": entry.sid,
        "AccountSid": desk.credentials.account_sid,
        "ApiVersion": API,
    }
    if entry.sender:
        fields["From"] = entry.sender
    service = entry.detail.get("messaging_service_sid")
    if service:
        fields["MessagingServiceSid"] = service
    if fate.error_code is not None:
        fields["ErrorCode"] = str(fate.error_code)
    return fields
