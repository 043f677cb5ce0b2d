"""The register of vulnerable people as pages: who sees what, what is shown, what is told."""

import re
from html import unescape

import httpx
import pytest

from dispatcher.store import vulnerable_looks
from dispatcher.store.ledger import Ledger
from dispatcher.store.vulnerable_rules import agents_of
from tests.consoles import SAME
from tests.registers import DOORS, know_doors
from tests.signing import HIDDEN, enrol, enter, send
from tests.situations import COMMUNE
from tests.written_alerts import words

pytest_plugins = ("tests.console_visits",)
HERE = "/registre"
TYPED = {
    "surname": "Maréchal", "first_names": "Léa", "born": "02/05/1938", "quality": "aged_65",
    "address": "12 rue de la Sérolle", "phone_0": "01 99 00 01 02", "to_warn_name": "Ana Lopez",
    "to_warn_phone": "06 39 98 01 03", "to_warn_link": "child", "asked_by": "third_party",
    "phone_2": "06 39 98 01 07", "phone_3": "06 39 98 01 08",
    "requester_name": "Zoé Martin", "requester_link": "neighbour",
}  # fmt: skip
CALL = re.compile(r'name="call" value="(\w+)"')
CARD = re.compile(r'href="(/registre/personnes/\w+)\?pour=')


@pytest.fixture
async def mayor(visitor: httpx.AsyncClient, town: Ledger) -> httpx.AsyncClient:
    """Be the mayor, signed in with her second factor, in a commune that knows two doors."""
    await know_doors(town, DOORS)
    await enrol(town, "maire", "dos", contact="maire")
    assert (await enter(visitor, "maire")).status_code == 303
    return visitor


async def enrolled(guest: httpx.AsyncClient) -> str:
    """Enrol somebody; return the address of her card."""
    answer = await send(guest, f"{HERE}/inscrire", **TYPED)
    assert answer.status_code == 303, words(answer)
    page = await guest.get(answer.headers["location"])
    assert "demande n° 1" in words(page)
    (card,) = CARD.findall(page.text)
    return str(card)


async def test_a_person_is_enrolled_acknowledged_seen_corrected_and_removed(
    mayor: httpx.AsyncClient, town: Ledger
) -> None:
    card = await enrolled(mayor)
    assert re.search("encore [78] jours", words(await mayor.get(HERE)))
    asked = await mayor.get(card)
    assert "Pour quoi l'ouvrez-vous" in words(asked)
    assert "Maréchal" not in asked.text  # nothing is seen before it is said for what
    shown = await mayor.get(f"{card}?pour=acknowledge")
    assert "12 rue de la Sérolle" in words(shown)
    assert "99 00 01 02" not in words(shown)
    revealed = await act(mayor, card, "numeros", reason="acknowledge")
    assert "+33 1 99 00 01 02" in words(revealed)
    assert "Zoé Martin (voisin)" in words(revealed)
    letter = await act(mayor, card, "accuse.pdf", reason="acknowledge")
    assert letter.content.startswith(b"%PDF")
    assert letter.headers["cache-control"] == "no-store"
    assert (await act(mayor, card, "accuse", how="post")).status_code == 303
    assert "Tous sont remis" in words(await mayor.get(HERE))
    await corrected(mayor, card)
    assert (await act(mayor, card, "retirer", why="")).status_code == 422
    assert (await act(mayor, card, "retirer", why="left")).status_code == 303
    assert (await mayor.get(f"{card}?pour=yearly")).status_code == 404
    looks = await vulnerable_looks.journal_of(town, COMMUNE)
    assert {one.what for one in looks} == {"card", "numbers", "letter"}


async def corrected(mayor: httpx.AsyncClient, card: str) -> None:
    """Put a card right, after a try that is refused; none of her numbers is lost by it."""
    form = await act(mayor, card, "fiche", reason="yearly")
    assert 'value="+33199000102"' in form.text
    wrong = await mayor.post(f"{card}/corriger", data=fields(form, phone_0="12"), headers=SAME)
    assert wrong.status_code == 422
    assert "n'est pas un numéro" in words(wrong)
    good = await mayor.post(f"{card}/corriger", data=fields(form, born="1939-05-02"), headers=SAME)
    assert good.status_code == 303
    assert "La fiche est enregistrée" in words(await mayor.get(good.headers["location"]))
    kept = words(await act(mayor, card, "numeros", reason="yearly"))
    assert all(one in kept for one in ("01 02", "01 07", "01 08"))  # none of her numbers is lost
    assert "2 mai 1939" in words(await mayor.get(f"{card}?pour=yearly"))


def fields(page: httpx.Response, **other: str) -> dict[str, str]:
    """Return the fields of a form as a browser would send them, but for these."""
    found = {
        name: unescape(value)
        for name, value in re.findall(r'name="(\w+)"[^>]*? value="([^"]*)"', page.text)
    }
    for name, options in re.findall(r'<select name="(\w+)".*?>(.*?)</select>', page.text):
        chosen = re.findall(r'value="(\w*)" selected', options)
        found[name] = chosen[0] if chosen else ""
    return {**found, **other}


async def act(guest: httpx.AsyncClient, card: str, what: str, **fields: str) -> httpx.Response:
    hidden = dict(HIDDEN.findall((await guest.get(HERE)).text))
    data = {"token": hidden["token"], **fields}
    return await guest.post(f"{card}/{what}", data=data, headers=SAME)


async def test_what_is_wrong_is_told_beside_what_was_typed(mayor: httpx.AsyncClient) -> None:
    answer = await send(mayor, f"{HERE}/inscrire", **{**TYPED, "born": "02/05/1990"})
    assert answer.status_code == 422
    assert re.search(r"donne \d\d ans", words(answer))
    assert 'value="Maréchal"' in answer.text
    assert re.search(r'value="third_party" selected', answer.text)


async def test_it_opens_with_a_second_factor_and_shows_its_list(
    mayor: httpx.AsyncClient, town: Ledger
) -> None:
    await enrolled(mayor)
    shut = await mayor.get(f"{HERE}/liste")
    assert shut.status_code == 409
    assert "fermé" in words(shut)
    page = words(await mayor.get(HERE))
    assert "n'a pas permis" not in page
    assert "ne l'a pas permis" in page
    missing = await send(mayor, HERE, to=f"{HERE}/ouvrir", ground="prefect_plan", reference="")
    assert missing.status_code == 422
    opened = await send(
        mayor, HERE, to=f"{HERE}/ouvrir", ground="prefect_plan", reference="14 h 10, n° 3"
    )
    assert opened.status_code == 303
    listed = await mayor.get(f"{HERE}/liste")
    assert "Léa Maréchal" in words(listed)
    assert "1 à joindre" in words(listed)
    (card,) = re.findall(r'href="(/registre/personnes/\w+)"', listed.text)
    assert (await act(mayor, card, "suivi", outcome="help")).status_code == 303
    assert "a besoin d'aide" in words(await mayor.get(f"{HERE}/liste"))
    assert "0 à joindre" in words(await mayor.get(f"{HERE}/liste"))
    asked = await mayor.get("/console/aide")
    assert "noté au registre ouvert" in words(asked)
    call = await send(
        mayor, "/console/aide", to="/console/aide/prendre", call=CALL.findall(asked.text)[0]
    )
    shown = await mayor.get(call.headers["location"])
    assert f'href="{card}"' in shown.text  # by the register's own permission
    assert "Maréchal" not in shown.text
    assert (await send(mayor, HERE, to=f"{HERE}/fermer")).status_code == 303
    assert "Le registre est fermé" in words(await mayor.get(HERE))
    journal = words(await mayor.get(f"{HERE}/journal"))
    assert "liste entière" in journal
    assert "Plan du préfet" in journal


async def test_an_exact_name_is_asked_with_a_reason(mayor: httpx.AsyncClient) -> None:
    await enrolled(mayor)
    none = await send(mayor, HERE, to=f"{HERE}/chercher", sought="Maréchal", reason="")
    assert none.status_code == 422
    assert "pour quoi" in words(none)
    near = await send(mayor, HERE, to=f"{HERE}/chercher", sought="Maréch", reason="person")
    assert "Personne n'a exactement « Maréch »" in words(near)
    found = await send(mayor, HERE, to=f"{HERE}/chercher", sought="MARECHAL", reason="person")
    assert "Léa Maréchal" in words(found)
    assert CARD.findall(found.text)


async def another(guest: httpx.AsyncClient, ledger: Ledger, login: str, function: str) -> None:
    """Sign in as somebody else in the same browser."""
    await enrol(ledger, login, function)
    guest.cookies.clear()
    assert (await enter(guest, login)).status_code == 303


def back(guest: httpx.AsyncClient, session: str) -> str:
    """Take up a session again; return the one that was held."""
    held = guest.cookies["tocsin"]
    guest.cookies.clear()
    guest.cookies.set("tocsin", session)
    return held


async def test_an_operator_sees_nothing_until_the_mayor_names_her(
    mayor: httpx.AsyncClient, town: Ledger
) -> None:
    await enrolled(mayor)
    hers = mayor.cookies["tocsin"]
    await another(mayor, town, "ccas", "operator")
    page = await mayor.get(HERE)
    assert page.status_code == 200
    assert "Demandez-lui de vous désigner" in words(page)
    assert not CARD.findall(page.text)
    assert (await mayor.get(f"{HERE}/inscrire")).status_code == 403
    assert (await mayor.get(f"{HERE}/journal")).status_code == 403
    agent_s = back(mayor, hers)
    named = await send(mayor, f"{HERE}/journal", to=f"{HERE}/agents", login="ccas", act="name")
    assert named.status_code == 303
    assert [one.login for one in await agents_of(town, COMMUNE)] == ["ccas"]
    unknown = await send(mayor, f"{HERE}/journal", to=f"{HERE}/agents", login="nul", act="name")
    assert unknown.status_code == 422
    hers = back(mayor, agent_s)
    assert CARD.findall((await mayor.get(HERE)).text)
    back(mayor, hers)
    await send(mayor, f"{HERE}/journal", to=f"{HERE}/agents", login="ccas", act="end")
    assert await agents_of(town, COMMUNE) == []


async def test_the_data_protection_officer_decides_of_the_pcs(
    mayor: httpx.AsyncClient, town: Ledger
) -> None:
    await another(mayor, town, "dpo", "dpo")
    assert (await mayor.get(HERE)).status_code == 403
    journal = await mayor.get(f"{HERE}/journal")
    assert "n'a rien décidé" in words(journal)
    mute = await send(mayor, f"{HERE}/journal", to=f"{HERE}/avis", on_activation="yes")
    assert mute.status_code == 422
    done = await send(
        mayor, f"{HERE}/journal", to=f"{HERE}/avis", on_activation="yes", reference="avis 12/2026"
    )
    assert done.status_code == 303
    page = words(await mayor.get(f"{HERE}/journal"))
    assert "Oui, quand le PCS est activé" in page
    assert "avis 12/2026" in page


async def test_the_register_speaks_english(mayor: httpx.AsyncClient) -> None:
    card = await enrolled(mayor)
    await mayor.get(f"{HERE}?lang=en")
    for path in (HERE, f"{HERE}/inscrire", f"{HERE}/journal", f"{card}?pour=person"):
        page = words(await mayor.get(path))
        assert not re.findall(r"[Pp]ersonnes? vuln|inscrire|fiche\b|Désign|registre\b", page), path
    wrong = await send(mayor, f"{HERE}/inscrire", **{**TYPED, "surname": ""})
    assert "Write the person's surname" in words(wrong)
