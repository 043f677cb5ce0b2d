"""Who was not reached by a message and was told all the same: by whom, when, how."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from dispatcher.store.call_list import is_missed
from dispatcher.store.clock import db_now
from dispatcher.store.following_tables import told_marks
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.statements import insert_for
from dispatcher.store.versions import Chained

HOWS = ("phoned", "at_door", "absent")


@dataclass(frozen=True)
class Told:
    """One mark; `at` in epoch seconds."""

    how: str
    at: float
    by: str


async def note_told(
    ledger: Ledger, of: tuple[str, str, str], how: str, *, line: Chained
) -> bool:  # fmt: skip
    """Note that somebody was told, or was absent: `of` is commune, version and person.

    A later mark takes the place of an earlier one; False, and nothing written, where she is not
    among those whom the version did not reach.
    """
    commune, version_id, person_id = of
    if not await is_missed(ledger, commune, version_id, person_id):  # outside: nobody waits for it
        return False
    values = {"how": how, "told_at": db_now(), "told_by": line.entry.author}
    async with ledger.writing() as connection:
        await connection.execute(
            insert_for(connection, told_marks)
            .values(commune=commune, version_id=version_id, person_id=person_id, **values)
            .on_conflict_do_update(
                index_elements=["commune", "version_id", "person_id"], set_=values
            )
        )
        await append(connection, commune=commune, entry=line.entry, key=line.key)
    return True


async def told_of(ledger: Ledger, commune: str, version_id: str) -> Mapping[str, Told]:
    """Return the marks of a version, by person."""
    names = (told_marks.c.how, told_marks.c.told_at, told_marks.c.told_by)
    wanted = select(told_marks.c.person_id, *names).where(
        told_marks.c.commune == commune, told_marks.c.version_id == version_id
    )
    rows = await ledger.read(lambda one: one.execute(wanted).all())
    return {row[0]: Told(*row[1:]) for row in rows}
