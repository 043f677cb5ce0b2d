"""Every request our code makes of Twilio passes Prism, which holds Twilio's own description."""

from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from channels.contract import AccountSettings, Address, Attempt, NotAccepted, Refused
from channels.http_line import Line
from channels.sms import TwilioSms
from channels.twilio_http import TwilioAccount
from channels.voice import TwilioVoice
from tests.channel_accounts import PUBLIC_URL, message, moved, token

SMS_TO = Address("sms", "+33639980042")
VOICE_TO = Address("voice", "+33199000042")
SID = "AC" + "0123456789abcdef" * 2


def account(url: str, kind: str, **values: str) -> AccountSettings:
    plain = {
        "account_sid": SID,
        "api_key": "SK" + "1" * 32,
        "sender": "Valombre",
        "caller": "+33199000000",
        "base_url": url,
    }
    return AccountSettings(
        kind,
        kind,
        rate_per_s=1.0,
        values={**plain, **values},
        secrets={"api_secret": SecretStr("not-checked-here")},
    )


@pytest.mark.parametrize("sender", ["Valombre", "+33199000000", "38123", "MG" + "a" * 32])
@pytest.mark.parametrize("text", ["Crue de la Lerne", "« Évacuez » 🌊 & +33 = ? % #\n" * 20])
async def test_a_message_passes_with_any_sender_and_any_words(
    prism_url: str, sender: str, text: str
) -> None:
    settings = account(prism_url, "twilio-sms", sender=sender)
    async with TwilioSms.open(settings, public_url=PUBLIC_URL) as channel:
        receipt = await channel.send(message(text=text), SMS_TO, attempt=token())
    assert receipt.reference


@pytest.mark.parametrize("language", ["fr", "en", "pl"])
async def test_a_call_passes_in_every_language(prism_url: str, language: str) -> None:
    settings = account(prism_url, "twilio-voice")
    async with TwilioVoice.open(settings, public_url=PUBLIC_URL) as channel:
        receipt = await channel.send(message(language=language), VOICE_TO, attempt=token())
    assert receipt.reference


async def test_the_look_ups_pass(prism_url: str) -> None:
    now = datetime.now(UTC)
    async with (
        TwilioSms.open(account(prism_url, "twilio-sms"), public_url=PUBLIC_URL) as texts,
        TwilioVoice.open(account(prism_url, "twilio-voice"), public_url=PUBLIC_URL) as calls,
    ):
        # Prism's invented messages are none of ours: that the question was answered is the point.
        assert await texts.find(Attempt(token(), SMS_TO, "Crue", now)) is None
        assert await calls.find(Attempt(token(), VOICE_TO, "Crue", now)) is None


async def test_asking_what_became_of_one_passes(prism_url: str) -> None:
    async with (
        TwilioSms.open(account(prism_url, "twilio-sms"), public_url=PUBLIC_URL) as texts,
        TwilioVoice.open(account(prism_url, "twilio-voice"), public_url=PUBLIC_URL) as calls,
    ):
        told = await texts.ask("SM" + "a" * 32, to=SMS_TO, attempt=token())
        heard = await calls.ask("CA" + "a" * 32, to=VOICE_TO, attempt=token())
        assert told is not None
        assert heard is not None
        with pytest.raises(NotAccepted):  # the judge knows what a reference looks like
            await texts.ask("SM1", to=SMS_TO, attempt=token())


async def test_the_reads_of_a_check_pass(prism_url: str) -> None:
    async with TwilioSms.open(account(prism_url, "twilio-sms"), public_url=PUBLIC_URL) as channel:
        twilio = channel.twilio
        assert "status" in await twilio.get(f"{twilio.base}.json", {})
        assert "balance" in await twilio.get(f"{twilio.base}/Balance.json", {})


@pytest.mark.parametrize(
    ("resource", "damage"),
    [
        ("Messages", {"To": None}),
        ("Messages", {"ValidityPeriod": "une heure"}),
        ("Messages", {"MessagingServiceSid": "MGshort"}),
        ("Messages", {"StatusCallback": "not an address at all"}),
        ("Calls", {"From": None}),
        ("Calls", {"Timeout": "trente"}),
    ],
)
async def test_the_judge_refuses_a_damaged_request(
    prism_url: str, resource: str, damage: dict[str, str | None]
) -> None:
    form: dict[str, Any] = {
        "To": SMS_TO.value,
        "From": "+33199000000",
        "Body": "Crue",
        "Twiml": "<Response/>",
        **damage,
    }
    sound = {name: value for name, value in form.items() if value is not None}
    async with TwilioSms.open(account(prism_url, "twilio-sms"), public_url=PUBLIC_URL) as channel:
        with pytest.raises(Refused) as caught:
            await channel.twilio.post(resource, sound)
    assert caught.value.code in ("http-400", "http-422")


async def balance(base: str, sign_in: str) -> None:
    """Ask for an account's balance with this Authorization."""
    async with Line.open(base) as line:
        await TwilioAccount(SID, base, line, sign_in).get(f"{base}/Balance.json", {})


async def test_the_judge_refuses_an_account_that_is_none(prism_url: str) -> None:
    sign_in = b64encode(b"SK" + b"1" * 32 + b":x").decode()
    with pytest.raises(Refused) as caught:
        await balance(f"{prism_url}/2010-04-01/Accounts/ACshort", f"Basic {sign_in}")
    assert caught.value.code == "http-422"


async def test_the_judge_refuses_a_request_without_a_key(prism_url: str) -> None:
    with pytest.raises(NotAccepted) as caught:
        await balance(f"{prism_url}/2010-04-01/Accounts/{SID}", "")
    assert caught.value.code == "http-401"


async def test_settings_change_where_requests_go(prism_url: str) -> None:
    closed = moved(account(prism_url, "twilio-sms"), base_url="http://127.0.0.1:9")
    async with TwilioSms.open(closed, public_url=PUBLIC_URL) as channel:
        with pytest.raises(NotAccepted) as caught:
            await channel.send(message(), SMS_TO, attempt=token())
    assert caught.value.code == "no-connection"
