"""The example commune with its doors, and residents who confirmed a contact at some of them."""

from collections.abc import Iterable, Sequence

from sqlalchemy import update

from dispatcher.residents.place_key import place_key
from dispatcher.store.addresses import Address, replace_addresses
from dispatcher.store.clock import db_now
from dispatcher.store.enrolment import put_residents
from dispatcher.store.ledger import Ledger
from dispatcher.store.people import Contact
from dispatcher.store.registers import Home, Resident
from dispatcher.store.tables import contacts
from tests.keyring import mark_of
from tests.situations import COMMUNE

HERE = (5.0135, 47.7795)  # in the Bas-Bourg


def phone(number: int) -> str:
    """Return the mobile of a resident."""
    return f"+336399{number:05d}"


def doors_of(street: str, count: int, *, at: tuple[float, float] | None = HERE) -> list[Address]:
    """Return so many doors of a street, numbered from 1."""
    lon, lat = at or (None, None)
    return [
        Address(f"{street}-{n}", label, street, place_key(label), lon, lat)
        for n in range(1, count + 1)
        for label in (f"{n} {street}",)
    ]


async def load_doors(ledger: Ledger, doors: Iterable[Address]) -> None:
    """Make these the addresses of the commune."""
    await replace_addresses(ledger, COMMUNE, doors)


def lives(
    number: int, address: str, *, kind: str = "home", household: int | None = None
) -> Resident:
    """Return somebody with one mobile and one place."""
    home = Home(address, place_key(address), kind=kind)
    ways = (Contact("mobile", phone(number)),)
    return Resident(
        f"x{number}", f"NOM{number}", ("fr",), contacts=ways, homes=(home,), household=household
    )


async def settle(ledger: Ledger, people: Sequence[Resident], *, sure: bool = True) -> None:
    """Enrol these people, their contacts confirmed or not."""
    await put_residents(ledger, people, commune=COMMUNE)
    if sure:
        await confirm(ledger, [way.value for one in people for way in one.contacts])


async def confirm(ledger: Ledger, values: Sequence[str]) -> None:
    """Note that whoever holds these contacts confirmed them."""
    marks = [mark_of(one) for one in values]
    async with ledger.writing() as connection:
        await connection.execute(
            update(contacts).where(contacts.c.mark.in_(marks)).values(verified_at=db_now())
        )
