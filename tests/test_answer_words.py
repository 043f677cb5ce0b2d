"""Words of her own on the answering page: read as an SMS is, and shown to who has her call."""

import time

import httpx
import pytest

from dispatcher.store.help_calls import open_calls
from dispatcher.store.help_whose import whose
from dispatcher.store.information import Wanted
from dispatcher.store.ledger import Ledger
from dispatcher.store.situation import progress
from tests.answer_visits import EMAIL, MAIL, NUMBER, alerted, only_call, read_by_people, says, wants
from tests.situations import COMMUNE, Planned, Written, change_version, write_alert

pytest_plugins = ("tests.console_visits",)


async def test_words_that_say_nothing_plain_are_read_by_the_desk(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    written, page = await alerted(town)
    shown = await says(visitor, page, "Le pont des Tanneurs est sous l'eau")
    assert "est transmis à la mairie" in shown
    (one,) = await read_by_people(town, written)
    assert (one.medium, one.kind, one.contact) == ("page", "unknown", NUMBER)
    assert one.body == "Le pont des Tanneurs est sous l'eau"
    assert await open_calls(town, COMMUNE) == []


@pytest.mark.parametrize("kind", ["write", "help", "understood"])
async def test_a_cry_in_her_words_is_one_call_that_says_them_whatever_button_she_found(
    visitor: httpx.AsyncClient, town: Ledger, kind: str
) -> None:
    written, page = await alerted(town)
    shown = await says(visitor, page, "je ne peux pas descendre, 2e étage", kind)
    assert "La mairie a votre demande d'aide." in shown
    found = await whose(town, await only_call(town))
    assert (found.words, found.contact) == ("je ne peux pas descendre, 2e étage", NUMBER)
    assert (await only_call(town)).via == "page"
    assert await read_by_people(town, written) == []
    told = await progress(town, COMMUNE, written.version_id)
    assert (told.understood, told.need_help) == (int(kind == "understood"), 1)


async def test_where_she_is_is_said_after_she_pressed_for_help(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    _, page = await alerted(town)
    asked = await says(visitor, page, "", "help")
    assert "Dites où vous êtes et combien vous êtes" in asked
    await says(visitor, page, "dans le grenier, nous sommes trois", "write")
    await says(visitor, page, "sous la lucarne", "write")
    found = await whose(town, await only_call(town))
    assert found.words == "dans le grenier, nous sommes trois\nsous la lucarne"


async def test_words_beside_the_button_for_help_are_her_call_s_and_wait_nowhere_else(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    written, page = await alerted(town)
    await says(visitor, page, "au fond de la cour", "help")
    assert (await whose(town, await only_call(town))).words == "au fond de la cour"
    assert await read_by_people(town, written) == []


async def test_plain_words_count_as_the_button_does(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    written, page = await alerted(town)
    assert "La mairie sait que vous avez compris." in await says(visitor, page, "Bien compris")
    assert (await progress(town, COMMUNE, written.version_id)).understood == 1
    assert await read_by_people(town, written) == []


async def test_the_same_form_ten_times_is_kept_once(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    written, page = await alerted(town)
    data = {"kind": "write", "words": "Tout est noir ici", "once": "0123456789abcdef"}
    for _ in range(10):
        assert (await visitor.post(page, data=data)).status_code == 303
    assert len(await read_by_people(town, written)) == 1


async def test_nothing_written_is_said_so_and_nothing_is_kept(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    written, page = await alerted(town)
    assert "Écrivez votre message avant de l'envoyer." in await says(visitor, page, "  \n ")
    assert await read_by_people(town, written) == []


async def test_who_writes_without_end_is_kept_to_twenty_an_hour_and_a_cry_still_rings(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    written, page = await alerted(town)
    for number in range(20):
        await says(visitor, page, f"message {number}")
    for refused in (("un de plus", "write"), ("", "stop")):
        assert "Vous avez envoyé beaucoup de messages" in await says(visitor, page, *refused)
    assert len(await read_by_people(town, written)) == 20
    assert (await wants(town)) == Wanted()
    await says(visitor, page, "au secours, 14 rue des Lilas")
    found = await whose(town, await only_call(town))
    assert "au secours, 14 rue des Lilas" in found.words


@pytest.mark.parametrize(("ended_s", "kept"), [(60.0, 1), (2 * 86_400.0, 0)])
async def test_words_of_a_page_opened_before_the_end_are_taken_for_a_day(
    visitor: httpx.AsyncClient, town: Ledger, ended_s: float, kept: int
) -> None:
    written, page = await alerted(town)
    await change_version(town, written, expires_at=time.time() - ended_s)
    data = {"kind": "write", "words": "Nous sommes partis chez ma soeur", "once": "a"}
    await visitor.post(page, data=data)
    assert len(await read_by_people(town, written)) == kept


async def test_who_is_safe_since_says_so_to_who_has_her_call_and_ends_it_not(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    _, page = await alerted(town, lines=EMAIL)
    await says(visitor, page, "au secours")
    call = await only_call(town)
    found = await whose(town, call)
    assert (found.contact, found.safe_at) == (MAIL, None)
    assert [one.phones for one in found.people] == [(NUMBER,)]
    await says(visitor, page, "", "understood")
    found = await whose(town, call)
    assert found.safe_at is not None
    assert found.safe_at >= call.came_at
    assert (await only_call(town)).is_open


async def test_who_had_understood_before_she_cried_is_not_safe_since(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    _, page = await alerted(town)
    await says(visitor, page, "", "understood")
    await says(visitor, page, "au secours")
    assert (await whose(town, await only_call(town))).safe_at is None


async def test_words_beside_any_button_are_kept_for_a_day_after_the_end(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    written, page = await alerted(town)
    await change_version(town, written, expires_at=time.time() - 60.0)
    words = "au secours, je suis bloquée au 2e étage"
    await visitor.post(page, data={"kind": "understood", "words": words, "once": "a"})
    assert (await whose(town, await only_call(town))).words == words


async def test_the_words_of_a_call_are_hers_by_any_page_and_the_first_is_never_pushed_out(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    _, page = await alerted(town)
    _, other = await write_again(town)
    await says(visitor, page, "14 rue des Lilas, ma mère est blessée", "help")
    for number in range(12):
        await says(visitor, page, f"vite {number}")
    for number in range(12):
        await says(visitor, other, f"allo {number}")
    said = (await whose(town, await only_call(town))).said
    assert said[0].text == "14 rue des Lilas, ma mère est blessée"
    assert said[-1].text == "allo 11"
    assert len(said) == 20


async def write_again(town: Ledger) -> tuple[Written, str]:
    """Alert her once more, by mail."""
    written = await write_alert(town, Planned(lines=EMAIL))
    (token,) = written.tokens.values()
    return written, f"/a/{token}"


@pytest.mark.parametrize(
    "words", ["a\x00b \x07c", "2" + "\n" * 20_000 + "x", "ok\u202e" + "x" * 5_000]
)
async def test_hostile_words_are_kept_short_and_plain(
    visitor: httpx.AsyncClient, town: Ledger, words: str
) -> None:
    written, page = await alerted(town)
    began = time.monotonic()
    assert (await visitor.post(page, data={"kind": "write", "words": words})).status_code == 303
    assert time.monotonic() - began < 2.0
    kept = [one.body or "" for one in await read_by_people(town, written)]
    assert all(len(one) <= 1000 and one.replace("\n", "").isprintable() for one in kept)
