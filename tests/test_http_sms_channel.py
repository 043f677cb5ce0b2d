"""A provider of SMS that is only described: asked as it wants, believed where it was described."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from channels.contract import (
    AccountSettings,
    Address,
    Attempt,
    NotAccepted,
    Receipt,
    Refused,
    Status,
    Unavailable,
    Unknown,
)
from channels.http_blanks import at, filled
from channels.http_sms_words import Faulty, described
from channels.registry import open_channel
from tests.channel_accounts import PUBLIC_URL, message, token
from tests.one_answer import OneAnswer, running_answer

TO = Address("sms", "+33639980042")
TABLES: Mapping[str, object] = {
    "fields": {"to": "{to}", "from": "{sender}", "text": "{text}", "ref": "{delivery}"},
    "answer": {
        "reference": "messages.0.id",
        "code": "error",
        "codes": {"bad_number": "refused", "slow_down": "later", "12": "later", "422": "refused"},
    },
}


def account(url: str, **values: object) -> AccountSettings:
    """Describe a provider at this address; tables as JSON, as the accounts file gives them."""
    whole = {"url": f"{url}/send", "sender": "Valombre", **TABLES, **values}
    told = {
        name: one if isinstance(one, str) else orjson.dumps(one).decode()
        for name, one in whole.items()
    }
    return AccountSettings(
        "second", "http-sms", rate_per_s=10.0, values=told, secrets={"key": SecretStr("k3y")}
    )


def answer(status: int, content: object, *more: str) -> bytes:
    body = content if isinstance(content, bytes) else orjson.dumps(content)
    head = [f"HTTP/1.1 {status} x", f"Content-Length: {len(body)}", *more]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


ACCEPTED = answer(200, {"messages": [{"id": 77}]})


async def sent(given: bytes, **values: object) -> OneAnswer:
    """Send one message to a provider that gives this answer."""
    text = str(values.pop("text", "Montez."))
    async with (
        running_answer(given) as server,
        open_channel(account(server.url, **values), public_url=PUBLIC_URL) as channel,
    ):
        receipt = await channel.send(message(text=text), TO, attempt=token())
        assert receipt.reference == "77"
    return server


async def test_json_is_filled_at_every_depth() -> None:
    fields = {"m": [{"to": "{to}", "t": "De {sender} : {text}"}], "n": 3, "hook": "{callback}"}
    server = await sent(ACCEPTED, fields=fields)
    assert orjson.loads(server.bodies[0]) == {
        "m": [{"to": TO.value, "t": "De Valombre : Montez."}],
        "n": 3,
        "hook": f"{PUBLIC_URL}/hooks/sms/second/{token().value}",
    }
    assert server.heads[0].startswith(b"POST /send HTTP/1.1\r\n")


async def test_a_form_is_a_form() -> None:
    server = await sent(ACCEPTED, text="Crue & feu = danger ; é €", body="form")
    assert parse_qs(server.bodies[0].decode())["text"] == ["Crue & feu = danger ; é €"]
    assert b"application/x-www-form-urlencoded" in server.heads[0]


async def test_a_text_that_looks_like_a_blank_is_a_text() -> None:
    server = await sent(ACCEPTED, text="Accolades : {to} {sender}")
    assert orjson.loads(server.bodies[0])["text"] == "Accolades : {to} {sender}"


@pytest.mark.parametrize(
    ("values", "header"),
    [
        ({}, "Authorization: Bearer k3y"),
        ({"auth": "basic", "user": "u"}, f"Authorization: Basic {b64encode(b'u:k3y').decode()}"),
        ({"auth": "header", "header": "X-Api-Key"}, "X-Api-Key: k3y"),
    ],
)
async def test_it_signs_in_as_described(values: Mapping[str, object], header: str) -> None:
    server = await sent(ACCEPTED, **values)
    assert f"\r\n{header}\r\n".encode() in server.heads[0]


@pytest.mark.parametrize(
    ("given", "kind", "code"),
    [
        (answer(400, {"error": "bad_number"}), Refused, "bad_number"),
        (answer(200, {"error": "bad_number"}), Refused, "bad_number"),
        (answer(422, {}), Refused, "http-422"),
        (answer(200, {"error": 12}), Unavailable, "12"),
        (answer(429, {}, "Retry-After: 7"), Unavailable, "too-fast"),
        # What the tables do not name says nothing of the person: no one is lost by it.
        (answer(404, {}), Unavailable, "http-404"),
        (answer(400, {"error": "who_knows"}), Unavailable, "who_knows"),
        (answer(401, {}), Unavailable, "http-401"),
        (answer(500, {"error": "bad_number"}), Unknown, "http-500"),
        (answer(200, {}), Unknown, "answer-unreadable"),
        (answer(200, b"<html>"), Unknown, "answer-unreadable"),
    ],
)
async def test_an_answer_means_what_the_description_says(
    given: bytes, kind: type[NotAccepted], code: str
) -> None:
    with pytest.raises(NotAccepted) as caught:
        await sent(given)
    assert (type(caught.value), caught.value.code) == (kind, code)


async def test_the_wait_that_a_provider_asks_for_is_kept() -> None:
    with pytest.raises(Unavailable) as caught:
        await sent(answer(443, {"error": "slow_down"}, "Retry-After: 7"))
    assert caught.value.retry_after_s == 7.0


async def test_a_lost_answer_is_looked_up_by_the_deliverys_own_name() -> None:
    rows = {"list": [{"id": "9", "st": "OK"}]}
    attempt = Attempt(token(), TO, "Montez.", datetime.now(UTC))
    receipt = {"status": "st", "statuses": {"OK": "delivered"}}
    fields = {"to": "{to}", "text": "{text}", "hook": "{callback}"}
    async with running_answer(answer(200, rows)) as server:
        find = {"url": f"{server.url}/m?r={{delivery}}", "list": "list", "reference": "id"}
        find["status"] = "st"
        described_one = account(server.url, find=find, receipt=receipt, fields=fields)
        async with open_channel(described_one, public_url=PUBLIC_URL) as channel:
            assert channel.looks_up
            found = await channel.find(attempt)
    assert found is not None
    assert (found.reference, found.status) == ("9", Status.DELIVERED)
    assert server.heads[0].startswith(b"GET /m?r=livraison1 HTTP/1.1\r\n")


@pytest.mark.parametrize("described_by", ["ask", "find"])
async def test_what_became_of_a_message_is_asked_as_described(described_by: str) -> None:
    told = {"id": "9", "st": "KO", "why": "30003"}
    whole = told if described_by == "ask" else {"list": [{"id": "8", "st": "OK"}, told]}
    receipt = {"status": "st", "statuses": {"OK": "delivered", "KO": "undelivered"}}
    fields = {"to": "{to}", "text": "{text}", "hook": "{callback}"}
    async with running_answer(answer(200, whole)) as server:
        words = {"url": f"{server.url}/m/{{id}}", "status": "st", "detail": "why"}
        if described_by == "find":
            words |= {"url": f"{server.url}/m?to={{to}}", "list": "list", "reference": "id"}
        one = account(server.url, receipt=receipt, fields=fields, **{described_by: words})
        async with open_channel(one, public_url=PUBLIC_URL) as channel:
            found = await channel.ask("9", to=TO, attempt=token())
            strange = await channel.ask("../9?x", to=TO, attempt=token())
    assert found == Receipt("9", Status.UNDELIVERED, "30003")
    path = b"/m/9" if described_by == "ask" else b"/m?to=%2B33639980042"
    assert server.heads[0].startswith(b"GET " + path + b" HTTP/1.1\r\n")
    if described_by == "ask":
        assert server.heads[1].startswith(b"GET /m/..%2F9%3Fx HTTP/1.1\r\n")
    else:
        assert strange is None


async def test_a_provider_without_records_tells_nothing_when_asked() -> None:
    async with open_channel(account("http://127.0.0.1:9"), public_url=PUBLIC_URL) as channel:
        assert await channel.ask("9", to=TO, attempt=token()) is None


async def test_without_a_look_up_it_says_that_it_cannot() -> None:
    async with open_channel(account("http://127.0.0.1:9"), public_url=PUBLIC_URL) as channel:
        assert not channel.looks_up


@pytest.mark.parametrize(
    ("given", "usable"),
    [
        (answer(200, {"credit": 5.5}), True),
        (answer(200, {"credit": "4.99"}), False),
        (answer(200, {}), False),
        (answer(401, {}), False),
    ],
)
async def test_credit_and_sign_in_are_asked_for(given: bytes, usable: bool) -> None:
    async with running_answer(given) as server:
        check = {"url": f"{server.url}/account", "credit": "credit", "least": 5}
        async with open_channel(
            replace(account(server.url, check=check), sandbox=True), public_url=PUBLIC_URL
        ) as channel:
            assert (await channel.check()).ok == usable


def test_every_fault_of_a_description_is_told_at_once() -> None:
    wrong = account(
        "http://sms.example",
        method="GET", auth="header", unheard="x",
        fields={"to": "{to}", "x": "{words}"}, answer={"codes": {"a": "maybe"}, "reference": ""},
        receipt={"status": "s", "statuses": {"A": "arrived"}, "signature": "md5"},
        find={"url": "https://elsewhere.example/{text}"}, ask={"url": "https://e.example/{text}"},
    )  # fmt: skip
    with pytest.raises(Faulty) as caught:
        described(replace(wrong, secrets={}))
    for key in (
        "unheard", "url", "method", "header", "fields: {words}", "fields: {text}",
        "answer.reference", "answer.codes.a", "receipt.statuses.A", "receipt.signature",
        "receipt.header", "receipt:", "find.url: must be at", "find.url: {text}",
        "find.reference", "ask.url: {text}", "ask.status", "secrets.key", "secrets.receipts",
    ):  # fmt: skip
        assert any(fault.startswith(key) for fault in caught.value.faults), key


@pytest.mark.parametrize(
    ("url", "fine"),
    [
        ("https://sms.example/v1", True),
        ("http://127.0.0.1:80/v1", True),
        ("http://localhost/v1", True),
        ("http://sms.example/v1", False),
        ("http://127.0.0.1.sms.example/v1", False),
        ("https://u:p@sms.example/v1", False),
        ("https://sms.example/a b", False),
        ("https://sms.example/a\r\nX: y", False),
        ("ftp://sms.example", False),
        ("", False),
    ],
)
def test_the_key_leaves_only_over_a_checked_line(url: str, fine: bool) -> None:
    one = account("https://sms.example")
    moved = replace(one, values={**one.values, "url": url})
    if fine:
        assert described(moved).url == url
    else:
        with pytest.raises(Faulty):
            described(moved)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(values, st.text())
def test_any_answer_and_any_path_give_something_or_nothing(found: object, path: str) -> None:
    at(found, path)


@given(values)
def test_what_holds_no_blank_stays_as_it_is(value: object) -> None:
    if "{" not in repr(value):
        assert filled(value, {}) == value
