"""Enrolling by SMS: a word and an address, then the code that its holder alone receives."""

from dataclasses import replace

import pytest

from channels.reply_words import enrolment_of
from channels.twilio_inbound import Texted
from dispatcher.alerts.inbound import answer_text
from dispatcher.alerts.plan_in_force import load
from dispatcher.alerts.switchboard import Switchboard
from dispatcher.alerts.tying import Counter
from dispatcher.residents.place_key import place_key
from dispatcher.signup.asking import Desk, pages_of, type_back
from dispatcher.signup.by_text import answer_signup
from dispatcher.signup.own_page import Asks, ask_for_page, leave
from dispatcher.store.addresses import Address, replace_addresses
from dispatcher.store.enrolment import put_residents
from dispatcher.store.people import Contact
from dispatcher.store.registers import Home, Resident
from dispatcher.store.replies import to_read
from tests.addressed_town import put_addresses
from tests.bench.parts.crowd import AUTHOR, plan_files
from tests.outgoing import KEYS
from tests.signing_up import FROM, ana, enrolled, own_page, sent, signed_up
from tests.situations import COMMUNE

pytest_plugins = ("tests.signup_desks",)
ANA, TOWN, SHARED = "+33639980042", "+33353010001", "+33199000777"
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


@pytest.fixture
async def shared(counter: Counter) -> Counter:
    """Open the counter of two communes that have one number; the example's own is another."""
    ledger = counter.ledger
    for commune, name, lon in (("35047", "Bruz", -1.75), ("35288", "Saint-Malo", -2.0)):
        files = plan_files(commune)
        files["pcs.yaml"] = files["pcs.yaml"].replace(b"Valombre", name.encode())
        await load(counter.office.of(commune), files, actor=AUTHOR)
        labels = ["3 quai Bas", *(["8 rue Haute"] if name == "Bruz" else [])]
        rows = [Address(label, label, label[2:], place_key(label), lon, 48.0) for label in labels]
        await replace_addresses(ledger, commune, rows)
    return counter


@pytest.mark.parametrize("words", ["Inscription", "Inscription 3 quai Bas"])
async def test_of_a_number_of_two_communes_it_is_asked_which(shared: Counter, words: str) -> None:
    told = await answer_signup(shared, text(words, to=SHARED))
    assert told is not None
    assert "BRUZ, SAINT MALO" in told
    assert "INSCRIPTION BRUZ 12 rue des Lilas" in told


@pytest.mark.parametrize(
    "words",
    ["3 quai Bas", "Saint-Malo 3 quai Bas", "st malo, 3 quai bas", "35288 3 quai bas",
     "3 quai Bas 35400 Saint-Malo", "3 quai Bas, Saint-Malo"],
)  # fmt: skip
async def test_who_names_her_town_enrols_there(shared: Counter, desk: Desk, words: str) -> None:
    told = await answer_signup(shared, text(f"Inscription {words}", to=SHARED))
    named = words != "3 quai Bas"
    assert ("Mairie de Saint-Malo: pour recevoir les alertes au 3 quai Bas" in (told or "")) == (
        named
    )
    assert len(await sent(desk)) == named


async def test_who_names_her_town_alone_is_told_to_name_both(shared: Counter) -> None:
    told = await answer_signup(shared, text("Inscription Saint Malo", to=SHARED))
    assert "INSCRIPTION SAINT MALO 12 rue des Lilas" in (told or "")


async def test_who_is_known_in_one_of_the_towns_needs_not_name_it(
    shared: Counter, desk: Desk
) -> None:
    known = Resident("P1", "Ana LOPEZ", ("fr",), contacts=(Contact("mobile", ANA),),
                     homes=(Home("8 rue Haute", "8 rue haute", -1.75, 48.0),))  # fmt: skip
    await put_residents(desk.office.ledger, [known], commune="35047")
    told = await answer_signup(shared, text("Inscription 3 quai Bas", to=SHARED))
    assert "Mairie de Bruz: pour recevoir" in (told or "")


async def test_what_is_an_address_in_none_of_the_towns_is_read_by_the_desk(
    shared: Counter,
) -> None:
    for words in ("Inscrivez-moi, je suis seule et je ne peux pas marcher", "Inscription 9 quai"):
        assert await answer_signup(shared, text(words, to=SHARED)) is None


async def test_what_comes_without_end_is_kept_for_the_desk(counter: Counter, desk: Desk) -> None:
    for n in range(12):
        words = text("Inscription, je suis seule", sid=f"S{n}")
        if await answer_signup(counter, words) is None:
            await answer_text(counter, words)
    assert len(await to_read(desk.office.ledger, COMMUNE)) == 12


async def test_who_texts_without_end_is_answered_no_more(counter: Counter, desk: Desk) -> None:
    told = [await answer_signup(counter, text("Inscription", sid=f"S{n}")) for n in range(12)]
    assert told[-1] is None
    asked = [
        await answer_signup(counter, text(f"Inscription {DOOR}", sid=f"T{n}", sender=sender))
        for n, sender in enumerate(["+33639980077"] * 5)
    ]
    assert "Réessayez plus tard" in (asked[-1] or "")
    assert len(await sent(desk)) == 3  # in ten minutes, to one number
