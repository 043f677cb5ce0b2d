"""A look-up goes by Twilio's clock: ours may run wrong, and a miss would be a second copy."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from pydantic import SecretStr

from channels.contract import AccountSettings, Address, Attempt
from channels.sms import TwilioSms
from channels.twilio_http import clocks_apart
from tests.channel_accounts import PUBLIC_URL, TEXT, token
from tests.one_answer import running_answer

TO = Address("sms", "+33639980042")
NOW = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)


def listed(*, made: datetime, answered: datetime) -> bytes:
    """Give Twilio's list of one message, by Twilio's own clock."""
    row = {
        "sid": "SM1",
        "status": "sent",
        "body": TEXT,
        "direction": "outbound-api",
        "date_created": format_datetime(made),
    }
    body = json.dumps({"messages": [row]})
    head = f"HTTP/1.1 200 OK\r\nDate: {format_datetime(answered, usegmt=True)}\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode()


@pytest.mark.parametrize("ahead", [timedelta(hours=-1), timedelta(minutes=7), timedelta(hours=1)])
@pytest.mark.parametrize(("before_s", "found"), [(20, True), (600, False)])
async def test_a_clock_that_runs_wrong_neither_hides_a_message_nor_finds_an_old_one(
    ahead: timedelta, before_s: int, found: bool
) -> None:
    now = datetime.now(UTC)
    theirs = now + ahead
    answer = listed(made=theirs - timedelta(seconds=before_s), answered=theirs)
    async with running_answer(answer) as server:
        values = {"account_sid": "AC" + "0" * 32, "sender": "Valombre", "base_url": server.url}
        account = AccountSettings(
            "sms", "twilio-sms", 10.0, values=values, secrets={"auth_token": SecretStr("t")}
        )
        async with TwilioSms.open(account, public_url=PUBLIC_URL) as channel:
            attempt = Attempt(token(), TO, TEXT, now - timedelta(seconds=20))
            answered = await channel.find(attempt)
    assert (answered is not None) is found


@pytest.mark.parametrize("date", [None, "", "yesterday"])
def test_an_answer_without_a_date_leaves_our_clock_as_it_is(date: str | None) -> None:
    assert clocks_apart(date, now=NOW) == timedelta()
