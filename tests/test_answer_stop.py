"""STOP on the answering page: information by one button, danger by another that says so."""

import time

import httpx
import pytest
from sqlalchemy import update

from dispatcher.store.information import EVERY, Wanted
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import read
from dispatcher.store.tables import persons
from tests.answer_visits import EMAIL, MAIL, alerted, says, unsubscribed, wants
from tests.situations import COMMUNE, change_version

pytest_plugins = ("tests.console_visits",)


async def test_stop_on_the_page_ends_information_and_says_what_the_second_ends(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    _, page = await alerted(town)
    shown = await says(visitor, page, "", "stop")
    assert "plus aucune information" in shown
    assert "Une alerte de danger est en cours." in shown
    assert (await wants(town)).refuses(())
    assert not await unsubscribed(town)
    shown = await says(visitor, page, "", "stop_all")
    assert "y compris en cas de danger" in shown
    assert await unsubscribed(town)
    shown = await says(visitor, page, "", "start")
    assert "Les informations s'arrêtent tout de suite." in shown
    assert (await unsubscribed(town), await wants(town)) == (False, Wanted())


async def test_stop_written_in_words_is_stop(visitor: httpx.AsyncClient, town: Ledger) -> None:
    _, page = await alerted(town)
    assert "plus aucune information" in await says(visitor, page, "Désabonnez-moi svp")
    assert (await wants(town)).refuses(())


async def test_stop_on_the_page_of_a_mail_ends_them_too(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    _, page = await alerted(town, lines=EMAIL)
    await says(visitor, page, "", "stop")
    await says(visitor, page, "", "stop_all")
    assert await unsubscribed(town)
    lines = [one for one in await read(town, COMMUNE) if one.author == "resident"]
    assert [one.kind for one in lines] == ["residents.information_off", "residents.unsubscribed"]
    assert all("sur la page du message" in one.text for one in lines)
    assert MAIL not in str(lines)


async def test_what_she_had_switched_off_stays_so_when_she_comes_back(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    _, page = await alerted(town)
    async with town.writing() as connection:
        chosen = Wanted(("roadworks",)).as_text()
        await connection.execute(
            update(persons).where(persons.c.person_id == "p0").values(information=chosen)
        )
    await says(visitor, page, "", "stop")
    assert await wants(town) == Wanted(("roadworks", EVERY))
    await says(visitor, page, "", "start")
    assert await wants(town) == Wanted(("roadworks",))


async def test_an_exercise_offers_no_stop(visitor: httpx.AsyncClient, town: Ledger) -> None:
    _, page = await alerted(town, mode="exercise")
    assert "Ne plus recevoir" not in (await visitor.get(page)).text


async def test_the_button_of_information_never_ends_a_danger_s_whoever_presses_it(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    _, page = await alerted(town)
    for once in ("mine", "his"):  # two of a household, who opened it before either pressed
        await visitor.post(page, data={"kind": "stop", "once": once})
    assert not await unsubscribed(town)


@pytest.mark.parametrize(
    ("mode", "ended_s"), [("real", -60.0), ("exercise", -60.0), ("real", 2 * 86_400.0)]
)
async def test_danger_is_not_ended_by_one_post_nor_by_an_exercise_nor_an_old_link(
    visitor: httpx.AsyncClient, town: Ledger, mode: str, ended_s: float
) -> None:
    written, page = await alerted(town, mode=mode)
    await change_version(town, written, expires_at=time.time() - ended_s)
    kinds = ("stop_all",) if ended_s < 0 and mode == "real" else ("stop", "stop_all")
    for kind in kinds:
        await visitor.post(page, data={"kind": kind, "once": "a"})
    assert not await unsubscribed(town)


async def test_the_page_says_whose_messages_end_and_what_the_register_holds_now(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    written, page = await alerted(town)
    assert "•• •• •• •• 00" in (await visitor.get(page)).text.replace("\u00a0", " ")
    await says(visitor, page, "", "stop")
    async with town.writing() as connection:
        await connection.execute(
            update(persons).where(persons.c.person_id == "p0").values(information="")
        )
    assert "plus aucune information" not in (await visitor.get(page)).text  # she changed her mind
    await change_version(town, written, expires_at=time.time() - 60.0)
    assert "Une alerte de danger est en cours" not in await says(visitor, page, "", "stop")
