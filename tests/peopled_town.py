"""The example commune with its invented addresses and people, for the pages that count them."""

from collections.abc import Sequence

from dispatcher.store.addresses import Address, replace_addresses
from dispatcher.store.enrolment import put_residents
from dispatcher.store.ledger import Ledger
from dispatcher.store.people import Contact
from dispatcher.store.registers import Home, Resident
from tests.example_commune import address_rows
from tests.situations import COMMUNE

KINDS: Sequence[tuple[str, ...]] = (("mobile", "email"), ("fixed",), ("mobile",), ())


async def people_the_town(ledger: Ledger) -> int:
    """Put somebody at two doors of three, with all kinds of contacts; return how many they are."""
    rows = address_rows()
    doors = [
        Address(
            f"d{at}", f"{row['numero']} {row['voie_nom']}", row["voie_nom"], f"d{at}",
            float(row["long"]), float(row["lat"]),
        )
        for at, row in enumerate(rows)
    ]  # fmt: skip
    await replace_addresses(ledger, COMMUNE, doors)
    people = [_resident(at, door) for at, door in enumerate(doors) if at % 3]
    await put_residents(ledger, people, commune=COMMUNE)
    return len(people)


def _resident(at: int, door: Address) -> Resident:
    values = {
        "mobile": f"+336399{at:05d}",
        "fixed": f"+331990{at:05d}",
        "email": f"p{at}@foyer.example",
    }
    kinds = KINDS[at % len(KINDS)]
    return Resident(
        f"x{at}",
        f"N{at}",
        ("en",) if at % 11 == 0 else ("fr",),
        contacts=tuple(Contact(kind, values[kind], rank) for rank, kind in enumerate(kinds)),
        homes=(Home(door.label, door.place_key, door.lon, door.lat),),
        warn_first=at % 37 == 0,
        help_to_leave=at % 53 == 0,
    )
