"""The API over HTTP: sessions, two people, problems in sentences, hooks only a signer opens."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select
from twilio.request_validator import RequestValidator

from dispatcher.access.signing_in import NewUser, create_user, sign_in
from dispatcher.alerts.office import Office
from dispatcher.api.assembling import assemble
from dispatcher.api.services import Services
from dispatcher.api.signed_doors import Application
from dispatcher.delivery.accounts import CallbackKeys
from dispatcher.delivery.bell import Bell
from dispatcher.delivery.planning import materialise_next
from dispatcher.delivery.tokens import NamedAttempt, attempt_token
from dispatcher.store import claims, logbook, windows
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import deliveries
from dispatcher.store.users import User
from tests.offices import BRUZ, KEYS, bruz_office

PASSWORD = "quatre mots sans rapport"
AUTH_TOKEN = "0123456789abcdef0123456789abcdef"
PEOPLE = (("rac", "rac"), ("maire", "dos"), ("temoin", "observer"))
URL = "https://alerte.bruz.example"


@asynccontextmanager
async def client_of(office: Office) -> AsyncIterator[httpx.AsyncClient]:
    app = Application()
    assemble(app)
    app.state.services = Services(
        office.ledger,
        URL,
        KEYS,
        office.logbook_key,
        CallbackKeys(("of-another-account", AUTH_TOKEN)),
        office.granted,
        Bell("redis://127.0.0.1:1"),  # nobody listens: everything must work without a bell
        live=False,
    )
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=URL) as client:
        yield client


@pytest.fixture
async def office(ledger: Ledger, tmp_path: Path) -> Office:
    return await bruz_office(ledger, tmp_path, "circle_150m")


@pytest.fixture
async def client(office: Office) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(office) as one:
        yield one


async def bearers(office: Office) -> dict[str, dict[str, str]]:
    found = {}
    for login, function in PEOPLE:
        user = User(BRUZ, login, login, function)
        new = NewUser(user, PASSWORD, waived=True)
        await create_user(office.ledger, new, by="test", key=office.logbook_key)
        token = await sign_in(office.ledger, commune=BRUZ, login=login, password=PASSWORD)
        found[login] = {"authorization": f"Bearer {token}"}
    return found


async def test_two_people_draft_approve_and_launch_over_http(
    office: Office, client: httpx.AsyncClient
) -> None:
    who = await bearers(office)
    key = {"Idempotency-Key": "click-0001"}
    made = await client.post(
        "/api/v1/alerts", json={"scenario": "crue"}, headers={**who["rac"], **key}
    )
    assert made.status_code == 201, made.text
    alert = f"/api/v1/alerts/{made.json()['alert']}"
    assert (await client.get(f"{alert}/preview", headers=who["temoin"])).json()["people"] == 79
    await client.post(f"{alert}/submit", headers=who["rac"])
    digest = (await client.get(alert, headers=who["maire"])).json()["digest"]
    refused = await client.post(f"{alert}/approve", json={"digest": digest}, headers=who["rac"])
    assert refused.status_code == 403
    await client.post(f"{alert}/approve", json={"digest": digest}, headers=who["maire"])
    for _ in range(2):  # a double click
        launched = await client.post(f"{alert}/launch", headers={**who["rac"], **key})
        assert launched.json()["state"] == "dispatching"
        assert launched.json()["people"] == 79
    stopped = await client.post(f"{alert}/cancel", headers=who["rac"])
    assert stopped.json()["state"] == "cancelled"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/alerts/none", 404),
        ("POST", "/api/v1/alerts/none/cancel", 404),
        ("POST", "/api/v1/alerts/none/approve", 404),
        ("POST", "/api/v1/overrides", 403),
        ("POST", "/api/v1/alerts/none/launch", 404),
    ],
)
async def test_a_refusal_is_a_problem_with_a_sentence(
    office: Office, client: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    who = await bearers(office)
    headers = {**who["rac"], "Idempotency-Key": "click-0002"}
    answer = await client.request(method, path, json={"digest": "0" * 64}, headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(answer.json()["detail"]) > 20


@pytest.mark.parametrize(
    ("headers", "body", "named"),
    [
        ({}, '{"scenario": "crue"}', "Idempotency-Key"),
        ({"Idempotency-Key": "click-0004"}, '{"margin_m": NaN}', "margin_m"),
        ({"Idempotency-Key": "click-0004"}, "{", "body"),
    ],
)
async def test_a_request_that_cannot_be_read_is_a_problem_too(
    office: Office, client: httpx.AsyncClient, headers: dict[str, str], body: str, named: str
) -> None:
    who = await bearers(office)
    sent = {**who["rac"], **headers, "content-type": "application/json"}
    answer = await client.post("/api/v1/alerts", content=body, headers=sent)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert named in answer.json()["detail"]


async def test_without_a_session_or_the_permission_nothing_opens(
    office: Office, client: httpx.AsyncClient
) -> None:
    who = await bearers(office)
    body = {"scenario": "crue"}
    key = {"Idempotency-Key": "click-0003"}
    for headers, status in (
        (key, 401),
        ({**key, "authorization": "Bearer forged"}, 401),
        ({**key, **who["temoin"]}, 403),
    ):
        answer = await client.post("/api/v1/alerts", json=body, headers=headers)
        assert answer.status_code == status


async def test_a_drawn_area_is_checked_before_anything_is_kept(
    office: Office, client: httpx.AsyncClient
) -> None:
    who = await bearers(office)
    unclosed = {"type": "Polygon", "coordinates": [[[-1.7, 48], [-1.6, 48], [-1.6, 48.1]]]}
    answer = await client.post(
        "/api/v1/alerts",
        json={"template": "crue", "area": unclosed},
        headers={**who["rac"], "Idempotency-Key": "click-0004"},
    )
    assert answer.status_code == 422
    assert "coordinates[0]" in answer.json()["detail"]


async def sent_delivery(office: Office, medium: str) -> tuple[str, str]:
    """Begin one attempt of the alert; return its delivery and its token."""
    while await materialise_next(office.ledger):
        pass
    rows = await claims.claim(office.ledger, route="live", medium=medium, owner="test", limit=1)
    await windows.intend(office.ledger, rows, owner="test", provider="twilio")
    named = NamedAttempt(BRUZ, rows[0].delivery_id, 1)
    return rows[0].delivery_id, attempt_token(KEYS, named).value


async def launch(office: Office, client: httpx.AsyncClient, *media: str) -> str:
    who = await bearers(office)
    key = {"Idempotency-Key": "click-0005"}
    made = await client.post(
        "/api/v1/alerts", json={"scenario": "crue", "media": media}, headers={**who["rac"], **key}
    )
    alert = f"/api/v1/alerts/{made.json()['alert']}"
    await client.post(f"{alert}/submit", headers=who["rac"])
    digest = made.json()["digest"]
    await client.post(f"{alert}/approve", json={"digest": digest}, headers=who["maire"])
    await client.post(f"{alert}/launch", headers={**who["rac"], **key})
    return alert


def signed(path: str, form: dict[str, str], *, secret: str = AUTH_TOKEN) -> dict[str, str]:
    signature: str = RequestValidator(secret).compute_signature(f"{URL}{path}", form)
    return {"x-twilio-signature": signature}


async def test_only_a_signed_receipt_moves_a_delivery_and_ten_times_is_once(
    office: Office, client: httpx.AsyncClient
) -> None:
    await launch(office, client)
    ident, token = await sent_delivery(office, "sms")
    path = f"/hooks/twilio/sms/{token}"
    form = {"MessageSid": "SM" + "0" * 32, "MessageStatus": "delivered", "AccountSid": "AC1"}
    forged: tuple[tuple[dict[str, str], dict[str, str]], ...] = (
        ({}, form),
        (signed(path, form, secret="another"), form),
        (signed(path, form), {**form, "MessageStatus": "failed"}),
        (signed(path, {**form, "Evil": "1"}), {**form, "Evil": "1"}),
        (signed(f"{path}x", form), form),
    )
    for headers, body in forged:
        assert (await client.post(path, data=body, headers=headers)).status_code == 403
    more = await client.post(f"{path}?x=1", data=form, headers=signed(path, form))
    assert more.status_code == 403  # the address was signed whole
    assert await state(office, ident) == "sending"
    for _ in range(10):
        assert (await client.post(path, data=form, headers=signed(path, form))).status_code == 204
    assert await state(office, ident) == "delivered"


async def state(office: Office, ident: str) -> str:
    async with office.ledger.reading() as connection:
        wanted = select(deliveries.c.state).where(deliveries.c.delivery_id == ident)
        return str((await connection.execute(wanted)).scalar_one())


async def test_a_key_pressed_during_a_call_is_kept_and_answered_without_promising_rescue(
    office: Office, client: httpx.AsyncClient
) -> None:
    alert = await launch(office, client, "voice")
    who = await bearers(office)
    _, token = await sent_delivery(office, "voice")
    path = f"/hooks/twilio/keypad/{token}"
    form = {"CallSid": "CA" + "0" * 32, "Digits": "2", "CallStatus": "in-progress"}
    answer = await client.post(path, data=form, headers=signed(path, form))
    assert answer.status_code == 200, answer.text
    assert "18" in answer.text
    assert "112" in answer.text
    shown = (await client.get(alert, headers=who["maire"])).json()
    assert (shown["need_help"], shown["acknowledged"]) == (1, 0)


async def test_a_repeated_field_or_another_content_type_is_refused(
    office: Office, client: httpx.AsyncClient
) -> None:
    await launch(office, client)
    _, token = await sent_delivery(office, "sms")
    path = f"/hooks/twilio/sms/{token}"
    form = {"MessageSid": "SM" + "0" * 32, "MessageStatus": "delivered"}
    twice = "MessageSid=SM1&MessageStatus=delivered&MessageStatus=delivered"
    kind = {"content-type": "application/x-www-form-urlencoded"}
    answer = await client.post(path, content=twice, headers={**signed(path, form), **kind})
    assert answer.status_code == 403
    answer = await client.post(path, json=form, headers=signed(path, form))
    assert answer.status_code == 403


async def test_a_body_without_end_is_not_read_to_its_end(client: httpx.AsyncClient) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(1000):
            read += 4096
            yield b"a" * 4096

    kind = {"content-type": "application/x-www-form-urlencoded"}
    answer = await client.post("/hooks/twilio/sms/any", content=endless(), headers=kind)
    assert answer.status_code == 403
    assert read < 64 * 1024


async def test_the_call_list_opens_to_who_leads_and_to_no_observer(
    office: Office, client: httpx.AsyncClient
) -> None:
    alert = await launch(office, client)
    who = await bearers(office)
    assert (await client.get(f"{alert}/unreached", headers=who["temoin"])).status_code == 403
    found = await client.get(f"{alert}/unreached", headers=who["rac"])
    assert found.json() == {"alert": alert.rpartition("/")[2], "people": 0, "unreached": []}
    paper = await client.get(f"{alert}/unreached?format=csv", headers=who["maire"])
    assert paper.headers["content-type"] == "text/csv; charset=utf-8"
    assert paper.headers["cache-control"] == "no-store"
    assert paper.text.startswith('\ufeff"secteur";"rue";"numero"')
    lines = [line for line in await logbook.read(office.ledger, BRUZ) if "unreached" in line.kind]
    assert [(line.author, line.data["form"]) for line in lines] == [
        ("rac", "json"),
        ("maire", "csv"),
    ]
