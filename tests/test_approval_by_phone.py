"""Approving by telephone: our call, the number counted, a personal code; three errors refuse."""

import asyncio
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from channels.call_twiml import APPROVAL, APPROVAL_BY_PHONE, keypad_answer
from dispatcher.access import pins
from dispatcher.access.passwords import WeakPassword
from dispatcher.access.signing_in import disable_user
from dispatcher.alerts import by_phone, judging, life
from dispatcher.alerts.decision import heard_of
from dispatcher.alerts.office import Office
from dispatcher.alerts.plan_in_force import in_force
from dispatcher.alerts.ringing import content_of
from dispatcher.delivery.calls import spoken
from dispatcher.store import logbook, rings
from dispatcher.store.decision_tables import approval_pins
from dispatcher.store.ledger import Ledger
from dispatcher.store.users import User
from tests.decided_town import (
    CLERK,
    edited,
    frozen_by,
    lines_of,
    plan_files,
    planned,
    submitted_by,
)
from tests.driven_worker import working
from tests.offices import BRUZ
from tests.phoned_town import KEY, PIN, called, phoned_town, state, typed
from tests.rung_town import Town, ringing

MAYOR_PHONE = "+33639980001"


@pytest.fixture
async def office(ledger: Ledger, tmp_path: Path) -> Office:
    return await phoned_town(ledger, tmp_path)


async def test_it_reads_everything_in_words_then_counts_then_asks_for_the_code(
    office: Office,
) -> None:
    alert = await submitted_by(office, CLERK)
    call = await called(office)
    heard = await by_phone.begin(office, call)
    assert heard.text.startswith("Mode : RÉEL. Zone : Secteur 1. ")
    assert "La Vilaine monte. Quittez Secteur 1 maintenant." in heard.text
    version = await life.find(office, alert)
    assert str(version.people) not in heard.text  # in words, never in digits
    second = await typed(office, call, heard.step, str(version.people))
    assert second is not None
    assert "code personnel" in second.text
    done = await typed(office, call, second.step, PIN)
    assert done is not None
    assert not done.asks
    assert "L'alerte est validée. Elle n'est pas encore partie" in done.text
    approved = await life.find(office, alert)
    assert (approved.state, approved.approved_by) == ("approved", "maire")
    assert "alert.phone_decided" in await lines_of(office, alert)
    seen = await heard_of(office, await in_force(office), approved)
    assert [step.act for step in seen.steps if seen.by_phone(step)] == ["approved"]
    assert seen.refused_by_phone == frozenset()


@pytest.mark.parametrize("wrong", ["number", "code", "both"])
async def test_three_errors_refuse_and_that_outlives_the_call(office: Office, wrong: str) -> None:
    alert = await submitted_by(office, CLERK)
    people = str((await life.find(office, alert)).people)
    call = await called(office)
    said = await by_phone.begin(office, call)
    typed_in = {
        "number": ["1", "", "99999999999"],
        "code": [people, "000000", "", "48291"],
        "both": ["12", people, "111111", "48291५"],
    }[wrong]
    for digits in typed_in:
        answer = await typed(office, call, said.step, digits)
        assert answer is not None
        said = answer
    assert not said.asks
    assert "Trois erreurs" in said.text
    assert await typed(office, call, said.step, people) is None
    again = await by_phone.begin(office, call)
    assert not again.asks
    assert "Trois erreurs" in again.text
    assert await state(office, alert) == "pending_approval"
    assert (await lines_of(office, alert)).count("alert.phone_refused") == 1
    seen = await heard_of(office, await in_force(office), await life.find(office, alert))
    assert seen.refused_by_phone == {"contact:maire"}
    assert not any(map(seen.by_phone, seen.steps))


async def test_an_answer_that_comes_again_is_taken_once(office: Office) -> None:
    alert = await submitted_by(office, CLERK)
    people = str((await life.find(office, alert)).people)
    call = await called(office)
    first = await by_phone.begin(office, call)
    answers = await asyncio.gather(*(typed(office, call, first.step, people) for _ in range(3)))
    assert sum(one is not None for one in answers) == 1
    assert await typed(office, call, first.step, people) is None
    assert await typed(office, call, first.step + 7, PIN) is None
    assert await state(office, alert) == "pending_approval"


async def test_to_hang_up_decides_nothing_and_the_next_is_rung(office: Office) -> None:
    alert = await submitted_by(office, CLERK)
    call = await called(office)
    first = await by_phone.begin(office, call)
    await typed(office, call, first.step, str((await life.find(office, alert)).people))
    assert await state(office, alert) == "pending_approval"
    version = await life.find(office, alert)
    (ring,) = await rings.rings_of(office.ledger, BRUZ, version.version_id)
    assert ring.over is None  # hearing it is not opening it: the others are rung in their turn
    anew = await by_phone.begin(office, call)
    assert anew.asks
    assert "nombre de personnes" in anew.text  # from the beginning


async def test_what_changed_after_it_was_read_out_is_not_approved(office: Office) -> None:
    alert = await submitted_by(office, CLERK)
    people = str((await life.find(office, alert)).people)
    call = await called(office)
    first = await by_phone.begin(office, call)
    second = await typed(office, call, first.step, people)
    assert second is not None
    await edited(office, alert, by=CLERK, margin_m=2.0)
    said = await typed(office, call, second.step, PIN)
    assert said is not None
    assert not said.asks
    assert await state(office, alert) == "draft"


@pytest.mark.parametrize("why", ["policy", "no code", "gone", "author", "returned"])
async def test_who_may_not_or_not_now_is_told_so_and_hears_nothing_of_it(
    office: Office, why: str
) -> None:
    alert = await submitted_by(office, CLERK)
    call = await called(office)
    if why == "policy":
        await planned(office, plan_files(by_phone=False))
    if why == "no code":
        async with office.ledger.writing() as connection:
            await connection.execute(approval_pins.delete())
    if why == "gone":
        gone = User(BRUZ, "maire", "Maire", "dos", "maire")
        await disable_user(office.ledger, gone, by="test", key=KEY)
    if why == "author":
        await judging.send_back(office, alert, actor=replace(CLERK, function="dos"), reason="x")
        await edited(office, alert, by=replace(CLERK, login="maire", function="dos"), margin_m=1.0)
    if why == "returned":
        await judging.send_back(office, alert, actor=replace(CLERK, function="dos"), reason="x")
    said = await by_phone.begin(office, call)
    assert not said.asks
    told = "L'alerte a changé" if why in ("author", "returned") else "ouvrez la console"
    assert told in said.text
    assert "Vilaine" not in said.text
    assert await state(office, alert) != "approved"


@pytest.mark.parametrize(
    "pin", ["12345", "1234567", "12345a", "000000", "123456", "121212", "482482"]
)
def test_a_code_that_is_easy_to_guess_is_refused(pin: str) -> None:
    with pytest.raises(WeakPassword):
        pins.check_pin(pin)


async def test_a_code_is_kept_as_a_hash_and_told_to_no_log(office: Office) -> None:
    async with office.ledger.reading() as connection:
        kept = (await connection.execute(select(approval_pins.c.digest))).scalar_one()
    assert kept.startswith("$argon2id$")
    async for line in logbook.read_all(office.ledger, BRUZ):
        assert PIN not in f"{line.text} {line.data}"


async def talked(office: Office, town: Town, *keys: str, alert: str) -> list[str]:
    """Have the mayor type these in the call that rings her; return what she heard."""
    await town.sandbox.types(MAYOR_PHONE, *keys)
    async with asyncio.timeout(40):
        while True:
            ended = [
                one
                for one in await town.sandbox.ledger("voice")
                if one["to"] == MAYOR_PHONE and one["status"] == "completed"
            ]
            if ended:
                return [str(part.get("said", "")) for part in ended[0]["detail"]["heard"]]
            await asyncio.sleep(0.2)


@pytest.mark.parametrize(("pin", "became"), [(PIN, "approved"), ("482916", "pending_approval")])
async def test_through_the_sandbox_by_signed_callbacks(
    ledger: Ledger,
    ledger_url: str,
    valkey_url: str,
    tmp_path: Path,
    office: Office,
    pin: str,
    became: str,
) -> None:
    alert = await frozen_by(office, CLERK)
    people = str((await life.find(office, alert)).people)
    async with ringing(ledger, ledger_url, valkey_url, folder=tmp_path) as town:
        await town.sandbox.types(MAYOR_PHONE, "1", people, pin)
        await life.submit(office, alert, actor=CLERK)
        async with working(town.order, tmp_path):
            heard = " ".join(await talked(office, town, "1", people, pin, alert=alert))
    assert "Pour entendre l'alerte et décider par téléphone, tapez 1" in heard
    assert "Quittez Secteur 1 maintenant" in heard
    assert "code personnel" in heard
    assert ("L'alerte est validée" in heard) == (became == "approved")
    assert await state(office, alert) == became


async def test_a_forged_or_unknown_callback_is_refused(
    ledger: Ledger, ledger_url: str, valkey_url: str, tmp_path: Path, office: Office
) -> None:
    await submitted_by(office, CLERK)
    async with ringing(ledger, ledger_url, valkey_url, folder=tmp_path) as town:
        assert town.base
        async with httpx.AsyncClient(base_url=town.base, trust_env=False) as client:
            forged = await client.post(
                "/hooks/twilio/approval/x/1",
                data={"Digits": "1"},
                headers={"x-twilio-signature": "bm8="},
            )
    assert forged.status_code == 403


async def test_who_rings_us_is_never_asked_to_decide(office: Office) -> None:
    alert = await submitted_by(office, CLERK)
    content = content_of(office, await in_force(office), await life.find(office, alert))
    assert content.asks == APPROVAL_BY_PHONE
    inbound = spoken(content, "fr")
    assert inbound.asks == APPROVAL
    assert keypad_answer("1", inbound, action_url="https://a.example")[0] == "none"
