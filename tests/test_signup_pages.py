"""The pages where a resident enrols: every step without a script, every mistake in a sentence."""

import re

import httpx
import pytest

from dispatcher.store.ledger import Ledger
from dispatcher.store.people import residents_count
from tests.addressed_town import put_addresses
from tests.resident_visits import HERE, an_address, code_count, code_sent, plain, post
from tests.situations import COMMUNE

pytest_plugins = ("tests.console_visits",)
ANA = {"name": "Ana Lopez", "contact": "06 39 98 00 42", "typed": "12 rue de la Sérolle"}


async def test_a_resident_enrols_in_two_pages_and_adds_a_school(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    await put_addresses(town)
    where = await visitor.get("/inscription")
    assert where.headers["location"] == HERE
    assert "Être alerté en cas de danger" in (await visitor.get(HERE)).text
    label, ident = await an_address(visitor)
    sent = await post(visitor, HERE, data={**ANA, "typed": label, "address": ident})
    assert sent.status_code == 303
    mine = sent.headers["location"]
    page = plain(await visitor.get(mine))
    assert "•• •• •• •• 42" in page
    assert "0639980042" not in page.replace(" ", "")
    assert label in page
    assert await residents_count(town, COMMUNE) == 0
    done = await post(visitor, mine, data={"code": await code_sent(town)})
    page, _, said = done.headers["location"].partition("?")
    assert (done.status_code, said) == (303, "fait=bienvenue")
    assert await residents_count(town, COMMUNE) == 1
    school, other = await an_address(visitor, "2 quai")
    more = {"typed": school, "address": other, "kind": "school"}
    assert (await post(visitor, f"{page}/adresses", data=more)).status_code == 303
    shown = plain(await visitor.get(page))
    assert f"{school} École, crèche" in shown


async def test_an_address_that_may_be_several_is_chosen_and_nothing_typed_is_lost(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    await put_addresses(town)
    label, _ = await an_address(visitor)
    street = label.partition(" ")[2]
    page = await post(visitor, HERE, data={**ANA, "typed": street})
    assert page.status_code == 422
    assert "Choisissez votre adresse dans la liste." in plain(page)
    assert 'value="Ana Lopez"' in page.text
    assert 'value="06 39 98 00 42"' in page.text
    assert page.text.count('type="radio"') >= 2
    assert await code_count(town) == 0


async def test_an_address_that_the_file_does_not_have_is_kept_and_said_to_be_unplaced(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    await put_addresses(town)
    unknown = {**ANA, "typed": "Lieu-dit Les Trois Chênes"}
    page = await post(visitor, HERE, data=unknown)
    assert "n'est pas dans le fichier de la commune" in plain(page)
    sent = await post(visitor, HERE, data={**unknown, "address": "other"})
    assert sent.status_code == 303
    assert "n'est pas encore sur la carte" in plain(await visitor.get(sent.headers["location"]))


async def test_what_was_chosen_before_something_else_was_typed_is_asked_again(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    await put_addresses(town)
    _, ident = await an_address(visitor)
    page = await post(visitor, HERE, data={**ANA, "typed": "rue qui n'y est pas", "address": ident})
    assert page.status_code == 422
    assert await code_count(town) == 0


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "Écrivez votre nom et votre prénom."),
        ({"contact": ""}, "Écrivez un numéro de téléphone ou une adresse e-mail."),
        ({"contact": "0899102030"}, "Ce numéro ne peut pas être lu"),
        ({"typed": "", "address": ""}, "Choisissez au moins une adresse"),
    ],
)
async def test_each_mistake_is_told_where_the_form_is(
    visitor: httpx.AsyncClient, town: Ledger, wrong: dict[str, str], said: str
) -> None:
    await put_addresses(town)
    label, ident = await an_address(visitor)
    page = await post(visitor, HERE, data={**ANA, "typed": label, "address": ident, **wrong})
    assert page.status_code == 422
    assert said in plain(page)
    assert 'role="alert"' in page.text


async def test_a_wrong_code_and_an_old_link_are_told_and_another_code_is_sent(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    await put_addresses(town)
    label, ident = await an_address(visitor)
    sent = await post(visitor, HERE, data={**ANA, "typed": label, "address": ident})
    mine = sent.headers["location"]
    first = await code_sent(town)
    wrong = "000000" if first != "000000" else "111111"
    page = await post(visitor, mine, data={"code": wrong})
    assert "Ce n'est pas le bon code" in plain(page)
    again = await post(visitor, f"{mine}/code")
    assert "Un autre code est parti." in plain(await visitor.get(again.headers["location"]))
    assert "Ce n'est pas le bon code" in plain(await post(visitor, mine, data={"code": first}))
    assert (await post(visitor, mine, data={"code": await code_sent(town)})).status_code == 303
    for address in (f"{HERE}/unknown", f"{HERE}/{'x' * 400}"):
        over = await visitor.get(address)
        assert over.status_code == 404
        assert "Inscription expirée" in plain(over)


async def test_looking_writes_nothing_and_sends_nothing(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    await put_addresses(town)
    label, ident = await an_address(visitor)
    sent = await post(visitor, HERE, data={**ANA, "typed": label, "address": ident})
    for _ in range(3):
        await visitor.get(sent.headers["location"])
    assert await code_count(town) == 1
    assert await residents_count(town, COMMUNE) == 0


async def test_a_commune_without_a_plan_enrols_nobody(visitor: httpx.AsyncClient) -> None:
    page = await visitor.get("/inscription/99999")
    assert page.status_code == 404
    assert "Commune inconnue" in plain(page)
    assert (await post(visitor, "/inscription/99999", data=ANA)).status_code == 404


async def test_the_pages_are_in_english_for_who_reads_it(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    await put_addresses(town)
    page = plain(await visitor.get(f"{HERE}?lang=en"))
    assert "Be warned of danger" in page
    french = re.findall(r"\b(?:mairie|adresse|inscri\w+)\b", page.replace("Français", ""))
    assert french == []


async def test_what_is_typed_is_shown_as_text(visitor: httpx.AsyncClient, town: Ledger) -> None:
    await put_addresses(town)
    nasty = '"><script>alert(1)</script>'
    page = await post(visitor, HERE, data={"name": nasty, "contact": nasty, "typed": nasty})
    assert "<script>alert" not in page.text
    assert "<script>alert" not in (await post(visitor, f"{HERE}/adresses", {"typed": nasty})).text


@pytest.mark.parametrize(
    "typed",
    ["12 Quai de la Sérolle, 99117 Vaubrenne", "12 quai de la serolle 99117 VAUBRENNE",
     "n°12 quai de la Sérolle", "12, quai de la Sérolle", "12 Quai de la Sérolle, appt 3",
     "12 quai de la Sérolle bât B"],
)  # fmt: skip
async def test_an_address_is_found_as_it_stands_on_an_envelope(
    visitor: httpx.AsyncClient, town: Ledger, typed: str
) -> None:
    await put_addresses(town)
    sent = await post(visitor, HERE, data={**ANA, "typed": typed})
    assert sent.status_code == 303, plain(sent)
    assert "12 Quai de la Sérolle" in plain(await visitor.get(sent.headers["location"]))


async def test_words_that_no_address_has_at_its_end_are_left_aside(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    await put_addresses(town)
    page = await post(visitor, f"{HERE}/adresses", {"typed": "12 quai serolle chez dupont"})
    assert "12 Quai de la Sérolle" in plain(page)


async def test_the_same_form_sent_twice_is_one_sign_up_with_one_code(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    await put_addresses(town)
    label, ident = await an_address(visitor)
    once = re.findall(r'name="once" value="([^"]+)"', (await visitor.get(HERE)).text)[0]
    form = {**ANA, "typed": label, "address": ident, "once": once}
    links = {(await post(visitor, HERE, data=form)).headers["location"] for _ in range(3)}
    assert len(links) == 1
    assert await code_count(town) == 1
    other = await post(visitor, HERE, data={**form, "name": "Yves Henry"})
    assert other.headers["location"] not in links  # another's words never lead to her link


async def test_after_a_refused_resend_the_code_still_goes_where_codes_go(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    await put_addresses(town)
    label, ident = await an_address(visitor)
    sent = await post(visitor, HERE, data={**ANA, "typed": label, "address": ident})
    mine = sent.headers["location"]
    for _ in range(2):
        assert (await post(visitor, f"{mine}/code")).status_code == 303
    refused = await post(visitor, f"{mine}/code")
    assert "attendez dix minutes" in plain(refused)
    assert f'action="{mine}"' in refused.text
    assert f'href="{mine}?lang=en"' in refused.text


async def test_addresses_are_proposed_to_people_and_not_to_machines(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    await put_addresses(town)
    for typed in ("", "12", "qu"):
        page = await post(visitor, f"{HERE}/adresses", {"typed": typed})
        assert "Quai" not in page.text
    shown = [
        "Quai" in (await post(visitor, f"{HERE}/adresses", {"typed": "quai"})).text
        for _ in range(250)
    ]
    assert shown.count(True) < 245
    assert shown[0]
    assert not shown[-1]
