"""Who is behind the doors of a mission, as the registers and the alert know it now.

Nothing of it is kept with the mission but ids: who is erased is no more behind her door.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, select

from dispatcher.ciphers import Ring
from dispatcher.store import personal
from dispatcher.store.following_tables import told_marks
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import BEHIND, answers, deliveries, recipients
from dispatcher.store.people import in_parts
from dispatcher.store.tables import homes, persons


@dataclass
class BehindDoor:
    """Somebody behind a door: what she needs, and whether she was reached by other means.

    `answered` is what she said to the alert, `told` how somebody told her, `told_by` who.
    """

    person_id: str
    name: str = ""
    label: str = ""  # of her home, with stairs and floor
    help_to_leave: bool = False
    warn_first: bool = False
    answered: str | None = None
    answered_at: float | None = None
    told: str | None = None
    told_at: float | None = None
    told_by: str = ""


async def behind_doors(
    ledger: Ledger, commune: str, version: str | None, ids: Sequence[str]
) -> Mapping[str, BehindDoor]:
    """Return what is known of these people by id; who was erased is not in it."""

    def look(connection: Connection) -> dict[str, BehindDoor]:
        found: dict[str, BehindDoor] = {}
        for some in in_parts(list(ids)):
            found |= _known(connection, commune, some, ring=ledger.ring)
            if version is not None:
                _answered(connection, (commune, version), some, found)
                _told(connection, (commune, version), some, found)
        return found

    return await ledger.read(look)


def _known(
    connection: Connection, commune: str, ids: Sequence[str], *, ring: Ring
) -> dict[str, BehindDoor]:
    wanted = select(
        persons.c.person_id, persons.c.name, persons.c.help_to_leave, persons.c.warn_first
    ).where(persons.c.commune == commune, persons.c.person_id.in_(ids))
    found = {
        row.person_id: BehindDoor(
            row.person_id,
            personal.read(ring, row.name, personal.name_at(commune, row.person_id)),
            help_to_leave=bool(row.help_to_leave),
            warn_first=bool(row.warn_first),
        )
        for row in connection.execute(wanted)
    }
    doors = select(homes.c.person_id, homes.c.label).where(
        homes.c.commune == commune, homes.c.person_id.in_(ids), homes.c.number == 0
    )
    for row in connection.execute(doors):
        if row.person_id in found:
            place = personal.home_at(commune, row.person_id, 0)
            found[row.person_id].label = personal.read_home(ring, row.label, place).label
    return found


def _answered(
    connection: Connection, of: tuple[str, str], ids: Sequence[str], found: dict[str, BehindDoor]
) -> None:
    same = and_(
        answers.c.commune == deliveries.c.commune,
        answers.c.delivery_id == deliveries.c.delivery_id,
    )
    wanted = (
        select(recipients.c.person_id, answers.c.kind, answers.c.answered_at)
        .join_from(deliveries, recipients, BEHIND)
        .join(answers, same)
        .where(
            deliveries.c.commune == of[0],
            deliveries.c.version_id == of[1],
            recipients.c.person_id.in_(ids),
        )
        .order_by(answers.c.answered_at)
    )
    for row in connection.execute(wanted):
        one = found.get(row.person_id)
        if one is not None and one.answered != "help":  # a request for help is never hidden
            one.answered, one.answered_at = row.kind, row.answered_at


def _told(
    connection: Connection, of: tuple[str, str], ids: Sequence[str], found: dict[str, BehindDoor]
) -> None:
    wanted = select(told_marks).where(
        told_marks.c.commune == of[0],
        told_marks.c.version_id == of[1],
        told_marks.c.person_id.in_(ids),
    )
    for row in connection.execute(wanted):
        if row.person_id in found:
            one = found[row.person_id]
            one.told, one.told_at, one.told_by = row.how, row.told_at, row.told_by
