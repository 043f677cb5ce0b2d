"""Enrolling by SMS: a word and an address, then the code that its holder alone receives."""

from dataclasses import replace

import pytest

from channels.reply_words import enrolment_of
from channels.twilio_inbound import Texted
from dispatcher.alerts.switchboard import Switchboard
from dispatcher.alerts.tying import Counter
from dispatcher.signup.asking import Desk, pages_of, type_back
from dispatcher.signup.by_text import answer_signup
from dispatcher.signup.own_page import Asks, ask_for_page, leave
from dispatcher.store.enrolment import put_residents
from dispatcher.store.people import Contact
from dispatcher.store.registers import Home, Resident
from tests.addressed_town import put_addresses
from tests.outgoing import KEYS
from tests.signing_up import FROM, ana, enrolled, own_page, sent, signed_up
from tests.situations import COMMUNE

pytest_plugins = ("tests.signup_desks",)
ANA, TOWN = "+33639980042", "+33353010001"
DOOR = "12 Quai de la Sérolle"


@pytest.fixture
async def counter(desk: Desk) -> Counter:
    """Open the counter of a commune that shows a number of its own."""
    await put_addresses(desk.office.ledger)
    office = replace(desk.office, tokens=KEYS)
    return Counter(office, Switchboard(), "twilio", "https://alerte.example/hooks/twilio")


def text(words: str, *, sid: str = "SM1", sender: str = ANA, to: str = TOWN) -> Texted:
    """Return an SMS as the provider hands it in."""
    return Texted(sid=sid, sender=sender, to=to, text=words)


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("INSCRIPTION 12 rue des Lilas", "12 rue des Lilas"),
        ("inscription: 12, rue des Lilas", "12, rue des Lilas"),
        ("M'inscrire 3 quai Bas", "3 quai Bas"),
        ("Sign up 3 quai Bas", "3 quai Bas"),
        ("Inscription", ""),
        ("Inscriptions", None),
        ("aide", None),
        ("2", None),
        ("je veux une inscription", None),
    ],
)
def test_the_word_that_enrols_comes_first(said: str, address: str | None) -> None:
    assert enrolment_of(said) == address


async def test_a_number_enrols_by_its_address_and_the_code_that_it_receives(
    counter: Counter, desk: Desk
) -> None:
    asked = text(f"Inscription {DOOR.lower()}, 99170 Vaubrenne")
    for _ in range(2):  # handed in twice, it is one
        said = await answer_signup(counter, asked)
        assert said is not None
        assert f"les alertes au {DOOR}, répondez le code" in said
    assert await enrolled(desk) == []
    ((to, code),) = await sent(desk)
    assert to == ANA
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    assert "ce n'est pas le code" in (await answer_signup(counter, text(wrong, sid="2")) or "")
    for _ in range(2):
        done = await answer_signup(counter, text(f" {code[:3]} {code[3:]} ", sid="3"))
        assert done is not None
        assert "c'est fait" in done
        assert f"https://alerte.example/inscription/{COMMUNE}/ma-page" in done
    (one,) = await enrolled(desk)
    assert [home.label for home in one.homes] == [DOOR]
    assert one.person.contacts == (Contact("mobile", ANA),)


async def test_a_forged_sender_enrols_nobody(counter: Counter, desk: Desk) -> None:
    await answer_signup(counter, text(f"Inscription {DOOR}"))
    ((_, code),) = await sent(desk)
    other = text(code, sid="2", sender="+33639980043")
    assert await answer_signup(counter, other) is None  # no sign-up of that number waits
    assert await enrolled(desk) == []


async def test_what_enrols_nobody_is_left_to_the_desk_or_told_how(
    counter: Counter, desk: Desk
) -> None:
    for words in ("2", "123456", "au secours", "Inscriptions"):
        assert await answer_signup(counter, text(words)) is None
    for words in ("Inscription quai", "Inscrivez-moi, je suis seule et je ne peux pas marcher"):
        assert await answer_signup(counter, text(words)) is None  # a person has to read it
    told = await answer_signup(counter, text("Inscription"))
    assert told is not None
    assert "INSCRIPTION 12 rue des Lilas" in told
    landline = await answer_signup(counter, text(f"Inscription {DOOR}", sender="+33199000042"))
    assert landline is not None
    assert "écrivez INSCRIPTION" in landline
    abroad = await answer_signup(counter, text(f"Inscription {DOOR}", sender="+4915112345678"))
    assert abroad is not None
    assert "Réessayez plus tard" in abroad
    assert await sent(desk) == []
    assert await enrolled(desk) == []


async def test_who_is_known_by_this_number_alone_gains_an_address_and_no_double(
    counter: Counter, desk: Desk
) -> None:
    await signed_up(desk, ana())
    await answer_signup(counter, text(f"Inscription {DOOR}"))
    ((_, code),) = await sent(desk)
    await answer_signup(counter, text(code, sid="2"))
    (one,) = await enrolled(desk)
    assert one.person.name == "Ana Lopez"
    assert len(one.homes) == 2


async def test_of_a_number_that_two_share_neither_is_guessed(counter: Counter, desk: Desk) -> None:
    both = [
        Resident(f"P{n}", f"Paul PETIT {n}", ("fr",), contacts=(Contact("mobile", ANA),),
                 homes=(Home("9 rue Haute", "9 rue haute", 5.0, 47.7),))
        for n in "ab"
    ]  # fmt: skip
    await put_residents(desk.office.ledger, both, commune=COMMUNE)
    await answer_signup(counter, text(f"Inscription {DOOR}"))
    ((_, code),) = await sent(desk)
    await answer_signup(counter, text(code, sid="2"))
    found = await enrolled(desk)
    assert sorted(len(one.homes) for one in found) == [1, 1, 1]


async def test_of_two_addresses_each_code_adds_its_own(counter: Counter, desk: Desk) -> None:
    for n, door in enumerate((DOOR, "1 Quai de la Sérolle")):
        await answer_signup(counter, text(f"Inscription {door}", sid=f"A{n}"))
    codes = [code for _, code in await sent(desk)]
    for n, code in enumerate(reversed(codes)):
        done = await answer_signup(counter, text(code, sid=f"B{n}"))
        assert "c'est fait" in (done or "")
    (one,) = await enrolled(desk)
    assert sorted(home.label for home in one.homes) == ["1 Quai de la Sérolle", DOOR]


async def test_the_code_of_a_page_is_not_spent_by_an_sms(counter: Counter, desk: Desk) -> None:
    page = await own_page(desk, await signed_up(desk, ana()))
    await leave(desk.office, page)
    asked = await ask_for_page(desk, Asks(ANA, FROM), language="fr")
    ((_, code),) = await sent(desk)
    told = await answer_signup(counter, text(code))
    assert "tapez ce code sur la page" in (told or "")
    assert await enrolled(desk) == []
    await type_back(desk, asked, code)
    assert len(await pages_of(desk.office, asked)) == 1


async def test_who_texts_without_end_is_answered_no_more(counter: Counter, desk: Desk) -> None:
    told = [await answer_signup(counter, text("Inscription", sid=f"S{n}")) for n in range(12)]
    assert told[-1] == ""
    asked = [
        await answer_signup(counter, text(f"Inscription {DOOR}", sid=f"T{n}", sender=sender))
        for n, sender in enumerate(["+33639980077"] * 5)
    ]
    assert "Réessayez plus tard" in (asked[-1] or "")
    assert len(await sent(desk)) == 3  # in ten minutes, to one number
