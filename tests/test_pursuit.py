"""Pursued until confirmed, on both databases: the next step, the first answer, the list."""

import time
from collections import Counter

import pytest
from sqlalchemy import select, update

from channels.contract import Receipt, Status
from dispatcher.delivery.answers import record_keypad
from dispatcher.delivery.content import Escalation
from dispatcher.delivery.drain import drain
from dispatcher.delivery.receipts import receive
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import deliveries
from dispatcher.store.people import Contact
from tests.behind import all_behind
from tests.fake_channel import REFUSE, FakeChannel, door, once_each
from tests.outgoing import (
    KEYS,
    Inhabitant,
    Plan,
    only_row,
    phone,
    planned,
)
from tests.pursued_town import LONG, Town, mail, plan, resident, states


@pytest.fixture
def town(ledger: Ledger) -> Town:
    return Town(ledger)


async def test_who_stays_silent_is_tried_by_the_next_medium_then_the_next_then_listed(
    town: Town,
) -> None:
    await planned(town.ledger, plan(resident(1)))
    await town.send()
    assert await town.turn() == set()  # the wait is not over
    for medium in ("voice", "email"):
        await town.later()
        assert await town.turn() == {medium}
        assert await town.turn() == set()
        await town.send()
    await town.later()
    await town.turn()
    assert await town.people() == {"p00001": ("unreached", 2, "silent")}
    assert [sum(town.got(m).values()) for m in town.doors] == [1, 1, 1]


async def test_each_person_of_a_block_goes_on_by_the_media_of_her_own_targets(town: Town) -> None:
    by_phone, by_mail = (("sms", "voice"),), (("sms", "email"),)
    await planned(
        town.ledger,
        Plan([resident(1), resident(2)], by_phone, (by_mail,), (0, 1), escalation=LONG),
    )
    await town.send()
    await town.later()
    assert await town.turn() == {"voice", "email"}
    await town.send()
    assert town.got("voice") == Counter({phone(1): 1})
    assert town.got("email") == Counter({mail(2): 1})


async def test_who_answers_is_left_in_peace(town: Town) -> None:
    await planned(town.ledger, plan(resident(1), resident(2)))
    await town.send()
    await town.answers(phone(1))
    await town.later()
    assert await town.turn() == {"voice"}
    await town.send()
    assert town.got("voice") == Counter({phone(2): 1})


async def test_a_failure_sends_the_next_medium_at_once(town: Town) -> None:
    await planned(town.ledger, plan(resident(1), resident(2), resident(3)))
    town.doors["sms"].script = [REFUSE]
    await town.send()
    taken, other = (one.contact for one in town.doors["sms"].ledger)
    await town.receipt(taken, "undelivered")
    assert await town.turn() == {"voice"}
    assert await town.turn() == set()
    await town.send()
    assert town.got("voice") == once_each({phone(n) for n in (1, 2, 3)} - {other})
    assert len(await town.people()) == 2


async def test_an_answer_withdraws_the_message_that_waits_to_leave(town: Town) -> None:
    await planned(town.ledger, plan(resident(1)))
    await town.send()
    await town.later()
    await town.turn()
    await town.answers(phone(1))
    await town.send()
    assert town.got("voice") == Counter()
    assert (await states(town.ledger))["voice", phone(1)] == "suppressed"
    assert await town.people() == {"p00001": ("reached", 1, None)}


async def test_an_answer_withdraws_what_a_worker_holds_but_has_not_begun(town: Town) -> None:
    await planned(town.ledger, plan(resident(1)))
    await town.send()
    await town.later()
    await town.turn()
    async with town.ledger.writing() as connection:
        held = {"state": "claimed", "owner": "w9", "fence": 1, "lease_until": time.time() + 60}
        await connection.execute(
            update(deliveries).where(deliveries.c.medium == "voice").values(**held)
        )
    await town.answers(phone(1))
    assert (await states(town.ledger))["voice", phone(1)] == "suppressed"


async def test_who_answers_a_mail_is_not_called_again_on_a_line_that_was_busy(town: Town) -> None:
    await planned(town.ledger, plan(resident(1)))
    await town.send()
    await town.later()
    await town.turn()
    await town.send()
    await town.receipt(phone(1), "undelivered", medium="voice", redials_s=(900.0,))
    await town.later()
    assert await town.turn() == {"email"}
    await town.answers(mail(1))
    found = await states(town.ledger)
    assert (found["voice", phone(1)], found["email", mail(1)]) == ("suppressed", "suppressed")


async def test_who_answers_a_call_is_not_called_again_because_it_was_cut(ledger: Ledger) -> None:
    await planned(ledger, Plan([resident(1)], (("voice",),)))
    fake = FakeChannel("voice")
    await drain(door(ledger, fake))
    busy = Receipt("CA1", Status.UNDELIVERED, "no-answer")
    assert await receive(ledger, KEYS, fake.ledger[0].token, busy)
    assert (await only_row(ledger))["state"] == "ready"
    await record_keypad(ledger, KEYS, token=fake.ledger[0].token, kind="understood")
    assert (await only_row(ledger))["state"] == "suppressed"


async def test_a_shared_phone_rings_once_and_answers_for_the_household(town: Town) -> None:
    landline = Contact("fixed", "+33199000001", 5)
    await planned(town.ledger, plan(resident(1, landline), resident(2, landline)))
    await town.send()
    await town.later()
    await town.turn()
    await town.send()
    assert town.got("voice") == Counter({landline.value: 1})
    async with town.ledger.reading() as connection:
        voice = select(deliveries.c.delivery_id).where(deliveries.c.medium == "voice")
        ident = (await connection.execute(voice)).scalar_one()
        behind = {person for delivery, person in await all_behind(connection) if delivery == ident}
        assert behind == {"p00001", "p00002"}
    await town.answers(phone(1))
    await town.later()
    await town.turn()
    await town.send()
    assert town.got("email") == Counter({mail(2): 1})


async def test_what_one_still_waits_for_is_not_withdrawn_because_another_answered(
    town: Town,
) -> None:
    landline = Contact("fixed", "+33199000001", 5)
    await planned(town.ledger, plan(resident(1, landline), resident(2, landline)))
    await town.send()
    await town.later()
    await town.turn()
    await town.answers(phone(1))
    assert (await states(town.ledger))["voice", landline.value] == "ready"
    await town.answers(phone(2))
    assert (await states(town.ledger))["voice", landline.value] == "suppressed"


async def test_a_phone_that_the_household_was_called_on_already_is_shared_not_called_again(
    town: Town,
) -> None:
    landline = Contact("fixed", "+33199000001", 5)
    old = Inhabitant("p00009", (landline,))
    await planned(town.ledger, plan(resident(1, landline), old))
    town.doors["sms"].script = [REFUSE]
    await town.send()
    await town.turn()
    await town.send()
    assert town.got("voice") == Counter({landline.value: 1})
    assert (await town.people())["p00001"] == ("waiting", 1, None)


async def test_a_late_answer_takes_the_person_off_the_list(town: Town) -> None:
    await planned(town.ledger, plan(resident(1), how=Escalation((60.0,))))
    await town.send()
    for _ in range(3):
        await town.later()
        await town.turn()
        await town.send()
    assert (await town.people())["p00001"][0] == "unreached"
    await town.answers(phone(1))
    assert (await town.people())["p00001"] == ("reached", 1, None)


async def test_what_has_not_left_yet_is_not_taken_for_silence(town: Town) -> None:
    await planned(town.ledger, plan(resident(1), resident(2)))
    await town.later()
    assert await town.turn() == set()
    assert await town.people() == {}  # the block is asked again later, nobody is written
    await town.send()
    await town.later(3600.0)
    assert await town.turn() == {"voice"}


async def test_where_the_policy_asks_for_delivery_a_receipt_is_enough(town: Town) -> None:
    how = Escalation((60.0,), confirmation="delivered")
    await planned(town.ledger, plan(resident(1), resident(2), how=how))
    await town.send()
    await town.receipt(phone(1), "delivered")
    await town.later()
    await town.turn()
    await town.send()
    assert town.got("voice") == Counter({phone(2): 1})
