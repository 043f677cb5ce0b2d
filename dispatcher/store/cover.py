"""At which doors somebody is sure to be reached: a resident lives there who confirmed a contact."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, ColumnElement, and_, case, cast, func, select

from dispatcher.store.failing import failed_here
from dispatcher.store.ledger import Ledger
from dispatcher.store.people import RESIDENTS
from dispatcher.store.tables import contacts, homes, persons


@dataclass(frozen=True, eq=False)
class SureDoors:
    """One row a door where covered residents live: its mark, how many they are, their households.

    `told` sums what they said of how many live there; `untold` counts those who did not say.
    The door without a mark is that of homes whose address nobody could read.
    """

    marks: Sequence[str]
    people: NDArray[np.int64]
    told: NDArray[np.int64]
    untold: NDArray[np.int64]


def sure_contact() -> ColumnElement[bool]:
    """Tell of a row of `contacts` whether whoever holds it confirmed it, and it has not failed."""
    return and_(contacts.c.verified_at.is_not(None), ~failed_here())


async def sure_doors(ledger: Ledger, commune: str) -> SureDoors:
    """Return the doors where residents live who have a sure contact and have not left.

    Only their homes count: where somebody works or goes to school, others live. A long look.
    """
    sure = (
        select(contacts.c.person_id)
        .where(contacts.c.commune == commune, sure_contact())
        .distinct()
        .subquery("sure")
    )
    hers = and_(persons.c.commune == commune, persons.c.person_id == sure.c.person_id)
    lived = and_(homes.c.commune == persons.c.commune, homes.c.person_id == persons.c.person_id)
    untold = case((persons.c.household.is_(None), 1), else_=0)
    sums = (func.count(), func.sum(func.coalesce(persons.c.household, 0)), func.sum(untold))
    wanted = (
        select(homes.c.place_mark, *(cast(one, BigInteger) for one in sums))
        .select_from(sure.join(persons, hers).join(homes, lived))
        .where(
            homes.c.kind == "home",
            persons.c.source.in_(RESIDENTS),
            persons.c.unsubscribed_at.is_(None),
        )
        .group_by(homes.c.place_mark)
    )
    # Bare tuples of the driver, as `home_places` reads them.
    rows = await ledger.study(lambda one: one.execute(wanted).cursor.fetchall())
    numbers = np.array([row[1:] for row in rows], dtype=np.int64).reshape(len(rows), 3)
    return SureDoors([row[0] for row in rows], *numbers.T)
