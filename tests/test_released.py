"""What a legal hold kept of who is erased ends with the hold, as her page told her it would."""

import time

from sqlalchemy import select, update

from dispatcher.alerts.office import Office
from dispatcher.privacy.holding import hold, lift
from dispatcher.privacy.purging import purge
from dispatcher.store import logbook
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import deliveries, recipients
from dispatcher.store.purging import PURGED, digest_of
from dispatcher.store.released import SENT, WRITTEN
from dispatcher.store.replies import Reply, keep_reply
from dispatcher.store.reply_tables import replies
from dispatcher.store.rights import erase_person
from dispatcher.store.tables import persons
from tests.law import DEPUTY, MAYOR, asked, said_to, sealed_alert
from tests.outgoing import COMMUNE, LOGBOOK_KEY, phone
from tests.sealed import PEOPLE, verified
from tests.situations import office

WHY = {"reason": "plainte", "reference": "TJ"}
ANA = "p00003"


async def held(ledger: Ledger, alert_id: str) -> str:
    return await hold(office(ledger), alert_id, **WHY, asked=asked(MAYOR))


async def lifted(here: Office, ident: str) -> None:
    await lift(here, ident, asked=asked(MAYOR))
    assert await lift(here, ident, asked=asked(DEPUTY))


async def erased(ledger: Ledger, person: str = ANA) -> None:
    line = office(ledger).line("dos", "residents.erased", "Effacé")
    assert await erase_person(ledger, person, commune=COMMUNE, entry=line.entry, key=LOGBOOK_KEY)


async def message_of(ledger: Ledger, person: str) -> str:
    wanted = (
        select(deliveries.c.delivery_id)
        .join(recipients, recipients.c.serial == deliveries.c.serial)
        .where(recipients.c.person_id == person)
    )
    async with ledger.reading() as connection:
        return str((await connection.execute(wanted)).scalar_one())


async def said(ledger: Ledger, sid: str, number: int, *, version: str | None = None) -> None:
    mine = (await message_of(ledger, f"p{number:05}"),) if version else ()
    reply = Reply(
        COMMUNE, sid, "unknown", "sms", "a", "unknown", contact=phone(number), body="Au 12",
        version_id=version, deliveries=mine,
    )  # fmt: skip
    await keep_reply(ledger, reply, key=LOGBOOK_KEY)


async def words_of(ledger: Ledger) -> set[str]:
    """Return which replies have their words and number still."""
    wanted = select(replies.c.sid).where(replies.c.body.is_not(None), replies.c.contact != "")
    async with ledger.reading() as connection:
        return set((await connection.execute(wanted)).scalars())


async def test_who_was_erased_under_a_hold_is_nowhere_once_it_is_lifted(ledger: Ledger) -> None:
    version = await sealed_alert(ledger)
    here = office(ledger)
    ident = await held(ledger, version.alert_id)
    await said(ledger, "hers", 3, version=version.version_id)
    await said(ledger, "his", 4, version=version.version_id)
    await erased(ledger)
    await purge(here)
    assert (await said_to(ledger), await words_of(ledger)) == (PEOPLE, {"hers", "his"})
    await lifted(here, ident)
    await purge(here)
    assert (await said_to(ledger), await words_of(ledger)) == (PEOPLE - 1, {"his"})
    assert (await verified(ledger)).valid


async def test_what_ended_so_is_proved_in_the_logbook_by_its_keys(ledger: Ledger) -> None:
    version = await sealed_alert(ledger)
    ident = await held(ledger, version.alert_id)
    await said(ledger, "hers", 3, version=version.version_id)
    await erased(ledger)
    await lifted(office(ledger), ident)
    mine = select(recipients.c.serial).where(recipients.c.person_id == ANA)
    async with ledger.reading() as connection:
        serial = (await connection.execute(mine)).scalar_one()
    for _ in range(2):  # told once
        await purge(office(ledger))
    (line,) = [one for one in await logbook.read(ledger, COMMUNE) if one.kind == PURGED]
    assert set(line.data) == {SENT, WRITTEN}
    assert line.data[SENT]["digests"] == [digest_of([(serial,)])]
    assert line.data[WRITTEN]["digests"] == [digest_of([("hers", "unknown")])]


async def test_what_another_hold_keeps_stays_to_its_end(ledger: Ledger) -> None:
    version = await sealed_alert(ledger)
    here = office(ledger)
    first, all_ = await held(ledger, version.alert_id), await held(ledger, "")
    await said(ledger, "apart", 3)
    await erased(ledger)
    await lifted(here, first)
    await purge(here)
    assert (await said_to(ledger), await words_of(ledger)) == (PEOPLE, {"apart"})
    await lifted(here, all_)
    await purge(here)
    assert (await said_to(ledger), await words_of(ledger)) == (PEOPLE - 1, set())


async def test_who_only_left_or_shares_the_number_keeps_what_is_theirs(ledger: Ledger) -> None:
    version = await sealed_alert(ledger)
    here = office(ledger)
    ident = await held(ledger, version.alert_id)
    async with ledger.writing() as connection:
        serial = select(recipients.c.serial).where(recipients.c.person_id == ANA).scalar_subquery()
        await connection.execute(recipients.insert().values(serial=serial, person_id="p00005"))
        left = update(persons).where(persons.c.person_id == "p00006")
        await connection.execute(left.values(unsubscribed_at=time.time()))
    await erased(ledger)
    await lifted(here, ident)
    await purge(here)
    assert await said_to(ledger) == PEOPLE


async def test_what_the_number_writes_after_she_is_erased_is_its_own(ledger: Ledger) -> None:
    version = await sealed_alert(ledger)
    here = office(ledger)
    ident = await held(ledger, version.alert_id)
    await erased(ledger)
    await said(ledger, "since", 3, version=version.version_id)
    await lifted(here, ident)
    await purge(here)
    assert await words_of(ledger) == {"since"}
