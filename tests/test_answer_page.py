"""The page where a resident answers an alert: opening it does nothing, a button does."""

import html
import re
import time

import httpx
import pytest

from dispatcher.alerts import correcting
from dispatcher.alerts.office import Actor
from dispatcher.delivery.planning import materialise_next
from dispatcher.store.help_calls import open_calls
from dispatcher.store.ledger import Ledger
from dispatcher.store.situation import progress
from tests.situations import (
    COMMUNE,
    FALSE_ALARM,
    TEXTS,
    Planned,
    change_version,
    office,
    write_alert,
)

pytest_plugins = ("tests.console_visits",)


async def test_opening_the_page_writes_nothing_and_pressing_a_button_does(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    written = await write_alert(town, Planned(lines=(("sms", "delivered", 1),)))
    (token,) = written.tokens.values()
    for _ in range(2):
        await visitor.get(f"/a/{token}")
    page = await visitor.get(f"/a/{token}")
    assert page.status_code == 200
    assert "Mairie de Vaubrenne-sur-Sérolle" in page.text
    assert "Quittez le Bas-Bourg maintenant." in page.text
    before = await progress(town, COMMUNE, written.version_id)
    assert (before.understood, before.need_help) == (0, 0)
    sent = await visitor.post(f"/a/{token}", data={"kind": "understood"})
    assert (sent.status_code, sent.headers["location"]) == (303, f"/a/{token}")
    after = await progress(town, COMMUNE, written.version_id)
    assert (after.understood, after.need_help) == (1, 0)
    assert "La mairie sait que vous avez compris." in (await visitor.get(f"/a/{token}")).text


async def test_asking_for_help_is_recorded_and_promises_no_rescue(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    written = await write_alert(town, Planned(lines=(("sms", "delivered", 1),)))
    (token,) = written.tokens.values()
    page = (await visitor.post(f"/a/{token}", data={"kind": "help"}, follow_redirects=True)).text
    page = html.unescape(page)
    assert (await progress(town, COMMUNE, written.version_id)).need_help == 1
    assert "La mairie a votre demande d'aide." in page
    assert 'href="tel:18"' in page
    assert 'href="tel:112"' in page
    assert 'href="sms:114"' in page
    assert not re.search(r"secours arriv|équipe arrive|nous venons", page)


async def test_an_answer_that_is_neither_changes_nothing(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    written = await write_alert(town, Planned(lines=(("sms", "delivered", 1),)))
    (token,) = written.tokens.values()
    await visitor.post(f"/a/{token}", data={"kind": "drop table"})
    shown = await progress(town, COMMUNE, written.version_id)
    assert (shown.understood, shown.need_help) == (0, 0)


async def test_the_page_speaks_the_residents_language_whatever_her_browser(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    written = await write_alert(town, Planned(lines=(("sms", "delivered", 1),), languages=("en",)))
    (token,) = written.tokens.values()
    page = (await visitor.get(f"/a/{token}", headers={"accept-language": "fr"})).text
    assert TEXTS["en"].email_subject in page
    assert "I need help" in page
    assert "Answer here" not in page  # the sentence that leads to this very page
    assert "Évacuez" not in page
    french = (await visitor.get(f"/a/{token}?lang=fr")).text
    assert TEXTS["fr"].email_subject in html.unescape(french)


@pytest.mark.parametrize("token", ["AAAAAAAAAAAAAAAAAAAAAA", "x", "%3Cscript%3E", "A" * 5000])
async def test_an_unknown_link_is_answered_kindly(visitor: httpx.AsyncClient, token: str) -> None:
    page = await visitor.get(f"/a/{token}")
    assert page.status_code == 404
    assert "Ce lien ne mène plus à une alerte" in page.text
    assert 'href="tel:112"' in page.text
    assert (await visitor.post(f"/a/{token}", data={"kind": "help"})).status_code == 404


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"expires_at": 1000.0}, "Cette alerte est terminée."),
        ({"state": "cancelled"}, "La mairie a arrêté cette alerte."),
    ],
)
async def test_an_alert_that_is_over_asks_nothing_and_records_nothing(
    visitor: httpx.AsyncClient, town: Ledger, values: dict[str, object], sentence: str
) -> None:
    written = await write_alert(town, Planned(lines=(("sms", "delivered", 1),)))
    await change_version(town, written, **values)
    (token,) = written.tokens.values()
    page = (await visitor.get(f"/a/{token}")).text
    assert sentence in page
    assert "<button" not in page
    assert 'href="tel:112"' in page
    await visitor.post(f"/a/{token}", data={"kind": "understood"})
    assert (await progress(town, COMMUNE, written.version_id)).understood == 0


@pytest.mark.parametrize(("ended_s", "calls"), [(60.0, 1), (2 * 86_400.0, 0)])
async def test_a_page_opened_before_the_end_still_takes_a_cry_for_a_day(
    visitor: httpx.AsyncClient, town: Ledger, ended_s: float, calls: int
) -> None:
    written = await write_alert(town, Planned(lines=(("sms", "delivered", 1),)))
    await change_version(town, written, expires_at=time.time() - ended_s)
    (token,) = written.tokens.values()
    await visitor.post(f"/a/{token}", data={"kind": "help"})
    assert len(await open_calls(town, COMMUNE)) == calls


async def test_an_exercise_says_so_to_residents(visitor: httpx.AsyncClient, town: Ledger) -> None:
    written = await write_alert(town, Planned(mode="public_test", lines=(("sms", "delivered", 1),)))
    (token,) = written.tokens.values()
    assert "Ceci est un exercice." in (await visitor.get(f"/a/{token}")).text


async def test_who_has_said_both_is_asked_nothing_more(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    written = await write_alert(town, Planned(lines=(("sms", "delivered", 1),)))
    (token,) = written.tokens.values()
    await visitor.post(f"/a/{token}", data={"kind": "understood"})
    assert "Vous pouvez encore dire" in (await visitor.get(f"/a/{token}")).text
    await visitor.post(f"/a/{token}", data={"kind": "help"})
    page = (await visitor.get(f"/a/{token}")).text
    assert "Vous pouvez encore dire" not in page
    assert re.findall(r'<button[^>]*value="(\w+)"', page) == ["write"]


async def test_the_link_of_an_alert_that_was_taken_back_says_so_and_answers_that(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    written = await write_alert(town, Planned(lines=(("sms", "delivered", 1),)))
    (token,) = written.tokens.values()
    taken = await correcting.take_back(office(town), written.alert_id, actor=Actor("maire", "dos"))
    for made in (False, True):  # its message to her is made, or not yet
        page = html.unescape((await visitor.get(f"/a/{token}")).text)
        assert FALSE_ALARM["fr"].email_subject in page
        assert "Ce message remplace le précédent." in page
        assert "Quittez le Bas-Bourg" not in page
        if not made:
            await materialise_next(town)
    await visitor.post(f"/a/{token}", data={"kind": "understood"})
    assert (await progress(town, COMMUNE, taken.version_id)).understood == 1
