"""The pretend SMS operator over the wire: Twilio's shapes, states, refusals and callbacks."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from twilio.request_validator import RequestValidator

from tests.sandbox_process import SandboxHandle, running_sandbox
from tests.sandbox_receiver import Receiver
from tests.sandbox_sms_client import PUBLIC, SENDER, TO, send_sms
from tests.twilio_shapes import faults_of

pytest_plugins = ("tests.sandbox_doors",)
pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_an_accepted_message_has_the_shape_twilio_documents(sandbox: SandboxHandle) -> None:
    answer = await send_sms(sandbox)
    assert answer.status_code == 201
    message = answer.json()
    assert faults_of(message, "api.v2010.account.message") == []
    assert (message["to"], message["from"], message["status"]) == (TO, SENDER, "queued")


async def test_a_message_goes_from_queued_to_delivered_and_says_when(
    sandbox: SandboxHandle,
) -> None:
    sid = (await send_sms(sandbox)).json()["sid"]
    await sandbox.settled("sms", "delivered")
    message = (await sandbox.client.get(f"{sandbox.account_path}/Messages/{sid}.json")).json()
    assert faults_of(message, "api.v2010.account.message") == []
    assert message["status"] == "delivered"
    assert message["date_sent"] is not None


async def test_callbacks_come_in_order_signed_for_the_public_address(
    sandbox: SandboxHandle, receiver: Receiver
) -> None:
    url = f"{PUBLIC}/hooks/twilio/sms/token-1?lane=fast"
    sid = (await send_sms(sandbox, StatusCallback=url)).json()["sid"]
    posts = await receiver.received(2)
    assert [post.fields["MessageStatus"] for post in posts] == ["sent", "delivered"]
    validator = RequestValidator(sandbox.auth_token)
    for post in posts:
        assert post.path == "/hooks/twilio/sms/token-1?lane=fast"
        assert validator.validate(url, post.fields, post.signature)
        assert not validator.validate(url + "0", post.fields, post.signature)
        assert post.fields["MessageSid"] == post.fields["SmsSid"] == sid
        assert post.fields["AccountSid"] == sandbox.account_sid
        assert "ErrorCode" not in post.fields


async def test_a_receiver_that_was_down_is_told_again(
    sandbox: SandboxHandle, receiver: Receiver
) -> None:
    receiver.refuse_next = 2
    await send_sms(sandbox, StatusCallback=f"{PUBLIC}/hooks")
    posts = await receiver.received(2)
    assert {post.fields["MessageStatus"] for post in posts} == {"sent", "delivered"}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"To": "0639980042"}, 21211),
        ({"To": ""}, 21604),
        ({"To": "+33199000042"}, 21614),
        ({"From": "+33639989900"}, 21606),
        ({"From": "Mairie de Valombre"}, 21212),
        ({"From": ""}, 21603),
        ({"Body": ""}, 21602),
        ({"Body": "a" * 1601}, 21617),
        ({"StatusCallback": "hooks"}, 21609),
        ({"ValidityPeriod": "0"}, 30045),
        ({"ValidityPeriod": "36001"}, 30045),
    ],
)
async def test_twilio_s_refusals_come_with_their_code(
    sandbox: SandboxHandle, fields: dict[str, str], code: int
) -> None:
    answer = await send_sms(sandbox, **fields)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer.json().keys() == {"code", "message", "more_info", "status"}
    assert await sandbox.ledger() == []


async def test_a_town_hall_may_sign_with_its_name_or_a_service(sandbox: SandboxHandle) -> None:
    assert (await send_sms(sandbox, From="VALOMBRE")).json()["from"] == "VALOMBRE"
    service = "MG" + "0" * 32
    answer = (await send_sms(sandbox, From="", MessagingServiceSid=service)).json()
    assert (answer["from"], answer["messaging_service_sid"]) == (None, service)


@pytest.mark.parametrize(
    "path", ["/Messages.json", "/Calls.json", ".json", "/Balance.json", "/Messages/SM0.json"]
)
async def test_a_wrong_secret_opens_nothing(sandbox: SandboxHandle, path: str) -> None:
    wrong = httpx.BasicAuth(sandbox.api_key, "wrong")
    answer = await sandbox.client.get(sandbox.account_path + path, auth=wrong)
    assert (answer.status_code, answer.json()["code"]) == (401, 20003)
    control = await sandbox.client.get("/sandbox/ledger/summary", auth=wrong)
    assert control.status_code == 401


async def test_the_auth_token_opens_its_account_and_no_other(sandbox: SandboxHandle) -> None:
    auth = httpx.BasicAuth(sandbox.account_sid, sandbox.auth_token)
    answer = await sandbox.client.get(f"{sandbox.account_path}.json", auth=auth)
    assert answer.json()["status"] == "active"
    other = f"/2010-04-01/Accounts/AC{'0' * 32}/Messages.json"
    assert (await sandbox.client.get(other)).json()["code"] == 20404


async def test_the_account_its_credit_and_its_numbers_can_be_read(sandbox: SandboxHandle) -> None:
    account = (await sandbox.client.get(f"{sandbox.account_path}.json")).json()
    assert faults_of(account, "api.v2010.account") == []
    balance = (await sandbox.client.get(f"{sandbox.account_path}/Balance.json")).json()
    assert faults_of(balance, "api.v2010.account.balance") == []
    path = f"{sandbox.account_path}/IncomingPhoneNumbers.json"
    numbers = (await sandbox.client.get(path, params={"PhoneNumber": SENDER})).json()
    assert [n["phone_number"] for n in numbers["incoming_phone_numbers"]] == [SENDER]


async def test_a_look_up_finds_messages_by_recipient_newest_first_and_paged(
    sandbox: SandboxHandle,
) -> None:
    sids = [(await send_sms(sandbox, Body=f"Message {n}")).json()["sid"] for n in range(5)]
    await send_sms(sandbox, To="+33639980043")
    today = datetime.now(UTC).date().isoformat()
    asked = {"To": TO, "DateSent>": today, "PageSize": "2"}
    path: str | None = f"{sandbox.account_path}/Messages.json?{httpx.QueryParams(asked)}"
    found: list[dict[str, Any]] = []
    while path is not None:
        page = (await sandbox.client.get(path)).json()
        assert len(page["messages"]) <= 2
        found += page["messages"]
        path = page["next_page_uri"]
    assert [message["sid"] for message in found] == sids[::-1]
    earlier = {"To": TO, "DateSent<": "2020-01-01"}
    page = await sandbox.client.get(f"{sandbox.account_path}/Messages.json", params=earlier)
    assert page.json()["messages"] == []


async def test_the_same_words_to_the_same_phone_count_as_copies(sandbox: SandboxHandle) -> None:
    for body in ("Crue", "Crue", "Fin d'alerte"):
        await send_sms(sandbox, Body=body)
    summary = await sandbox.summary()
    sms = summary["by_medium"]["sms"]
    assert (sms["accepted"], sms["distinct"], sms["copies_max"]) == (3, 2, 2)
    assert (summary["distinct"], summary["copies_max"]) == (2, 2)
    assert [entry["copies"] for entry in await sandbox.ledger("sms")] == [2, 2, 1]


async def test_the_outbox_shows_what_the_phone_received_newest_first(
    sandbox: SandboxHandle,
) -> None:
    for body in ("Premier", "Second"):
        await send_sms(sandbox, Body=body)
    items = await sandbox.outbox()
    assert [(item["to"], item["text"]) for item in items] == [(TO, "Second"), (TO, "Premier")]


async def test_a_message_that_waits_past_its_validity_is_never_sent(
    tmp_path: Path, receiver: Receiver
) -> None:
    async with running_sandbox(tmp_path, callback_base=receiver.base, latency_s=4) as sandbox:
        await send_sms(sandbox, ValidityPeriod="1", StatusCallback=f"{PUBLIC}/hooks")
        [entry] = await sandbox.settled("sms", "undelivered")
        [post] = await receiver.received(1)
        assert (entry["error_code"], post.fields["ErrorCode"]) == (30036, "30036")
        assert "sent_at" not in entry["detail"]
        assert (await sandbox.summary())["copies_max"] == 0
