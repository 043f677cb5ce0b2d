"""An alert is corrected while a team is at the doors: what it says, which doors come again."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from dispatcher.alerts import correcting
from dispatcher.alerts.call_list import ToCall, call_list
from dispatcher.alerts.correcting import Asked
from dispatcher.alerts.office import Office
from dispatcher.store.ledger import Ledger
from dispatcher.store.tables import contacts
from dispatcher.store.told_marks import told_of
from dispatcher.tasking.from_street import Choice, from_street
from dispatcher.tasking.reading import read_doors
from dispatcher.tasking.showing import shown_doors
from dispatcher.tasking.wishes import Wish
from dispatcher.teams.doors import Knock, doors_of, note_door
from dispatcher.teams.phone_doors import doors_on_phone
from dispatcher.teams.reporting import Sender
from tests.corrected import LARGE, SMALL, approve_and_launch, launched, send
from tests.fake_channel import FakeChannel
from tests.offices import APPROVER, AUTHOR, bruz_office

STAY = "restez chez vous"


@pytest.fixture
async def office(ledger: Ledger, tmp_path: Path) -> Office:
    """Give a town where one in three has no telephone: she is to be told at her door."""
    town = await bruz_office(ledger, tmp_path, SMALL, LARGE)
    async with ledger.writing() as connection:
        known = select(contacts.c.person_id).distinct().order_by(contacts.c.person_id)
        third = (await connection.execute(known)).scalars().all()[::3]
        await connection.execute(delete(contacts).where(contacts.c.person_id.in_(third)))
    return town


async def listed(office: Office, alert: str) -> list[ToCall]:
    found = await call_list(office, alert, actor=APPROVER, form="page")
    return [one for one in found.lines if one.address]


async def knocked(office: Office, mission: str, door: str, said: str | None = None) -> None:
    at = office.clock() + timedelta(seconds=1)
    sender = Sender("phone", "T1", f"{mission}{door}")
    await note_door(office, mission, Knock(door, "found", at, said=said), sender=sender)


async def test_a_team_at_the_doors_says_the_new_words_and_the_old_ones_are_not_taken_for_them(
    office: Office,
) -> None:
    alert = await launched(office)
    await send(office, FakeChannel())
    three = Choice(people=[one.person_id for one in _apart(await listed(office, alert))[:3]])
    first = await from_street(office, alert, three, wish=Wish(), actor=APPROVER)
    before, old, new = [one.row for one in await doors_of(office, first.mission)]
    assert (await doors_on_phone(office, first)).words is None
    await knocked(office, first.mission, before.door)
    await correcting.correct(office, alert, Asked(blanks={"consigne": STAY}), actor=AUTHOR)
    assert (await doors_on_phone(office, first)).words is None  # a draft is said to nobody
    await approve_and_launch(office, alert, key="k2")
    await send(office, FakeChannel())
    words = (await doors_on_phone(office, first)).words
    assert words is not None
    assert STAY in words.text
    read = await read_doors(office, first.mission, actor=APPROVER, form="page")
    told = shown_doors(read.doors, names=True, words=read.words)["say_now"]
    assert isinstance(told, dict)
    assert told["text"] == words.text

    to_come = Choice(people=[*old.people, *new.people])
    same = await from_street(office, alert, to_come, wish=Wish(), actor=APPROVER)
    assert same.mission == first.mission  # the team that is on its way says the new words
    again = await from_street(office, alert, three, wish=Wish(), actor=APPROVER)
    assert [one.row.people for one in await doors_of(office, again.mission)] == [before.people]

    await knocked(office, first.mission, old.door, said="a version of another alert")
    await knocked(office, first.mission, new.door, said=words.version)
    heard = await told_of(office.ledger, office.commune, words.version)
    assert list(heard) == new.people


def _apart(lines: list[ToCall]) -> list[ToCall]:
    """Give one line an address: each is behind a door of its own."""
    return list({one.address: one for one in lines}.values())
