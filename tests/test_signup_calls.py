"""A landline is enrolled by whoever answers it: 1 for yes, 9 for no."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import update

from channels.call_twiml import Spoken, late_twiml
from dispatcher.alerts.refusals import NotNow, NotSo, NotThere
from dispatcher.delivery.drain import drain
from dispatcher.signup.asking import (
    Answered,
    Desk,
    answer_call,
    ask,
    ask_again,
    open_signup,
    type_back,
)
from dispatcher.store.people import Contact
from dispatcher.store.signup_tables import signups
from tests.fake_channel import FakeChannel, door
from tests.outgoing import KEYS
from tests.signing_up import FROM, ana, enrolled

pytest_plugins = ("tests.signup_desks",)


LANDLINE = "01 99 00 00 42"


async def called(desk: Desk) -> tuple[str, str, str]:
    """Let the call leave; return to whom, its words, and the token of its keypad."""
    fake = FakeChannel(medium="voice")
    await drain(door(desk.office.ledger, fake))
    (call,) = fake.ledger
    return call.contact, call.text, call.token


async def test_a_landline_is_called_and_enrolled_by_whoever_presses_1(desk: Desk) -> None:
    keyed = Desk(replace(desk.office, tokens=KEYS))
    token = await ask(keyed, ana(LANDLINE), source=FROM)
    to, words, keypad = await called(keyed)
    assert to == "+33199000042"
    assert words.startswith("Quelqu'un demande")
    assert "Ana" not in words  # nothing that was typed is said by the town hall's voice
    assert await enrolled(desk) == []
    await asyncio.gather(
        *(answer_call(keyed.office.of(""), keypad, Answered(agrees=True)) for _ in range(3))
    )
    (one,) = await enrolled(desk)
    assert one.person.contacts == (Contact("fixed", to),)
    assert (await open_signup(keyed.office, token)).verified
    await answer_call(
        keyed.office, keypad, Answered(agrees=False)
    )  # too late: her page is for that
    assert len(await enrolled(desk)) == 1


async def test_whoever_presses_9_is_forgotten_and_not_called_again_that_day(desk: Desk) -> None:
    keyed = Desk(replace(desk.office, tokens=KEYS))
    token = await ask(keyed, ana(LANDLINE), source=FROM)
    _, _, keypad = await called(keyed)
    await answer_call(keyed.office, keypad, Answered(agrees=False))
    assert await enrolled(desk) == []
    with pytest.raises(NotThere):
        await open_signup(keyed.office, token)
    with pytest.raises(NotNow, match="ne veut pas"):
        await ask(keyed, ana(LANDLINE), source="198.51.100.9")
    await answer_call(keyed.office, keypad, Answered(agrees=True))  # an old call brings nobody in
    assert await enrolled(desk) == []


async def test_the_key_of_any_call_of_hers_counts_and_no_other_does(desk: Desk) -> None:
    keyed = Desk(replace(desk.office, tokens=KEYS))
    token = await ask(keyed, ana(LANDLINE), source=FROM)
    _, _, first = await called(keyed)
    await ask_again(keyed, token, source=FROM)
    assert not await answer_call(keyed.office, "unknown", Answered(agrees=True))
    for typed in ("", "1", first):  # no code that is typed stands for a call
        with pytest.raises(NotSo):
            await type_back(keyed, token, typed)
    assert await enrolled(desk) == []
    assert await answer_call(
        keyed.office, first, Answered(agrees=True)
    )  # she had picked up the first one
    assert len(await enrolled(desk)) == 1
    _, _, second = await called(keyed)
    assert await answer_call(keyed.office, second, Answered(agrees=True))  # again: it is so
    assert not await answer_call(keyed.office, second, Answered(agrees=False))


async def test_a_key_that_comes_too_late_is_told_so(desk: Desk) -> None:
    keyed = Desk(replace(desk.office, tokens=KEYS))
    await ask(keyed, ana(LANDLINE), source=FROM)
    _, _, keypad = await called(keyed)
    async with desk.office.ledger.writing() as connection:
        await connection.execute(update(signups).values(code_until=signups.c.code_until - 901))
    assert not await answer_call(keyed.office, keypad, Answered(agrees=True))
    assert await enrolled(desk) == []
    assert "rien n'est changé" in late_twiml(Spoken("", "fr", "Mairie")).replace("&apos;", "'")
