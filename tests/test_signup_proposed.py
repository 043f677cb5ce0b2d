"""A relative proposes somebody, who decides by a call: yes, yes and have her told, or no."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from channels.contract import Receipt, Status
from dispatcher.alerts.refusals import NotNow, NotSo
from dispatcher.delivery.drain import drain
from dispatcher.delivery.receipts import receive
from dispatcher.signup.asking import Answered, Desk, answer_call, ask, pages_of
from dispatcher.signup.proposing import Decided, call_token, confirm, decided, proposed
from dispatcher.signup.telling import Said
from dispatcher.store.kin import kin_of
from dispatcher.store.outgoing import deliveries, versions
from dispatcher.store.own_links import Own
from dispatcher.store.people import Contact
from dispatcher.store.signup_tables import code_sends
from tests.fake_channel import FakeChannel, door
from tests.outgoing import KEYS
from tests.signing_up import FROM, ana, enrolled, sent
from tests.situations import COMMUNE
from tests.stolen import everything

pytest_plugins = ("tests.signup_desks",)
DAUGHTER = "06 39 98 00 77"
MOTHERS = ("01 99 00 00 42", "06 39 98 00 42")  # a mobile is called too


def proposal(phone: str = MOTHERS[0], own: str = DAUGHTER) -> Said:
    """Say what a daughter says who proposes her mother."""
    return proposed(ana(phone), name="Luisa Lopez", contact=own, commune=COMMUNE)


@pytest.fixture
def keyed(desk: Desk) -> Desk:
    """Open the desk with keys that calls are named by."""
    return Desk(replace(desk.office, tokens=KEYS))


async def called(desk: Desk) -> tuple[str, str, str]:
    """Let the call leave; return to whom, its words, and the token of its keypad."""
    fake = FakeChannel(medium="voice")
    await drain(door(desk.office.ledger, fake))
    (call,) = fake.ledger
    return call.contact, call.text, call.token


async def begun(desk: Desk, phone: str) -> str:
    """Propose, and type the daughter's code back, twice."""
    token = await ask(desk, proposal(phone), source=FROM)
    ((to, code),) = await sent(desk)
    assert to == "+33639980077"
    for _ in range(2):
        await confirm(desk, token, code, source=FROM)
    return token


async def state(desk: Desk, token: str) -> str:
    """Return what came of a proposal's call."""
    return (await decided(desk, call_token(token))).state


async def became(desk: Desk, keypad: str, status: Status, detail: str | None = None) -> float:
    """Have the provider tell what became of the call; return about when."""
    assert await receive(desk.office.ledger, KEYS, keypad, Receipt("CA1", status, detail))
    return datetime.now(UTC).timestamp()


async def test_who_proposes_learns_that_nobody_answered_and_when_it_rings_again(
    keyed: Desk,
) -> None:
    token = await begun(keyed, MOTHERS[0])
    for wait_s in (120, 300):
        _, _, keypad = await called(keyed)
        assert await state(keyed, token) == "waiting"
        now = await became(keyed, keypad, Status.UNDELIVERED, "no-answer")
        said = await decided(keyed, call_token(token))
        assert said.state == "again"
        assert (said.at, said.again_at) == pytest.approx((now, now + wait_s), abs=5)
        async with keyed.office.ledger.writing() as connection:
            await connection.execute(update(deliveries).values(next_at=now - 1))
    _, _, keypad = await called(keyed)
    now = await became(keyed, keypad, Status.UNDELIVERED, "no-answer")
    said = await decided(keyed, call_token(token))  # it would ring after the code has ended
    assert said.state == "unanswered"
    assert said.at == pytest.approx(now, abs=5)


async def test_a_call_that_was_heard_to_its_end_with_no_key_is_over(keyed: Desk) -> None:
    token = await begun(keyed, MOTHERS[0])
    _, _, keypad = await called(keyed)
    await became(keyed, keypad, Status.DELIVERED)
    assert await state(keyed, token) == "heard"
    assert await answer_call(keyed.office.of(""), keypad, Answered(agrees=True))
    assert await state(keyed, token) == "agreed"


async def test_a_call_that_never_rang_is_no_call_for_ever(keyed: Desk) -> None:
    token = await begun(keyed, MOTHERS[0])
    async with keyed.office.ledger.writing() as connection:
        await connection.execute(update(versions).values(expires_at=versions.c.expires_at - 901))
    assert await decided(keyed, call_token(token)) == Decided("unanswered")


@pytest.mark.parametrize("phone", MOTHERS)
async def test_who_is_called_decides_and_has_told_who_proposed_her(keyed: Desk, phone: str) -> None:
    token = await begun(keyed, phone)
    assert await state(keyed, token) == "waiting"
    assert await enrolled(keyed) == []
    to, words, keypad = await called(keyed)
    assert to == "+33" + phone.replace(" ", "")[1:]
    assert words.startswith("Un de vos proches propose")
    assert "Ana" not in words
    assert "Luisa" not in words
    assert "lopez" not in await everything(keyed.office.ledger)
    answered = Answered(agrees=True, tells=True)
    for _ in range(2):
        assert await answer_call(keyed.office.of(""), keypad, answered)
    (one,) = await enrolled(keyed)
    (kin,) = await kin_of(keyed.office.ledger, Own(COMMUNE, one.person.id))
    assert (kin.name, kin.contact) == ("Luisa Lopez", Contact("mobile", "+33639980077"))
    assert await state(keyed, token) == "agreed"
    assert await pages_of(keyed.office, call_token(token)) == []  # the page is her mother's


async def test_with_1_nobody_is_told(keyed: Desk) -> None:
    await begun(keyed, MOTHERS[0])
    _, _, keypad = await called(keyed)
    assert await answer_call(keyed.office.of(""), keypad, Answered(agrees=True))
    (one,) = await enrolled(keyed)
    assert await kin_of(keyed.office.ledger, Own(COMMUNE, one.person.id)) == []


async def test_with_9_she_is_forgotten_and_the_daughter_learns_it(keyed: Desk) -> None:
    token = await begun(keyed, MOTHERS[0])
    _, _, keypad = await called(keyed)
    assert await answer_call(keyed.office.of(""), keypad, Answered(agrees=False))
    assert await state(keyed, token) == "declined"
    assert await enrolled(keyed) == []


async def test_nobody_is_called_before_the_code_of_who_proposes(keyed: Desk) -> None:
    token = await ask(keyed, proposal(), source=FROM)
    ((_, code),) = await sent(keyed)
    with pytest.raises(NotSo):
        await confirm(keyed, token, f"{(int(code) + 1) % 1_000_000:06}", source=FROM)
    fake = FakeChannel(medium="voice")
    await drain(door(keyed.office.ledger, fake))
    assert fake.ledger == []


async def test_where_the_other_may_not_be_called_now_the_code_stays_good(keyed: Desk) -> None:
    for _ in range(3):  # in ten minutes, to one number
        await ask(keyed, ana(MOTHERS[0]), source="198.51.100.9")
    token = await ask(keyed, proposal(), source=FROM)
    ((_, code),) = await sent(keyed)
    with pytest.raises(NotNow, match="attendez dix minutes"):
        await confirm(keyed, token, code, source=FROM)
    assert await state(keyed, token) == "declined"  # nothing is half-done
    async with keyed.office.ledger.writing() as connection:
        older = update(code_sends).values(sent_at=code_sends.c.sent_at - 700)
        await connection.execute(older)
    await confirm(keyed, token, code, source=FROM)
    assert await state(keyed, token) == "waiting"


@pytest.mark.parametrize(
    ("phone", "own", "name", "said"),
    [
        ("ana@foyer.example", DAUGHTER, "Luisa", "Donnez son téléphone"),
        (MOTHERS[0], "01 99 00 00 77", "Luisa", "Donnez votre mobile"),
        (MOTHERS[1], MOTHERS[1], "Luisa", "votre propre numéro"),
        (MOTHERS[0], DAUGHTER, " ", "Écrivez votre nom"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    phone: str, own: str, name: str, said: str
) -> None:
    with pytest.raises(NotSo, match=said):
        proposed(ana(phone), name=name, contact=own, commune=COMMUNE)
