"""A commune whose approvals go by telephone: who is rung, and what she types."""

from dataclasses import replace
from pathlib import Path

from sqlalchemy import select

from dispatcher.access import pins
from dispatcher.access.passwords import matches
from dispatcher.access.signing_in import NewUser, create_user
from dispatcher.alerts import by_phone, life
from dispatcher.alerts.office import Office
from dispatcher.delivery.planning import materialise_next
from dispatcher.store import phone_approvals
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import BEHIND, deliveries, recipients
from dispatcher.store.phone_approvals import Called
from dispatcher.store.users import User
from tests.decided_town import plan_files, planned, town_of
from tests.offices import BRUZ
from tests.situations import PASSWORD

PIN, KEY = "482915", b"k" * 32


async def phoned_town(ledger: Ledger, folder: Path) -> Office:
    """Return the commune at work; the mayor keeps a code for the telephone."""
    town = replace(await town_of(ledger, folder), public_url="https://alerte.example")
    await planned(town, plan_files(by_phone=True))
    for login, function in (("maire", "dos"), ("adj", "deputy")):
        user = User(BRUZ, login, login.title(), function, login)
        await create_user(ledger, NewUser(user, PASSWORD), by="test", key=KEY)
    line = town.line("maire", "access.pin", "Code")
    await pins.keep_pin(ledger, BRUZ, "maire", pin=PIN, line=line)
    return town


async def called(office: Office, person: str = "contact:maire") -> Called:
    """Return the call that rang somebody."""
    while await materialise_next(office.ledger) is not None:
        pass
    wanted = (
        select(deliveries.c.delivery_id)
        .join_from(deliveries, recipients, BEHIND)
        .where(recipients.c.person_id == person, deliveries.c.medium == "voice")
        .order_by(deliveries.c.serial.desc())
    )
    async with office.ledger.reading() as connection:
        ident = (await connection.execute(wanted)).scalars().first()
    assert ident is not None
    found = await phone_approvals.called_by(office.ledger, BRUZ, ident)
    assert found is not None
    return found


async def typed(office: Office, call: Called, step: int, digits: str) -> by_phone.Spoken | None:
    """Type something at a step of the conversation."""
    return await by_phone.answer(office, call, step=step, digits=digits, matches=matches)


async def state(office: Office, alert: str) -> str:
    """Return the state of an alert."""
    return (await life.find(office, alert)).state
