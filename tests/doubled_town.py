"""Ana, in two rows of the register: by a landline in the town's file, by her own mobile since."""

from dataclasses import replace

from sqlalchemy import select

from dispatcher.alerts.office import Actor, Office
from dispatcher.signup.asking import joined as beside
from dispatcher.signup.doubles import one_person
from dispatcher.store import own_changes, registered
from dispatcher.store.doubles import Doubled, Pair, doubled
from dispatcher.store.enrolment import put_residents
from dispatcher.store.ledger import Ledger
from dispatcher.store.own_links import Own
from dispatcher.store.people import OWN, Contact
from dispatcher.store.registers import Home, Resident
from dispatcher.store.tables import persons
from dispatcher.store.versions import Chained
from tests.situations import COMMUNE

DOOR = Home("3 Quai Bas", "3 quai bas", 5.0232, 47.7822)
LANDLINE, MOBILE = Contact("fixed", "+33199000042"), Contact("mobile", "+33639980042")
FILED = Resident(
    "P1", "LOPEZ Ana", ("es",), help_to_leave=True, contacts=(LANDLINE,), homes=(DOOR,)
)
SAID = Resident(None, "Ana Lopez", ("fr",), contacts=(MOBILE,), homes=(DOOR,))
CLERK = Actor("secretaire", "operator")


def line(office: Office) -> Chained:
    """Return a line of the logbook."""
    return office.line("rac", "residents.changed", "Essai")


async def enrol(office: Office, said: Resident = SAID) -> str:
    """Enrol somebody by her own word; return her id."""
    commune, told = office.commune, line(office)
    return await registered.enrol(office.ledger, commune, said, joined=beside, line=told)


async def twice(office: Office) -> Pair:
    """Have Ana in two rows; return them, her own first."""
    await put_residents(office.ledger, [FILED], commune=office.commune)
    own = await enrol(office)
    wanted = select(persons.c.person_id).where(
        persons.c.external_id == "P1", persons.c.source != OWN
    )
    filed = await office.ledger.read(lambda one: one.execute(wanted).scalar_one())
    return Pair(own, filed)


async def leave(office: Office, person: str) -> None:
    """Have somebody leave the alerts."""
    await own_changes.leave(office.ledger, Own(office.commune, person), line=line(office))


async def shown(ledger: Ledger) -> list[Doubled]:
    """Return the pairs to be judged."""
    return await doubled(ledger, COMMUNE, limit=9)


def of_two(number: int) -> list[Resident]:
    """Return somebody else in two rows of a file, each with an id of its own."""
    home = Home(f"{number} rue Haute", f"{number} rue haute", 5.0, 47.7)
    base = Resident(None, f"Jean NOM{number}", ("fr",), homes=(home,))
    ways = (Contact("mobile", f"+3363998{number:03d}{one}") for one in range(2))
    return [
        replace(base, external_id=f"Q{number}{one}", contacts=(way,))
        for one, way in enumerate(ways)
    ]


async def joined(here: Office, pair: Pair, *, left: bool = False) -> str:
    """Have the town hall say that two rows are one person, as it saw them; return her id."""
    return await one_person(here, Doubled(Pair.of(*pair), left), actor=CLERK)
