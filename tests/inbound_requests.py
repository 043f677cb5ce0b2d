"""Requests as Twilio hands in what comes to a number, signed, to an application that takes them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from twilio.request_validator import RequestValidator

from dispatcher.api.assembling import assemble
from dispatcher.api.services import Services
from dispatcher.api.signed_doors import Application
from dispatcher.delivery.accounts import CallbackKeys
from dispatcher.delivery.bell import Bell
from dispatcher.delivery.tokens import inbound_token
from dispatcher.store.ledger import Ledger
from tests.outgoing import KEYS, LOGBOOK_KEY, phone

URL = "https://alerte.valombre.example"
SECRET, OTHER_SECRET = "0123456789abcdef0123456789abcdef", "of-another-account"
ACCOUNTS = {"twilio-sms": SECRET, "second": OTHER_SECRET}
ANNA, NUMBER = phone(0), "+33199000000"
REPLY = f"/hooks/twilio/reply/{inbound_token(KEYS, 'twilio-sms')}"
RING = f"/hooks/twilio/ring/{inbound_token(KEYS, 'twilio-sms')}"
ENDS = {
    **{f"{side}{part}": "" for side in ("From", "To") for part in ("City", "State", "Zip")},
    "FromCountry": "FR",
    "ToCountry": "FR",
    "From": ANNA,
    "To": NUMBER,
    "AccountSid": "AC" + "0" * 32,
    "ApiVersion": "2010-04-01",
}
SMS = {  # every field that Twilio posts with an SMS to a number of a messaging service
    **ENDS,
    "MessageSid": "SM" + "1" * 32,
    "SmsSid": "SM" + "1" * 32,
    "SmsMessageSid": "SM" + "1" * 32,
    "MessagingServiceSid": "MG" + "2" * 32,
    "OptOutType": "STOP",
    "Body": "2",
    "NumMedia": "0",
    "NumSegments": "1",
    "SmsStatus": "received",
}
CALL = {  # and with a call
    **ENDS,
    **{f"{side}{part}": "" for side in ("Called", "Caller") for part in ("City", "State", "Zip")},
    "CalledCountry": "FR",
    "CallerCountry": "FR",
    "Caller": ANNA,
    "Called": NUMBER,
    "CallSid": "CA" + "1" * 32,
    "CallStatus": "ringing",
    "Direction": "inbound",
    "StirVerstat": "TN-Validation-Passed-A",
    "CallToken": "%7B%22parentCallInfoToken%22%3A%22x%22%7D",
}


@asynccontextmanager
async def twilio_at(ledger: Ledger) -> AsyncIterator[httpx.AsyncClient]:
    app = Application()
    assemble(app)
    app.state.services = Services(
        ledger,
        URL,
        KEYS,
        LOGBOOK_KEY,
        CallbackKeys(tuple(ACCOUNTS.values()), {}, ACCOUNTS),
        {},
        Bell("redis://127.0.0.1:1"),
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=URL) as client:
        yield client


def signed(path: str, form: dict[str, str], secret: str = SECRET) -> dict[str, str]:
    return {"x-twilio-signature": RequestValidator(secret).compute_signature(URL + path, form)}


async def post(
    client: httpx.AsyncClient, path: str, form: dict[str, str], secret: str = SECRET
) -> httpx.Response:
    return await client.post(path, data=form, headers=signed(path, form, secret))
