"""The preview counts messages as they will leave: one for a phone that several people share."""

from pathlib import Path

import pytest
from sqlalchemy import delete, select

from dispatcher.alerts import life
from dispatcher.alerts.drafting import Wanted
from dispatcher.alerts.office import Office
from dispatcher.alerts.preview import preview
from dispatcher.delivery.planning import materialise_next
from dispatcher.store.ledger import Ledger
from dispatcher.store.people import Contact
from dispatcher.store.statements import insert_rows
from dispatcher.store.tables import contacts
from tests.keyring import contacts_sent, way_row
from tests.offices import APPROVER, AUTHOR, bruz_office

CRUE = Wanted(template="crue", scenario="crue", media=("sms",))


@pytest.fixture
async def office(ledger: Ledger, tmp_path: Path) -> Office:
    return await bruz_office(ledger, tmp_path, "circle_150m")


async def share_a_phone(ledger: Ledger) -> None:
    """Give everyone who has a mobile the same one."""
    mobiles = contacts.c.kind == "mobile"
    same = Contact("mobile", "+33639980042")
    async with ledger.writing() as connection:
        rows = (await connection.execute(select(contacts).where(mobiles))).all()
        await connection.execute(delete(contacts).where(mobiles))
        own = {(row.commune, row.person_id): row.rank for row in rows}  # once each
        shared = [way_row(*key, same._replace(rank=rank)) for key, rank in own.items()]
        await insert_rows(connection, contacts, shared)


async def test_a_phone_shared_by_a_household_is_counted_once_and_sent_to_once(
    office: Office,
) -> None:
    alert = await life.make_draft(office, CRUE, actor=AUTHOR)
    apart = await preview(office, alert)
    await share_a_phone(office.ledger)
    shared = await preview(office, alert)
    assert shared["people"] == apart["people"]
    before, after = apart["by_channel"], shared["by_channel"]
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    assert before["sms"] > 1
    assert after == {"sms": 1}
    await life.submit(office, alert, actor=AUTHOR)
    await life.approve(office, alert, actor=APPROVER)
    await life.launch(office, alert, actor=APPROVER, launch_key="k")
    while await materialise_next(office.ledger) is not None:
        pass
    assert await contacts_sent(office.ledger) == ["+33639980042"]
