"""The pretend webhook receiver: signatures of Standard Webhooks, copies, failures on demand."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from standardwebhooks import Webhook

from tests.sandbox_process import SandboxHandle

pytest_plugins = ("tests.sandbox_doors",)
pytestmark = pytest.mark.asyncio(loop_scope="module")

HOST = "sdis.valombre.example"
BODY = '{"alert": "crue", "level": "élevé"}'
OTHER_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


async def post(
    sandbox: SandboxHandle,
    *,
    secret: str = "",
    webhook_id: str = "delivery-1",
    signed: str = BODY,
    age: timedelta = timedelta(),
) -> httpx.Response:
    at = datetime.now(UTC) - age
    signature = Webhook(secret or sandbox.webhook_secret).sign(webhook_id, at, signed)
    headers = {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signature,
        "content-type": "application/json",
    }
    path = f"/webhooks/{HOST}/alertes/tocsin"
    async with httpx.AsyncClient(base_url=sandbox.http, trust_env=False) as stranger:
        return await stranger.post(path, content=BODY, headers=headers)


async def test_a_signed_webhook_is_kept_with_its_body_and_place(sandbox: SandboxHandle) -> None:
    assert (await post(sandbox)).status_code == 204
    [entry] = await sandbox.ledger("webhook")
    assert (entry["to"], entry["content"]) == (f"{HOST}/alertes/tocsin", BODY)
    assert entry["detail"]["webhook_id"] == "delivery-1"


async def test_a_body_changed_on_the_way_a_wrong_secret_or_an_old_stamp_is_refused(
    sandbox: SandboxHandle,
) -> None:
    answers = [
        await post(sandbox, signed=BODY.replace("crue", "fin")),
        await post(sandbox, secret=OTHER_SECRET),
        await post(sandbox, age=timedelta(minutes=6)),
        await sandbox.client.post(f"/webhooks/{HOST}/", content=BODY),
    ]
    assert [answer.status_code for answer in answers] == [401] * 4
    assert await sandbox.ledger() == []
    assert (await sandbox.summary())["webhooks_refused"] == 4


async def test_a_host_may_have_a_secret_of_its_own(sandbox: SandboxHandle) -> None:
    order = {"host": HOST, "secret": OTHER_SECRET}
    answer = await sandbox.client.post("/sandbox/webhook-secrets", json=order)
    assert answer.status_code == 200
    assert (await post(sandbox)).status_code == 401
    assert (await post(sandbox, secret=OTHER_SECRET)).status_code == 204


async def test_the_same_webhook_id_is_a_copy(sandbox: SandboxHandle) -> None:
    for webhook_id in ("delivery-1", "delivery-1", "delivery-2"):
        await post(sandbox, webhook_id=webhook_id)
    count = (await sandbox.summary())["by_medium"]["webhook"]
    assert (count["accepted"], count["distinct"], count["copies_max"]) == (3, 2, 2)


@pytest.mark.parametrize(
    ("kind", "status", "kept"),
    [("410", 410, 0), ("refuse_500_before", 500, 0), ("accept_then_500", 500, 1), ("429", 429, 0)],
)
async def test_a_receiver_fails_on_demand(
    sandbox: SandboxHandle, kind: str, status: int, kept: int
) -> None:
    await sandbox.faults("webhook", kind, count=1)
    assert (await post(sandbox)).status_code == status
    assert len(await sandbox.ledger("webhook")) == kept
    assert (await post(sandbox)).status_code == 204


async def test_a_receiver_may_take_the_webhook_and_cut_the_line(sandbox: SandboxHandle) -> None:
    await sandbox.faults("webhook", "accept_then_drop", count=1)
    with pytest.raises(httpx.TransportError):
        await post(sandbox)
    assert len(await sandbox.ledger("webhook")) == 1
