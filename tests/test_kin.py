"""Whom a resident has told how she is: agreed by a code, told each outcome once, no place."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from dispatcher.alerts import correcting
from dispatcher.alerts.refusals import NotSo
from dispatcher.delivery.answers import record_to
from dispatcher.signup.asking import Desk, pages_of, type_back
from dispatcher.signup.history import history
from dispatcher.signup.kin import SILENT_S, UNREACHED_S, KinTeller, choose, outcome_of
from dispatcher.signup.own_page import Asks, Page, erase, leave
from dispatcher.store.enrolment import put_residents
from dispatcher.store.kin import drop_kin, forget_old, kin_of
from dispatcher.store.kin_tables import kin_told
from dispatcher.store.open_alerts import open_alerts
from dispatcher.store.outgoing import deliveries, versions
from dispatcher.store.own_changes import kept_of
from dispatcher.store.own_history import Told
from dispatcher.store.registers import Home, Resident
from dispatcher.store.replies import Reply, keep_reply
from tests.corrected import send
from tests.fake_channel import FakeChannel
from tests.offices import AUTHOR
from tests.signing_up import FROM, HOME, ana, own_page, sent, signed_up
from tests.situations import COMMUNE
from tests.stolen import everything
from tests.test_own_history import BOX, flood, launched
from zones.area import Place as Spot
from zones.drawing import circle

pytest_plugins = ("tests.signup_desks",)
LUIS, LUIS_SHOWN = "+33639980077", "06 39 98 00 77"


@pytest.fixture
async def page(desk: Desk) -> Page:
    """Enrol Ana, who has Luis told; return her page."""
    made = await own_page(desk, await signed_up(desk, ana()))
    asked = await choose(desk, made, Asks(LUIS_SHOWN, FROM), name="Luis Lopez")
    assert await kin_of(desk.office.ledger, made.own) == []
    ((to, code),) = await sent(desk)
    assert to == LUIS
    await type_back(desk, asked, code)
    assert len(await pages_of(desk.office, asked)) == 1
    return made


async def told(desk: Desk) -> list[tuple[str, str]]:
    """Let the teller take two turns; return to whom what was said."""
    teller = KinTeller(desk.office, every_s=0.0)
    for _ in range(2):
        await teller.turn()
    fake = await send(desk.office, FakeChannel())
    return [(one.contact, one.text) for one in fake.ledger]


async def answer(desk: Desk, page: Page, kind: str) -> None:
    """Answer her alert."""
    kept = await kept_of(desk.office.ledger, page.own)
    assert kept is not None
    (line,) = await history(desk.office, Page(page.own, kept))
    ident = line.sent.messages[0].delivery_id
    await record_to(desk.office.ledger, COMMUNE, ident, kind=kind, via="page")


async def later(desk: Desk, by_s: float) -> None:
    """Have the alert be older."""
    async with desk.office.ledger.writing() as connection:
        aged = update(versions).where(versions.c.state == "launched")
        await connection.execute(aged.values(launched_at=versions.c.launched_at - by_s))


async def test_he_is_told_that_she_asks_for_help_once_and_never_where(
    desk: Desk, page: Page
) -> None:
    assert await told(desk) == []
    await launched(desk, flood())
    assert await told(desk) == []  # too early
    await answer(desk, page, "help")
    ((to, words),) = await told(desk)
    assert to == LUIS
    assert words.startswith("Ana Lopez a demandé de l'aide à la mairie de Vaubrenne")
    assert HOME.label not in words
    assert "Bas" not in words
    assert await told(desk) == []
    await answer(desk, page, "understood")  # she still asks for help
    assert await told(desk) == []


async def test_he_is_told_that_she_is_silent_and_then_that_she_answered(
    desk: Desk, page: Page
) -> None:
    await launched(desk, flood())
    await later(desk, SILENT_S)
    ((_, words),) = await told(desk)
    assert "a prévenu Ana Lopez, sans réponse pour l'instant" in words
    await answer(desk, page, "understood")
    ((_, words),) = await told(desk)
    assert words.startswith("Ana Lopez a répondu à l'alerte de la mairie de Vaubrenne")
    assert words.endswith("Sérolle : j'ai compris.")


async def test_what_is_told_is_sealed_and_forgotten_a_day_later(desk: Desk, page: Page) -> None:
    await launched(desk, flood())
    await answer(desk, page, "understood")
    assert len(await told(desk)) == 1
    stolen = await everything(desk.office.ledger)
    assert not any(one in stolen for one in ("luis", "lopez", "39980077"))
    async with desk.office.ledger.writing() as connection:
        await connection.execute(update(kin_told).values(told_at=kin_told.c.told_at - 90_000))
    await forget_old(desk.office.ledger)
    async with desk.office.ledger.reading() as connection:
        mine = deliveries.c.version_id.like("kin-%")
        (row,) = (await connection.execute(select(deliveries).where(mine))).all()
        content = select(versions.c.content).where(versions.c.version_id == row.version_id)
        kept = (await connection.execute(content)).scalar_one()
    assert (row.contact, row.contact_mark, kept["sealed_code"]) == ("", "", "")
    assert await told(desk) == []


async def test_nobody_is_told_of_who_left_was_erased_or_took_him_off(
    desk: Desk, page: Page
) -> None:
    await launched(desk, flood())
    await answer(desk, page, "help")
    (luis,) = await kin_of(desk.office.ledger, page.own)
    await drop_kin(desk.office.ledger, page.own, mark=luis.mark)
    assert await told(desk) == []


@pytest.mark.parametrize("act", [leave, erase])
async def test_nobody_is_told_of_who_is_not_there_any_more(
    desk: Desk, page: Page, act: object
) -> None:
    await launched(desk, flood())
    await answer(desk, page, "help")
    await act(desk.office, page)  # type: ignore[operator]
    assert await told(desk) == []


async def test_of_two_that_look_at_once_one_tells(desk: Desk, page: Page) -> None:
    await launched(desk, flood())
    await answer(desk, page, "help")
    await asyncio.gather(*(KinTeller(desk.office, every_s=0.0).turn() for _ in range(3)))
    assert len((await send(desk.office, FakeChannel())).ledger) == 1


async def test_nobody_is_told_of_who_is_not_in_the_alert(desk: Desk, page: Page) -> None:
    there = Home("1 Haut", "1 haut", 5.0147, 47.79)
    other = Resident("P1", "Yves HENRY", ("fr",), contacts=(BOX,), homes=(there,))
    await put_residents(desk.office.ledger, [other], commune=COMMUNE)
    far = circle(Spot(5.0147, 47.79), radius_m=100)
    await launched(desk, replace(flood(), area=far))
    await later(desk, SILENT_S)
    assert await told(desk) == []


async def test_who_sends_stop_is_told_no_more_though_in_no_register(desk: Desk, page: Page) -> None:
    reply = Reply(COMMUNE, "SM1", "stop", "sms", "a", "stopped", LUIS)
    await keep_reply(desk.office.ledger, reply, key=desk.office.logbook_key)
    assert await kin_of(desk.office.ledger, page.own) == []


async def test_whom_to_tell_is_named_and_can_be_written_to(desk: Desk) -> None:
    page = await own_page(desk, await signed_up(desk, ana()))
    for name, contact, said in (
        ("", LUIS_SHOWN, "Écrivez le nom"),
        ("Luis", "01 99 00 00 42", "par SMS ou par e-mail"),
        ("Luis", "x", "ne peut pas être lu"),
    ):
        with pytest.raises(NotSo, match=said):
            await choose(desk, page, Asks(contact, FROM), name=name)
    for n in range(3):
        asked = await choose(desk, page, Asks(f"l{n}@foyer.example", FROM), name="Luis")
        ((_, code),) = await sent(desk, "email")
        await type_back(desk, asked, code)
    with pytest.raises(NotSo, match="3 personnes"):
        await choose(desk, page, Asks("l9@foyer.example", FROM), name="Luis")


def test_what_is_known_of_somebody_in_an_alert() -> None:
    def of(*states: str, answers: tuple[str, ...] = (), since: float = 0.0) -> str:
        messages = [Told("d", "sms", "+33", one, answers) for one in states]
        return outcome_of(messages, since_s=since)

    assert of("accepted", answers=("understood", "help")) == "help"
    assert of("failed", answers=("understood",)) == "safe"
    assert of("failed", since=UNREACHED_S - 1) == ""
    assert of("failed", since=UNREACHED_S) == "unreached"
    assert of(since=UNREACHED_S) == "unreached"
    assert of("failed", "delivered", since=UNREACHED_S) == ""
    assert of("failed", "delivered", since=SILENT_S) == "silent"
    assert of("ready", since=SILENT_S - 1) == ""
    assert of("ready", since=SILENT_S) == "unreached"  # nothing was said to her


async def test_of_what_tells_of_no_danger_he_hears_nothing(desk: Desk, page: Page) -> None:
    await launched(desk, flood())
    (alert,) = await open_alerts(desk.office.ledger)
    mine = versions.c.version_id == alert.version_id
    calm = {"severity": "Minor", "urgency": "Future", "responseType": ["None"]}
    async with desk.office.ledger.writing() as connection:
        content = (await connection.execute(select(versions.c.content).where(mine))).scalar_one()
        told_of = {**content, "cap": {**content["cap"], **calm}}
        await connection.execute(update(versions).where(mine).values(content=told_of))
    await later(desk, SILENT_S)
    assert await told(desk) == []


async def test_once_the_danger_is_over_or_corrected_he_is_not_told_that_she_is_silent(
    desk: Desk, page: Page
) -> None:
    await launched(desk, flood())
    await answer(desk, page, "understood")
    assert len(await told(desk)) == 1
    (alert,) = {one.alert_id for one in await open_alerts(desk.office.ledger)}
    await correcting.take_back(desk.office, alert, actor=AUTHOR)
    await send(desk.office, FakeChannel())
    await later(desk, SILENT_S)
    assert await told(desk) == []
