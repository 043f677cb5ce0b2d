"""Requests for help as they come in: each is a call, and who asks again has the same one.

By whichever of her contacts and to whichever alert she asks: a person is helped once. A contact
that several people share, or that nobody has, asks for itself: who of them asks is not known. An
exercise hides no real call: each has its own.
"""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, bindparam, case, func, insert, select, text, update

from dispatcher.store.clock import db_now
from dispatcher.store.following_tables import OPEN, help_calls
from dispatcher.store.outgoing import alerts, versions
from dispatcher.store.people import residents_with
from dispatcher.store.statements import insert_in
from dispatcher.store.turns import take_turns_in

ONE_CRY_S = 10.0


@dataclass(frozen=True)
class Cry:
    """A request for help as it comes in; `contact_mark` is empty where the number is hidden.

    `sid` is of the reply; or, `via` the register, of the card that whoever keeps it may open.
    """

    commune: str
    via: str
    contact_mark: str
    version_id: str | None = None
    delivery_id: str | None = None
    sid: str | None = None


# One SMS answers each message of its number, within the same instant.
_LONG_AGO = help_calls.c.came_at < db_now() - ONE_CRY_S
_OF_HER = and_(_LONG_AGO, help_calls.c.owner.is_not(None))
_SINCE = func.coalesce(help_calls.c.anew_at, db_now())  # crying on puts the clock back for nobody


def keep_cry(connection: Connection, cry: Cry) -> None:
    """Keep a request for help inside the transaction that keeps what was answered.

    Asked again while a call is open, it is the same call, asked again; by two media at one instant
    too. Lock the messages that are answered before: this is the last lock but the logbook's.
    """
    alert, mode = _alert_of(connection, cry)
    subject = _subject(connection, cry)
    take_turns_in(connection, f"cry.{subject}", commune=cry.commune)
    hers = {"of_commune": cry.commune, "of_subject": subject, "of_mode": mode}
    if connection.execute(_ASK_AGAIN, hers).rowcount:
        return
    asked = {
        "commune": cry.commune,
        "call_id": secrets.token_hex(8),
        "alert_id": alert,
        "mode": mode,
        "subject": subject,
        "delivery_id": cry.delivery_id,
        "sid": cry.sid,
        "via": cry.via,
    }
    connection.execute(_ASK, asked)


@dataclass(frozen=True)
class DoorCry:
    """Somebody behind a door needs help, says who knocked; `report_id` is what was found there."""

    alert_id: str
    mode: str
    mission: str
    door: str
    report_id: str


def keep_door_cry(connection: Connection, commune: str, cry: DoorCry) -> None:
    """Keep a call for help of a door inside the transaction of its report, as `keep_cry` does."""
    asked = insert_in(connection.dialect.name, help_calls).values(
        commune=commune,
        call_id=secrets.token_hex(8),
        alert_id=cry.alert_id,
        mode=cry.mode,
        subject=_hashed(f"{commune}\n{cry.mission}\n{cry.door}"),
        report_id=cry.report_id,
        via="door",
        came_at=db_now(),
    )
    same_door = ["commune", "alert_id", "subject"]
    connection.execute(
        asked.on_conflict_do_update(
            index_elements=same_door, index_where=text(OPEN), set_=_asked_again()
        )
    )


def _asked_again() -> dict[str, Any]:
    return {
        "again_at": case((_LONG_AGO, db_now()), else_=help_calls.c.again_at),
        "anew_at": case((_OF_HER, _SINCE), else_=help_calls.c.anew_at),
    }


def _alert_of(connection: Connection, cry: Cry) -> tuple[str, str]:
    if cry.version_id is None:
        return "", "real"
    named = {"of_commune": cry.commune, "of_version": cry.version_id}
    row = connection.execute(_ALERT, named).first()
    return (row.alert_id, row.mode) if row else ("", "real")


def _subject(connection: Connection, cry: Cry) -> str:
    """Return what tells who asks from others, and holds no number: her, or a shared telephone."""
    behind: list[str] = []
    if cry.contact_mark:
        wanted = residents_with(cry.commune, cry.contact_mark).limit(2)
        behind = list(connection.execute(wanted).scalars())
    said = cry.contact_mark or cry.sid or cry.delivery_id or ""
    return _hashed(f"{cry.commune}\n{behind[0] if len(behind) == 1 else said}")


def _hashed(said: str) -> str:
    return hashlib.sha256(said.encode()).hexdigest()[:32]


_ASK = insert(help_calls).values(came_at=db_now())
_ASK_AGAIN = (
    update(help_calls)
    .where(
        help_calls.c.commune == bindparam("of_commune"),
        help_calls.c.subject == bindparam("of_subject"),
        help_calls.c.mode == bindparam("of_mode"),
        help_calls.c.closed_at.is_(None),
    )
    .values(**_asked_again())
)
_ALERT = (
    select(alerts.c.alert_id, alerts.c.mode)
    .join(
        versions,
        and_(alerts.c.commune == versions.c.commune, alerts.c.alert_id == versions.c.alert_id),
    )
    .where(
        versions.c.commune == bindparam("of_commune"),
        versions.c.version_id == bindparam("of_version"),
    )
)
