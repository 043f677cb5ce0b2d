"""Contacts that fail: flagged when all that left for them ended for good, never left out of it."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Select, select, update

from channels.gone import CODES, gone
from channels.twilio_codes import CODES as TWILIO
from dispatcher.alerts import life
from dispatcher.alerts.drafting import Wanted
from dispatcher.cover.counting import cover_of
from dispatcher.cover.failing import FailureWatch
from dispatcher.cover.ground import Grounds
from dispatcher.signup.asking import Desk, type_back
from dispatcher.signup.own_page import Asks, Page, add_contact, erase, leave
from dispatcher.store import logbook
from dispatcher.store.addresses import Address
from dispatcher.store.cover_tables import failing, failing_looks
from dispatcher.store.failing import failing_count
from dispatcher.store.names import number_delivery
from dispatcher.store.outgoing import deliveries
from dispatcher.store.own_changes import kept_of
from dispatcher.store.receipts import Told, record_receipt
from dispatcher.store.registered import counts
from dispatcher.store.tables import contacts
from tests.corrected import approve_and_launch, send
from tests.covered_town import load_doors
from tests.fake_channel import ACCEPT, REFUSE, FakeChannel
from tests.keyring import mark_of
from tests.offices import AUTHOR
from tests.signing_up import FROM, HOME, MOBILE, ana, own_page, sent, signed_up
from tests.situations import COMMUNE
from tests.test_own_history import flood

pytest_plugins = ("tests.signup_desks",)


@pytest.fixture
async def page(desk: Desk) -> Page:
    """Enrol Ana an hour ago, whose door is in the commune's file; return her page."""
    door = Address("a", HOME.label, "Quai Bas", HOME.place_key, HOME.lon, HOME.lat)
    await load_doors(desk.office.ledger, [door])
    made = await own_page(desk, await signed_up(desk, ana()))
    async with desk.office.ledger.writing() as connection:
        await connection.execute(update(contacts).values(verified_at=contacts.c.verified_at - 3600))
    return made


TEST = replace(
    flood("essai"), mode="public_test", public_informed=True, blanks={"secteur": "le Bas-Bourg"}
)


async def alerted(desk: Desk, outcome: str = ACCEPT, *, wanted: Wanted | None = None) -> list[str]:
    """Launch an alert around Ana, and let all of it end so; return who got it."""
    alert = await life.make_draft(desk.office, wanted or flood(), actor=AUTHOR)
    await approve_and_launch(desk.office, alert, key=alert)
    fake = await send(desk.office, FakeChannel(script=[outcome] * 20))
    return [one.contact for one in fake.ledger]


async def looked(desk: Desk) -> None:
    """Let a minute pass, and the watch take its turn."""
    columns = (deliveries.c.settled_at, failing.c.failed_at, failing_looks.c.upto)
    async with desk.office.ledger.writing() as connection:
        for one in columns:
            aged = update(one.table).where(one.is_not(None)).values({one: one - 60.0})
            await connection.execute(aged)
    assert await FailureWatch(desk.office, every_s=0.0).turn() is False


def _newest() -> Select[Any]:
    """Select the newest message to her mobile."""
    hers = deliveries.c.contact_mark == mark_of("+33639980042")
    return select(deliveries).where(hers).order_by(deliveries.c.serial.desc()).limit(1)


async def receipt(desk: Desk, status: str, detail: str | None = None) -> None:
    """Have the provider tell what became of the newest message."""
    async with desk.office.ledger.reading() as connection:
        ident = (await connection.execute(_newest())).mappings().one()["delivery_id"]
    assert await record_receipt(
        desk.office.ledger, Told(COMMUNE, ident, 1, status, 4, detail=detail)
    )


async def flagged(desk: Desk) -> list[str]:
    """Return why contacts fail."""
    async with desk.office.ledger.reading() as connection:
        return list((await connection.execute(select(failing.c.why))).scalars())


@pytest.mark.parametrize("wanted", [flood(), TEST], ids=["alert", "public-test"])
async def test_a_number_that_nobody_has_is_flagged_after_the_alert_or_a_test_of_the_public(
    desk: Desk, page: Page, wanted: Wanted
) -> None:
    await alerted(desk, REFUSE, wanted=wanted)
    assert await flagged(desk) == []
    await looked(desk)
    assert await flagged(desk) == ["no_number"]
    assert await failing_count(desk.office.ledger, COMMUNE) == 1
    (line,) = await logbook.read_kinds(desk.office.ledger, COMMUNE, "residents.failing", limit=9)
    assert (line.author, line.data["contacts"], len(line.data["versions"])) == ("worker", 1, 1)
    kept = await kept_of(desk.office.ledger, page.own)
    assert kept
    assert [one and one[0] for one in kept.failing] == ["no_number"]


async def test_a_failing_contact_is_no_cover_and_an_alert_tries_it_all_the_same(
    desk: Desk, page: Page
) -> None:
    assert (await cover_of(desk.office, Grounds())).whole.covered == 1
    await alerted(desk, REFUSE)
    await looked(desk)
    assert (await cover_of(desk.office, Grounds())).whole.covered == 0
    assert (await counts(desk.office.ledger, COMMUNE)).confirmed == 0
    assert "+33639980042" in await alerted(desk)


async def test_the_next_message_that_arrives_takes_the_flag_away(desk: Desk, page: Page) -> None:
    await alerted(desk, REFUSE)
    await looked(desk)
    await alerted(desk)
    await looked(desk)
    assert await flagged(desk) == ["no_number"]  # accepted is not arrived
    await receipt(desk, "delivered")
    await looked(desk)
    assert await flagged(desk) == []
    assert (await cover_of(desk.office, Grounds())).whole.covered == 1


async def test_a_code_that_comes_back_takes_it_away_at_once(desk: Desk, page: Page) -> None:
    await alerted(desk, REFUSE)
    await looked(desk)
    kept = await kept_of(desk.office.ledger, page.own)
    assert kept
    asked = await add_contact(desk, Page(page.own, kept), Asks(MOBILE, FROM))
    ((_, code),) = await sent(desk)
    await type_back(desk, asked, code)
    assert await flagged(desk) == []
    await looked(desk)
    assert await flagged(desk) == []


async def test_a_failure_older_than_her_confirmation_flags_nothing(desk: Desk, page: Page) -> None:
    await alerted(desk, REFUSE)
    kept = await kept_of(desk.office.ledger, page.own)
    assert kept
    asked = await add_contact(desk, Page(page.own, kept), Asks(MOBILE, FROM))
    ((_, code),) = await sent(desk)
    await type_back(desk, asked, code)
    await looked(desk)
    assert await flagged(desk) == []


@pytest.mark.parametrize(("code", "why"), [("30005", ["no_number"]), ("30003", []), (None, [])])
async def test_a_receipt_flags_by_its_code_and_a_telephone_that_is_off_is_nobodys_fault(
    desk: Desk, page: Page, code: str | None, why: list[str]
) -> None:
    await alerted(desk)
    await receipt(desk, "undelivered", code)
    await looked(desk)
    assert await flagged(desk) == why


@pytest.mark.parametrize(
    ("state", "reason", "why"),
    [("delivered", None, []), ("ready", None, []), ("exhausted", "429", []),
     ("undelivered", "busy", []), ("undelivered", "failed", ["no_number"])],
)  # fmt: skip
async def test_a_contact_fails_only_where_every_medium_failed_for_good(
    desk: Desk, page: Page, state: str, reason: str | None, why: list[str]
) -> None:
    await alerted(desk, REFUSE)
    await called_too(desk, state, reason)
    await looked(desk)
    assert await flagged(desk) == why


async def called_too(desk: Desk, state: str, reason: str | None) -> None:
    """Have the same version have called her too, and the call have ended so."""
    async with desk.office.ledger.writing() as connection:
        row = dict((await connection.execute(_newest())).mappings().one())
        row.pop("serial")
        ident = number_delivery(
            COMMUNE, row["version_id"], "voice", contact_mark=row["contact_mark"]
        )
        ended = None if state in ("ready", "exhausted") else row["settled_at"] - 1
        call = {"delivery_id": ident, "medium": "voice", "state": state, "reason": reason}
        await connection.execute(deliveries.insert().values({**row, **call, "settled_at": ended}))


async def test_a_rehearsal_flags_nobody(desk: Desk, page: Page) -> None:
    await alerted(desk, REFUSE)
    async with desk.office.ledger.writing() as connection:
        await connection.execute(update(deliveries).values(route="rehearsal"))
    await looked(desk)
    assert await flagged(desk) == []


async def test_who_left_is_in_no_count_and_erasure_takes_the_flag_along(
    desk: Desk, page: Page
) -> None:
    await alerted(desk, REFUSE)
    await looked(desk)
    await leave(desk.office, page)
    assert await failing_count(desk.office.ledger, COMMUNE) == 0
    await erase(desk.office, page)
    assert await flagged(desk) == []


async def test_two_watches_flag_once_and_tell_it_once(desk: Desk, page: Page) -> None:
    await alerted(desk, REFUSE)
    await looked(desk)
    async with desk.office.ledger.writing() as connection:
        await connection.execute(failing_looks.delete())  # as if the other had begun before
    await looked(desk)
    assert await flagged(desk) == ["no_number"]
    lines = await logbook.read_kinds(desk.office.ledger, COMMUNE, "residents.failing", limit=9)
    assert len(lines) == 1


def test_every_code_of_twilios_that_says_so_is_of_the_recipient() -> None:
    codes = {code for medium in ("sms", "voice") for code in CODES[medium] if code.isdigit()}
    assert {TWILIO[int(one)].fault for one in codes} == {"recipient"}


@pytest.mark.parametrize("code", ["5.2.2", "4.4.7", "5.7.1", "452", "", None, "30003", "21610"])
def test_a_full_box_a_filter_a_stop_say_nothing_of_the_contact(code: str | None) -> None:
    assert {gone(medium, code) for medium in ("sms", "voice", "email", "webhook")} == {""}
