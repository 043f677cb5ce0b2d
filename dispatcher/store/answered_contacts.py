"""Who answers holds the contact that was written to or called: it is confirmed so, and works."""

from sqlalchemy import Connection, bindparam, delete, select, update

from dispatcher.store.clock import db_now
from dispatcher.store.cover_tables import failing
from dispatcher.store.tables import contacts

# Made once: answers come at two hundred a second, and hardly any of them confirms something.
# Whose it is comes from the index alone: SQLite would otherwise go through all of the commune's.
_WHOSE = contacts.alias("whose")
_UNSURE = (
    select(contacts.c.person_id)
    .where(
        contacts.c.commune == bindparam("of_commune"),
        contacts.c.mark == bindparam("of_mark"),
        contacts.c.person_id.in_(
            select(_WHOSE.c.person_id).where(
                _WHOSE.c.commune == bindparam("of_commune"),
                _WHOSE.c.mark == bindparam("of_mark"),
            )
        ),
        contacts.c.verified_at.is_(None),
    )
    .with_for_update(skip_locked=True, of=contacts)
)
_SURE = (
    update(contacts)
    .where(
        contacts.c.commune == bindparam("of_commune"),
        contacts.c.mark == bindparam("of_mark"),
        contacts.c.person_id.in_(bindparam("whose", expanding=True)),
        contacts.c.verified_at.is_(None),
    )
    .values(verified_at=db_now())
)
_FLAGGED = (
    select(failing.c.person_id)
    .where(failing.c.commune == bindparam("of_commune"), failing.c.mark == bindparam("of_mark"))
    .with_for_update(skip_locked=True)
)
_WORKS = delete(failing).where(
    failing.c.commune == bindparam("of_commune"),
    failing.c.mark == bindparam("of_mark"),
    failing.c.person_id.in_(bindparam("whose", expanding=True)),
)


def confirm_contact(connection: Connection, *, commune: str, mark: str) -> None:
    """Keep, in the transaction of an answer, that the contact it came from works.

    Of everybody who has it and did not confirm it before: a shared telephone answers for its
    household. It fails no more, whoever confirmed it (`failing.py`).

    An answer has no turn of `people`, and would wait too long for it: an import holds it. So it
    waits for nobody's row either (SKIP LOCKED). Who writes people holds rows of `contacts` and may
    then want the delivery that this answer holds (`erasing.py`): PostgreSQL would have to break one
    of the two off. Whom somebody writes just then stays as she is until her next answer or code.
    """
    named = {"of_commune": commune, "of_mark": mark}
    whose = sorted(set(connection.execute(_UNSURE, named).scalars()))
    if whose:
        connection.execute(_SURE, {**named, "whose": whose})
    flagged = sorted(connection.execute(_FLAGGED, named).scalars())
    if flagged:
        connection.execute(_WORKS, {**named, "whose": flagged})
