"""SMS by Twilio, against the stateful sandbox and servers that fail in the middle."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from pydantic import SecretStr

from channels.contract import (
    AccountSettings,
    Address,
    Attempt,
    NotAccepted,
    Refused,
    Status,
    Unavailable,
    Unknown,
)
from channels.sms import TwilioSms
from channels.twilio_callbacks import read_message_callback, verify
from tests.channel_accounts import PUBLIC_URL, TEXT, message, token, twilio
from tests.one_answer import running_answer
from tests.sandbox_process import SandboxHandle, running_sandbox
from tests.sandbox_receiver import Receiver, running_receiver

TO = Address("sms", "+33639980042")
SMS_DATA = Path(__file__).parents[1].parent / "shared" / "data" / "sms"
SMART: dict[str, str] = json.loads((SMS_DATA / "smart_encoding_map.json").read_text("utf-8"))


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with running_receiver() as served:
        yield served


@pytest.fixture
async def sandbox(tmp_path: Path, receiver: Receiver) -> AsyncIterator[SandboxHandle]:
    async with running_sandbox(tmp_path, callback_base=receiver.base) as started:
        yield started


def account(base_url: str = "http://127.0.0.1:9", **values: str) -> AccountSettings:
    plain = {"account_sid": "AC" + "0" * 32, "api_key": "SK" + "1" * 32, "sender": "Valombre"}
    secrets = {"api_secret": SecretStr("secret-of-the-key")}
    return AccountSettings(
        "sms", "twilio-sms", 10.0, values={**plain, "base_url": base_url, **values}, secrets=secrets
    )


async def failure(answer: bytes | None, **values: str) -> NotAccepted:
    """Send to a server that gives this answer, and return what the channel says of it."""
    async with (
        running_answer(answer) as server,
        TwilioSms.open(account(server.url, **values), public_url=PUBLIC_URL) as channel,
    ):
        with pytest.raises(NotAccepted) as caught:
            await channel.send(message(), TO, attempt=token())
    assert server.requests == 1
    return caught.value


def answered(status: str, body: str = "", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", body]
    return "\r\n".join(lines).encode()


def refusal(status: str, code: int) -> bytes:
    return answered(status, f'{{"code":{code},"message":"m","status":400}}')


async def sent_form(**values: str) -> dict[str, str]:
    """Return the form that an account with these values posts."""
    created = answered("201 Created", '{"sid":"SM1","status":"queued","error_code":null}')
    async with (
        running_answer(created) as server,
        TwilioSms.open(account(server.url, **values), public_url=f"{PUBLIC_URL}/") as channel,
    ):
        await channel.send(message(), TO, attempt=token())
    return dict(parse_qsl(server.bodies[0].decode(), strict_parsing=True))


async def test_receipts_come_to_the_attempts_own_address_and_are_signed(
    sandbox: SandboxHandle, receiver: Receiver
) -> None:
    async with TwilioSms.open(twilio(sandbox, "twilio-sms"), public_url=PUBLIC_URL) as channel:
        accepted = await channel.send(message(), TO, attempt=token())
    posts = await receiver.received(2, path=f"/hooks/twilio/sms/{token().value}")
    receipts = []
    for post in posts:
        url = f"{PUBLIC_URL}{post.path}"
        form = verify(url, list(post.fields.items()), post.signature, sandbox.auth_token)
        receipts.append(read_message_callback(form))
    assert {receipt.reference for receipt in receipts} == {accepted.reference}
    assert receipts[-1].status is Status.DELIVERED


async def test_the_form_holds_what_twilio_asks_and_no_more() -> None:
    form = await sent_form()
    assert 3590 <= int(form.pop("ValidityPeriod")) <= 3600
    assert form == {
        "To": TO.value,
        "From": "Valombre",
        "Body": TEXT,
        "StatusCallback": f"{PUBLIC_URL}/hooks/twilio/sms/{token().value}",
    }


async def test_a_messaging_service_takes_the_place_of_the_sender() -> None:
    service = "MG" + "a" * 32
    form = await sent_form(sender=service)
    assert form["MessagingServiceSid"] == service
    assert "From" not in form


async def test_a_distant_expiry_is_cut_to_what_twilio_allows(sandbox: SandboxHandle) -> None:
    distant = replace(message(), expires_at=datetime.now(UTC) + timedelta(days=3))
    async with TwilioSms.open(twilio(sandbox, "twilio-sms"), public_url=PUBLIC_URL) as channel:
        await channel.send(distant, TO, attempt=token())
    assert (await sandbox.ledger("sms"))[0]["detail"]["validity_s"] == 36_000


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (21211, Refused),
        (21610, Refused),
        (21614, Refused),
        (21606, Unavailable),
        (21212, Unavailable),
        (21611, Unavailable),
        (21704, Unavailable),
        (99999, Refused),
    ],
)
async def test_twilios_code_says_whether_the_person_or_the_account_is_at_fault(
    code: int, kind: type[NotAccepted]
) -> None:
    told = await failure(refusal("400 Bad Request", code))
    assert type(told) is kind
    assert told.code == str(code)


async def test_wrong_credentials_burn_no_recipient() -> None:
    told = await failure(refusal("401 Unauthorized", 20003))
    assert type(told) is Unavailable
    assert "Identifiants" in str(told)


@pytest.mark.parametrize("status", ["404 Not Found", "405 Not Allowed", "407 Proxy", "421 Else"])
async def test_what_answers_in_the_providers_place_burns_no_recipient(status: str) -> None:
    assert type(await failure(answered(status, "<html>not here</html>"))) is Unavailable


@pytest.mark.parametrize("body", ["", '{"code":20427}', '{"code":21610}'])
async def test_the_wait_that_twilio_asks_for_is_kept(body: str) -> None:
    told = await failure(answered("429 Too Many Requests", body, "Retry-After: 7"))
    assert isinstance(told, Unavailable)
    assert told.retry_after_s == 7.0


@pytest.mark.parametrize(
    "answer",
    [
        None,  # closed without a byte
        b"HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{",
        answered("201 Created", "<html>"),
        answered("201 Created", "{}"),
        answered("200 OK", "[1]"),
        answered("201 Created", "[" * 100_000),
        answered("201 Created", "{}", "X-Proxy: caf\u00e9"),
        answered("500 Internal Server Error"),
        answered("503 Service Unavailable", "", "Retry-After: 5"),
        b"nonsense\r\n\r\n",
    ],
)
async def test_an_answer_that_says_nothing_sure_is_unknown(answer: bytes | None) -> None:
    assert type(await failure(answer)) is Unknown


async def test_a_redirect_is_not_followed_with_the_message() -> None:
    moved_on = answered("307 Temporary Redirect", "", "Location: /elsewhere")
    assert type(await failure(moved_on)) is Unavailable


async def test_a_name_without_an_address_means_that_nothing_left() -> None:
    nowhere = account("http://twilio.invalid")
    async with TwilioSms.open(nowhere, public_url=PUBLIC_URL) as channel:
        with pytest.raises(Unavailable):
            await channel.send(message(), TO, attempt=token())


async def test_a_server_without_tls_means_that_nothing_left() -> None:
    async with running_answer(b"no tls here\r\n") as server:
        plain = account(server.url.replace("http:", "https:"))
        async with TwilioSms.open(plain, public_url=PUBLIC_URL) as channel:
            with pytest.raises(Unavailable):
                await channel.send(message(), TO, attempt=token())


@pytest.mark.alone("a wait ends within half a second of its limit")
async def test_a_provider_that_never_answers_is_left_after_ten_seconds_in_doubt() -> None:
    async with (
        running_answer(b"", hold_s=30) as server,
        TwilioSms.open(account(server.url), public_url=PUBLIC_URL) as channel,
    ):
        started = asyncio.get_running_loop().time()
        with pytest.raises(Unknown):
            await channel.send(message(), TO, attempt=token())
        assert 9 < asyncio.get_running_loop().time() - started < 10.6


async def test_a_kept_connection_that_died_makes_no_second_copy() -> None:
    created = answered("201 Created", '{"sid":"SM1","status":"queued"}')
    async with (
        running_answer(created, then=None) as server,
        TwilioSms.open(account(server.url), public_url=PUBLIC_URL) as channel,
    ):
        await channel.send(message(), TO, attempt=token())
        with pytest.raises(Unknown):
            await channel.send(message(), TO, attempt=token(2))
    assert server.requests == 2


async def test_a_message_of_another_time_or_other_words_is_not_taken_for_this_one(
    sandbox: SandboxHandle,
) -> None:
    now = datetime.now(UTC)
    async with TwilioSms.open(twilio(sandbox, "twilio-sms"), public_url=PUBLIC_URL) as channel:
        sent = await channel.send(message(), TO, attempt=token())
        same = await channel.find(Attempt(token(), TO, TEXT, now))
        earlier = await channel.find(Attempt(token(), TO, TEXT, now - timedelta(minutes=10)))
        later = await channel.find(Attempt(token(), TO, TEXT, now + timedelta(minutes=10)))
        other = await channel.find(Attempt(token(), TO, "Fin d'alerte.", now))
        another = Address("sms", "+33639980043")
        elsewhere = await channel.find(Attempt(token(), another, TEXT, now))
    assert same is not None
    assert same.reference == sent.reference
    assert (earlier, later, other, elsewhere) == (None, None, None, None)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Crue : l\u2019eau monte\u2026", True),
        ("Rejoignez \u00ab\u00a0Les Planches\u00a0\u00bb \u2013 pre\u0302ts ?", True),
        ("\U0001f30a", True),
        ("l'eau monte.", False),  # the end of what was sent, and another message
    ],
)
async def test_smart_encoding_hides_no_message_and_joins_no_two(
    sandbox: SandboxHandle, typed: str, found: bool
) -> None:
    """The reference table stands for Twilio's own rewriting of signs."""
    shown = "".join(SMART.get(c, c) for c in typed) if found else f"EXERCICE {typed}"
    async with TwilioSms.open(twilio(sandbox, "twilio-sms"), public_url=PUBLIC_URL) as channel:
        await channel.send(message(text=shown), TO, attempt=token())
        answer = await channel.find(Attempt(token(), TO, typed, datetime.now(UTC)))
    assert (answer is not None) is found


async def test_a_look_up_that_fails_is_not_an_absence(sandbox: SandboxHandle) -> None:
    async with TwilioSms.open(twilio(sandbox, "twilio-sms"), public_url=PUBLIC_URL) as channel:
        await sandbox.faults("lookup", "drop_before")
        with pytest.raises(NotAccepted):
            await channel.find(Attempt(token(), TO, TEXT, datetime.now(UTC)))


@pytest.mark.parametrize(
    ("account_sid", "secret", "sender"),
    [("AC1", "s", "Valombre"), ("AC" + "0" * 32, "", "Valombre"), ("AC" + "0" * 32, "s", "")],
)
async def test_unusable_settings_are_told_at_opening(
    account_sid: str, secret: str, sender: str
) -> None:
    bad = replace(
        account(account_sid=account_sid, sender=sender), secrets={"api_secret": SecretStr(secret)}
    )
    with pytest.raises(ValueError, match=r"^sms: "):
        async with TwilioSms.open(bad, public_url=PUBLIC_URL):
            pass


async def test_a_hundred_messages_at_once_all_arrive_once(sandbox: SandboxHandle) -> None:
    async with TwilioSms.open(twilio(sandbox, "twilio-sms"), public_url=PUBLIC_URL) as channel:
        people = [Address("sms", f"+3363998{number:04}") for number in range(300)]
        await asyncio.gather(
            *(channel.send(message(), to, attempt=token(n)) for n, to in enumerate(people))
        )
    kept = await sandbox.ledger("sms")
    assert sorted(entry["to"] for entry in kept) == sorted(to.value for to in people)
