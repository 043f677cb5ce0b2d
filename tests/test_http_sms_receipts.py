"""A receipt by HTTP is believed when its provider made it, and then moves its delivery on."""

import base64
import hmac
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import orjson
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from channels.contract import Address, Status
from channels.http_sms_receipts import Forged, Meaningless, Posted, ReceiptDesk
from channels.registry import open_channel
from dispatcher.api.assembling import assemble
from dispatcher.api.services import Services
from dispatcher.api.signed_doors import Application
from dispatcher.delivery.accounts import CallbackKeys
from dispatcher.delivery.bell import Bell
from dispatcher.delivery.drain import drain
from dispatcher.delivery.tokens import NamedAttempt, attempt_token
from dispatcher.store.ledger import Ledger
from tests.channel_accounts import http_sms, message, token
from tests.fake_channel import FakeChannel, door
from tests.outgoing import COMMUNE, KEYS, LOGBOOK_KEY, PUBLIC_URL, Plan, crowd, only_row, planned
from tests.sandbox_process import running_sandbox
from tests.sandbox_receiver import running_receiver
from tests.test_http_sms_channel import account

UNREACHABLE = "+33639989911"  # a magic number of the sandbox
SECRET = "signs-the-receipts"
RECEIPT = {
    "reference": "id",
    "status": "st",
    "detail": "why",
    "statuses": {"OK": "delivered", "KO": "undelivered"},
}
FIELDS = {"to": "{to}", "text": "{text}", "hook": "{callback}", "ref": "{reference}"}
BODY = orjson.dumps({"id": 7, "st": "KO", "why": "absent", "ref": "tok"})


def desk(**receipt: object) -> ReceiptDesk:
    one = account("https://sms.example", fields=FIELDS, receipt={**RECEIPT, **receipt})
    secrets = {**one.secrets, "receipts": SecretStr(SECRET)}
    made = ReceiptDesk.of(replace(one, secrets=secrets))
    assert made is not None
    return made


def posted(body: bytes = BODY, **headers: str) -> Posted:
    return Posted(body, {name.replace("_", "-"): value for name, value in headers.items()})


def test_at_our_own_address_the_token_is_the_proof() -> None:
    attempt, receipt = desk().read(posted(), token="abc")
    assert attempt == "abc"
    assert (receipt.reference, receipt.status, receipt.detail) == (
        "7", Status.UNDELIVERED, "absent",
    )  # fmt: skip


def test_a_form_is_read_like_json() -> None:
    form = posted(b"id=7&st=OK", content_type="application/x-www-form-urlencoded")
    assert desk().read(form, token="abc")[1].status is Status.DELIVERED


DIGEST = hmac.digest(SECRET.encode(), BODY, "sha256")


@pytest.mark.parametrize(
    ("how", "proof"),
    [
        ("hmac-sha256-hex", DIGEST.hex()),
        ("hmac-sha256-hex", f"sha256={DIGEST.hex()}"),
        ("hmac-sha256-base64", base64.b64encode(DIGEST).decode()),
        ("secret", SECRET),
    ],
)
def test_a_signature_is_checked_over_the_whole_body(how: str, proof: str) -> None:
    signed = desk(signature=how, header="X-Proof")
    assert signed.read(posted(x_proof=proof), token="abc")[0] == "abc"
    for body, given in ((BODY, ""), (BODY, proof[:-1]), (BODY, "é" + proof)):
        with pytest.raises(Forged):
            signed.read(posted(body, x_proof=given), token="abc")
    if how != "secret":
        with pytest.raises(Forged):
            signed.read(posted(BODY.replace(b"KO", b"OK"), x_proof=proof), token="abc")


def test_at_a_fixed_address_our_reference_comes_back() -> None:
    fixed = desk(signature="secret", header="X-Proof", attempt="ref")
    assert fixed.read(posted(x_proof=SECRET), token="fixed")[0] == "tok"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"st": "NEW"}', b'{"st": {}}', b"\xff"])
def test_what_says_nothing_is_told_apart_from_what_is_forged(body: bytes) -> None:
    with pytest.raises(Meaningless):
        desk().read(posted(body), token="abc")


def test_an_account_without_receipts_has_no_desk() -> None:
    assert ReceiptDesk.of(account("https://sms.example")) is None


@asynccontextmanager
async def hooks(ledger: Ledger, desks: Mapping[str, ReceiptDesk]) -> AsyncIterator[FastAPI]:
    app = Application()
    assemble(app)
    app.state.services = Services(
        ledger, PUBLIC_URL, KEYS, LOGBOOK_KEY, CallbackKeys((), desks), {}, Bell("redis://x:1")
    )
    yield app


async def test_a_posted_receipt_moves_its_delivery_and_a_forged_one_does_not(
    ledger: Ledger,
) -> None:
    await planned(ledger, Plan(crowd(1)))
    await drain(door(ledger, FakeChannel(provider="second")))
    ident = str((await only_row(ledger))["delivery_id"])
    genuine = attempt_token(KEYS, NamedAttempt(COMMUNE, ident, 1)).value
    signed = {"second": desk(signature="secret", header="X-Proof")}
    async with (
        hooks(ledger, signed) as app,
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=PUBLIC_URL) as client,
    ):
        answers = [
            (await client.post(f"/hooks/sms/{path}", content=body, headers=headers)).status_code
            for path, body, headers in (
                (f"nobody/{genuine}", BODY, {"X-Proof": SECRET}),
                (f"second/{genuine}", BODY, {"X-Proof": "guess"}),
                (f"second/{genuine[:-1]}z", BODY, {"X-Proof": SECRET}),
                (f"second/{genuine}", b"{}", {"X-Proof": SECRET}),
                (f"second/{genuine}", b"x" * 40_000, {"X-Proof": SECRET}),
            )
        ]
        assert answers == [404, 403, 403, 422, 413]
        assert (await only_row(ledger))["state"] == "accepted"
        for _ in range(10):
            told = await client.post(
                f"/hooks/sms/second/{genuine}", content=BODY, headers={"X-Proof": SECRET}
            )
            assert told.status_code == 204
    row = await only_row(ledger)
    assert (row["state"], row["reason"], row["reference"]) == ("undelivered", "absent", "7")


async def test_the_sandboxs_second_operator_signs_what_its_description_reads(
    tmp_path: Path,
) -> None:
    async with (
        running_receiver() as receiver,
        running_sandbox(tmp_path, callback_base=receiver.base, failures=True) as sandbox,
    ):
        reader = ReceiptDesk.of(http_sms(sandbox))
        assert reader is not None
        async with open_channel(http_sms(sandbox), public_url=PUBLIC_URL) as channel:
            await channel.send(message(), Address("sms", UNREACHABLE), attempt=token())
        posts = await receiver.received(2, path=f"/hooks/sms/http-sms/{token().value}")
    read = [reader.read(Posted(post.body, post.headers), token="t")[1] for post in posts]
    assert [one.status for one in read] == [Status.SENT, Status.UNDELIVERED]
    assert read[1].detail == "30003"
    with pytest.raises(Forged):
        reader.read(Posted(posts[0].body + b" ", posts[0].headers), token="t")
