"""Words of her own on the answering page, and what STOP says there: read as an SMS is."""

import html
import re
import time

import httpx
import pytest
from sqlalchemy import select, update

from dispatcher.store.help_calls import HelpCall, open_calls
from dispatcher.store.help_whose import whose
from dispatcher.store.information import EVERY, Wanted, wanted_of
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import read
from dispatcher.store.people import Contact
from dispatcher.store.replies import ToRead, to_read
from dispatcher.store.situation import progress
from dispatcher.store.tables import persons
from tests.outgoing import Inhabitant, settle_in
from tests.situations import COMMUNE, Planned, Written, change_version, write_alert

pytest_plugins = ("tests.console_visits",)

NUMBER, MAIL = "+33639980000", "p0@foyer.example"
SMS, EMAIL = (("sms", "delivered", 1),), (("email", "delivered", 1),)


async def alerted(town: Ledger, **how: object) -> tuple[Written, str]:
    """Alert Anna, who has a telephone and a mail address; return her page too."""
    anna = Inhabitant("p0", (Contact("mobile", NUMBER), Contact("email", MAIL)))
    await settle_in(town, [anna], commune=COMMUNE)
    written = await write_alert(town, Planned(**({"lines": SMS} | how)))  # type: ignore[arg-type]
    (token,) = written.tokens.values()
    return written, f"/a/{token}"


async def says(visitor: httpx.AsyncClient, page: str, words: str, kind: str = "write") -> str:
    """Send the form that is on the screen; return what stands there after."""
    once = re.findall(r'name="once" value="([^"]+)"', (await visitor.get(page)).text)[0]
    data = {"kind": kind, "words": words, "once": once}
    sent = await visitor.post(page, data=data, follow_redirects=True)
    return html.unescape(sent.text)


async def only_call(town: Ledger) -> HelpCall:
    (call,) = await open_calls(town, COMMUNE)
    return call


async def read_by_people(town: Ledger, written: Written) -> list[ToRead]:
    return await to_read(town, COMMUNE, alert_id=written.alert_id)


async def unsubscribed(town: Ledger) -> bool:
    async with town.reading() as connection:
        kept = select(persons.c.unsubscribed_at).where(persons.c.person_id == "p0")
        return (await connection.execute(kept)).scalar_one() is not None


async def wants(town: Ledger) -> Wanted:
    async with town.reading() as connection:
        kept = select(persons.c.information).where(persons.c.person_id == "p0")
        return wanted_of((await connection.execute(kept)).scalar_one())


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
    for number in range(25):
        await says(visitor, page, f"message {number}")
    assert len(await read_by_people(town, written)) == 20
    await says(visitor, page, "au secours")
    assert (await only_call(town)).delivery_id == written.deliveries[0]


@pytest.mark.parametrize(("ended_s", "kept"), [(60.0, 1), (2 * 86_400.0, 0)])
async def test_words_of_a_page_opened_before_the_end_are_taken_for_a_day(
    visitor: httpx.AsyncClient, town: Ledger, ended_s: float, kept: int
) -> None:
    written, page = await alerted(town)
    await change_version(town, written, expires_at=time.time() - ended_s)
    data = {"kind": "write", "words": "Nous sommes partis chez ma soeur", "once": "a"}
    await visitor.post(page, data=data)
    assert len(await read_by_people(town, written)) == kept


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
    assert "la mairie vous préviendra de nouveau" in shown
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
