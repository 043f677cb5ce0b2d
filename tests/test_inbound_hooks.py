"""What comes to our number is believed only with the address and signature of its account."""

import httpx
import pytest

from dispatcher.delivery.tokens import Rung as Place
from dispatcher.delivery.tokens import TokenKeys, inbound_token, read_ring, ring_token
from dispatcher.sandbox.twiml import read_answers, read_twiml
from dispatcher.store.ledger import Ledger
from tests.answering_town import Town, new_sid
from tests.inbound_requests import (
    CALL,
    OTHER_SECRET,
    REPLY,
    RING,
    SECRET,
    SMS,
    URL,
    post,
    signed,
    twilio_at,
)
from tests.outgoing import KEYS, Plan, crowd, phone


async def test_a_signed_sms_is_kept_and_answered_as_twiml_ten_times_as_once(
    ledger: Ledger,
) -> None:
    town = Town(ledger)
    version = await town.sent(Plan(crowd(1), two_way=True))
    async with twilio_at(ledger) as client:
        answers = [await post(client, REPLY, SMS) for _ in range(10)]
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.headers["content-type"].partition(";")[0] for answer in answers} == {"text/xml"}
    (said,) = {read_answers(answer.text)[0]["said"] for answer in answers}
    assert "demande d'aide" in said
    assert await town.answered() == {(version.version_id, "help", "sms")}


async def test_a_call_and_its_key_are_answered_as_twiml_that_can_be_lived(
    ledger: Ledger,
) -> None:
    town = Town(ledger)
    version = await town.sent(Plan(crowd(1), (("voice",),)))
    async with twilio_at(ledger) as client:
        rung = await post(client, RING, CALL)
        assert rung.status_code == 200, rung.text
        gather = read_twiml(rung.text)[0]
        action = gather.attributes["action"].removeprefix(URL)
        key = {**CALL, "CallStatus": "in-progress", "Digits": "1", "msg": "Gather"}
        pressed = await post(client, action, {**key, "FinishedOnKey": ""})
    assert pressed.status_code == 200
    assert "Merci" in read_twiml(pressed.text)[0].text
    assert await town.answered() == {(version.version_id, "understood", "ring")}


@pytest.mark.parametrize(("path", "form"), [(REPLY, SMS), (RING, CALL)])
async def test_what_is_forged_is_refused_and_leaves_no_trace(
    ledger: Ledger, path: str, form: dict[str, str]
) -> None:
    town = Town(ledger)
    await town.sent(Plan(crowd(1), two_way=True))
    async with twilio_at(ledger) as client:
        tries = (
            client.post(path, data=form),
            client.post(path, data=form, headers=signed(path, form, OTHER_SECRET)),
            client.post(path, data=form, headers=signed(path, form, "guessed")),
            client.post(path, data={**form, "From": phone(5)}, headers=signed(path, form)),
            client.post(f"{path}?x=1", data=form, headers=signed(path, form)),
            client.post(path, json=form, headers=signed(path, form)),
            client.post(path, content="a=1&a=2", headers=signed(path, {"a": "1"})),
            post(client, path, {**form, "Evil": "1"}),
            post(client, path, {name: form[name] for name in form if not name.endswith("Sid")}),
        )
        assert [(await one).status_code for one in tries] == [403] * len(tries)
        other = path[:-4] + "0000"
        assert (await post(client, other, form)).status_code == 404
    assert await town.kept() == []


async def test_a_repeated_field_is_refused(ledger: Ledger) -> None:
    twice = httpx.QueryParams([("Body", "1"), *SMS.items()])  # the last of them is what was signed
    headers = {**signed(REPLY, SMS), "content-type": "application/x-www-form-urlencoded"}
    async with twilio_at(ledger) as client:
        answer = await client.post(REPLY, content=str(twice), headers=headers)
    assert answer.status_code == 403


async def test_each_account_has_its_own_address_and_its_own_secret(ledger: Ledger) -> None:
    path = f"/hooks/twilio/reply/{inbound_token(KEYS, 'second')}"
    async with twilio_at(ledger) as client:
        assert (await post(client, path, SMS, SECRET)).status_code == 403
        assert (await post(client, path, SMS, OTHER_SECRET)).status_code == 200


async def test_the_longest_sms_of_any_script_is_taken(ledger: Ledger) -> None:
    form = {**SMS, "Body": "水" * 1600}
    async with twilio_at(ledger) as client:
        assert (await post(client, REPLY, form)).status_code == 200
    assert len(await Town(ledger).kept()) == 1


@pytest.mark.parametrize(
    "caller", ["", "anonymous", "+266696687", "Restricted", "+7378742833", "unknown"]
)
async def test_a_hidden_number_is_nobody_s_and_its_call_for_help_is_kept(
    ledger: Ledger, caller: str
) -> None:
    town = Town(ledger)
    version = await town.sent(Plan(crowd(1), (("voice",),)))
    place = Place("twilio-sms", version.commune, version.version_id)
    path = f"/hooks/twilio/ringkey/{ring_token(KEYS, place)}"
    form = {**CALL, "From": caller, "Caller": caller, "Digits": "2", "CallSid": new_sid("CA")}
    async with twilio_at(ledger) as client:
        answer = await post(client, path, form)
    assert "masqué" in answer.text
    assert await town.kept() == [("help", "help", version.version_id, False)]
    assert await town.answered() == set()


async def test_a_key_s_address_that_we_did_not_make_is_nowhere(ledger: Ledger) -> None:
    place = Place("twilio-sms", "99117", "v-1")
    others = TokenKeys(b"x" * 32, b"y" * 32)
    unknown = ring_token(KEYS, place)
    async with twilio_at(ledger) as client:
        for token in (ring_token(others, place), "twilio-sms.99117.v-1.", "x", unknown):
            answer = await post(client, f"/hooks/twilio/ringkey/{token}", CALL)
            assert answer.status_code == 404


def test_addresses_are_stable_told_apart_and_not_guessed() -> None:
    assert inbound_token(KEYS, "twilio-sms") == inbound_token(KEYS, "twilio-sms")
    assert len({inbound_token(KEYS, name) for name in ("a", "b", "twilio-sms")}) == 3
    assert inbound_token(TokenKeys(b"x" * 32, b"b" * 32), "a") != inbound_token(KEYS, "a")
    place = Place("twilio-sms", "99117", "v-0123456789ab")
    assert read_ring(KEYS, ring_token(KEYS, place)) == place
    assert read_ring(KEYS, ring_token(KEYS, place)[:-1]) is None
