"""What STOP and REPRENDRE change of whoever is behind a contact, each with its logbook line.

A first STOP ends information at once, of what waits to leave too, and tells her what a second one
ends: the warnings of danger. That one is her choice, and it is kept. Neither frees anybody from a
duty of the plan.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, exists, or_, select, update

from dispatcher.store.clock import db_now
from dispatcher.store.information import heard_again, silenced, topics_of, wanted_of
from dispatcher.store.logbook import Entry, append_all
from dispatcher.store.names import number_delivery
from dispatcher.store.outgoing import BEHIND, deliveries, recipients, versions
from dispatcher.store.people import DUTY, MEDIA
from dispatcher.store.tables import contacts, persons

WARNED = ("stop_informed", "stop_warned")  # information ended, and she knows what a second one ends
STOPPED, STARTED = "stopped", "started"
STOPS = (*WARNED, STOPPED)
CONSENTS = (*STOPS, STARTED)


@dataclass(frozen=True)
class Spoken:
    """Where it was said from: a telephone or a mail address, by its mark, in one commune."""

    commune: str
    mark: str
    by: str  # how, as the logbook says it


def consent(connection: Connection, said: str, spoken: Spoken, *, key: bytes) -> None:
    """Change what everybody behind a contact is told, in the caller's transaction.

    Who calls has taken the turn of `people`. `said` is of `CONSENTS`.
    """
    behind = select(contacts.c.person_id).where(
        contacts.c.commune == spoken.commune, contacts.c.mark == spoken.mark
    )
    theirs = (
        persons.c.commune == spoken.commune,
        persons.c.person_id.in_(behind),
        ~persons.c.person_id.startswith(DUTY, autoescape=True),
    )
    if said in WARNED:
        changed, kind = _inform(connection, theirs, starts=False), "information_off"
        _withdraw(connection, spoken.commune, sorted(changed))
    elif said == STARTED:
        changed = _inform(connection, theirs, starts=True) | _warn(connection, theirs, starts=True)
        kind = "subscribed"
    else:
        changed, kind = _warn(connection, theirs, starts=False), "unsubscribed"
    text = _TEXTS[kind].format(by=spoken.by)
    entries = [
        Entry("resident", f"residents.{kind}", text, {"person": person})
        for person in sorted(changed)
    ]
    if entries:
        append_all(connection, commune=spoken.commune, entries=entries, key=key)


_TEXTS = {
    "information_off": "Habitant qui ne veut plus d'informations, dit {by} : le danger lui est"
    " toujours annoncé",
    "unsubscribed": "Habitant désinscrit {by}",
    "subscribed": "Habitant réinscrit {by}",
}


def _warn(
    connection: Connection, theirs: Sequence[ColumnElement[bool]], *, starts: bool
) -> set[str]:
    off = persons.c.unsubscribed_at
    changed = connection.execute(
        update(persons)
        .where(*theirs, off.is_not(None) if starts else off.is_(None))
        .values(unsubscribed_at=None if starts else db_now())
        .returning(persons.c.person_id)
    )
    return set(changed.scalars())


def _inform(
    connection: Connection, theirs: Sequence[ColumnElement[bool]], *, starts: bool
) -> set[str]:
    changed = set()
    wanted = select(persons.c.commune, persons.c.person_id, persons.c.information).where(*theirs)
    for row in connection.execute(wanted).all():
        chosen = wanted_of(row.information)
        now = heard_again(chosen) if starts else silenced(chosen)
        if now != chosen:
            hers = persons.c.commune == row.commune, persons.c.person_id == row.person_id
            connection.execute(update(persons).where(*hers).values(information=now.as_text()))
            changed.add(row.person_id)
    return changed


def _withdraw(connection: Connection, commune: str, stopped: Sequence[str]) -> None:
    """Settle the informations that wait to leave for contacts behind which all have stopped.

    What is on its way leaves. By name: no index tells the deliveries of a person.
    """
    in_force = select(versions.c.version_id, versions.c.content).where(
        versions.c.commune == commune,
        versions.c.state == "launched",
        versions.c.expires_at > db_now(),
    )
    named = [
        row.version_id for row in connection.execute(in_force) if topics_of(row.content) is not None
    ]
    theirs = contacts.c.commune == commune, contacts.c.person_id.in_(stopped)
    marks = set(connection.execute(select(contacts.c.mark).where(*theirs)).scalars())
    waiting = [
        number_delivery(commune, version, medium, contact_mark=mark)
        for version in named
        for medium in MEDIA
        for mark in sorted(marks)
    ]
    if not waiting:
        return
    others = exists().where(BEHIND, recipients.c.person_id.not_in(stopped))
    connection.execute(
        update(deliveries)
        .where(
            deliveries.c.commune == commune,
            deliveries.c.delivery_id.in_(waiting),
            or_(deliveries.c.state == "ready", deliveries.c.state == "claimed"),
            ~others,
        )
        .values(
            state="suppressed",
            reason="topic_off",
            settled_at=db_now(),
            owner=None,
            lease_until=None,
            fence=deliveries.c.fence + 1,
        )
    )
