"""A decision by telephone: whom a call rang, how far the conversation is, the personal codes.

Each answer of a conversation is taken once: a callback that comes again finds the next step and is
refused. Errors outlive a hang-up and a new ring: they are counted by person over a day, and who was
refused stays refused for this version.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.clock import db_now
from dispatcher.store.decision_tables import approval_pins, approval_rings, phone_approvals
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.outgoing import BEHIND, deliveries, recipients, versions
from dispatcher.store.people import DUTY
from dispatcher.store.statements import insert_for, insert_missing
from dispatcher.store.tables import users
from dispatcher.store.users import ENTITLED, User
from dispatcher.store.versions import Chained

APPROVED, REFUSED, OVER = "approved", "refused", "over"
MOST_ERRORS = 3
DAY_S = 24 * 3_600.0


@dataclass(frozen=True)
class Called:
    """Whom a call of ours rang, for which version that waits, in which language."""

    commune: str
    ring_id: str
    version_id: str
    person_id: str
    language: str


@dataclass(frozen=True)
class Ended:
    """How somebody's conversation ended: `login` is hers as a user, empty where she has none."""

    person_id: str
    how: str
    login: str


@dataclass(frozen=True)
class Talk:
    """How far a conversation is: `step` answers were taken, `people` as she typed it right.

    `before` are the errors of her other conversations that still count against her.
    """

    step: int
    errors: int
    digest: str
    people: int | None
    ended: str | None
    before: int = 0

    @property
    def refused(self) -> bool:
        """Whether she made so many errors that nothing is asked of her any more."""
        return self.ended == REFUSED or self.errors + self.before >= MOST_ERRORS


async def called_by(ledger: Ledger, commune: str, delivery_id: str) -> Called | None:
    """Return whom a delivery rang for an approval; None where it was for something else."""
    ring = and_(
        approval_rings.c.commune == versions.c.commune,
        approval_rings.c.ring_id == versions.c.alert_id,
    )
    its = and_(
        versions.c.commune == deliveries.c.commune,
        versions.c.version_id == deliveries.c.version_id,
    )
    wanted = (
        select(
            deliveries.c.commune,
            approval_rings.c.ring_id,
            approval_rings.c.version_id,
            recipients.c.person_id,
            deliveries.c.language,
        )
        .join_from(deliveries, recipients, BEHIND)
        .join(versions, its)
        .join(approval_rings, ring)
        .where(deliveries.c.commune == commune, deliveries.c.delivery_id == delivery_id)
    )
    async with ledger.reading() as connection:
        row = (await connection.execute(wanted)).first()
        return Called(**row._mapping) if row else None


async def user_of_contact(ledger: Ledger, commune: str, contact: str) -> tuple[User, str] | None:
    """Return the user that somebody of the directory is, with the hash of her code; None: none.

    Who lost her access, or keeps no code, decides nothing by telephone.
    """
    pin = and_(approval_pins.c.commune == users.c.commune, approval_pins.c.login == users.c.login)
    names = (users.c[name] for name in User.__dataclass_fields__)
    wanted = (
        select(*names, approval_pins.c.digest)
        .join(approval_pins, pin)
        .where(users.c.commune == commune, users.c.contact_id == contact, ENTITLED)
        .order_by(approval_pins.c.set_at.desc())
        .limit(1)
    )
    async with ledger.reading() as connection:
        row = (await connection.execute(wanted)).first()
    if row is None:
        return None
    values = {name: row._mapping[name] for name in User.__dataclass_fields__}
    return User(**values), row.digest


async def begin_talk(ledger: Ledger, called: Called, *, digest: str) -> Talk:
    """Begin a conversation about what has this digest, or return the one that there was.

    Whoever rings off and is rung again hears it anew; her errors stay counted.
    """
    async with ledger.writing() as connection:
        row = {
            "commune": called.commune,
            "ring_id": called.ring_id,
            "person_id": called.person_id,
            "digest": digest,
            "begun_at": (await connection.execute(select(db_now()))).scalar_one(),
        }
        await insert_missing(connection, phone_approvals, [row])
        await connection.execute(
            update(phone_approvals)
            .where(_mine(called), phone_approvals.c.ended.is_(None))
            .values(step=phone_approvals.c.step + 1, digest=digest, people=None)
        )
        talk = await _talk(connection, called)
        if talk is None:  # it has just been written
            raise LookupError(called.ring_id)
        return talk


async def talk_at(ledger: Ledger, called: Called) -> Talk | None:
    """Return how far a conversation is."""
    async with ledger.reading() as connection:
        return await _talk(connection, called)


async def _talk(connection: AsyncConnection, called: Called) -> Talk | None:
    names = [phone_approvals.c[name] for name in Talk.__dataclass_fields__ if name != "before"]
    row = (await connection.execute(select(*names).where(_mine(called)))).first()
    return Talk(**row._mapping, before=await _before(connection, called)) if row else None


async def _before(connection: AsyncConnection, called: Called) -> int:
    """Count the errors of her other conversations of a day, for whichever alert.

    Since her last right code, or since she chose a new one: whoever guesses has neither. Who was
    refused for this version has none left, however long ago.
    """
    told = phone_approvals.c
    ring = and_(approval_rings.c.commune == told.commune, approval_rings.c.ring_id == told.ring_id)
    hers = and_(told.commune == called.commune, told.person_id == called.person_id)
    wanted = (
        select(told.errors, told.ended, told.begun_at, approval_rings.c.version_id)
        .join_from(phone_approvals, approval_rings, ring)
        .where(hers, told.ring_id != called.ring_id)
    )
    rows = (await connection.execute(wanted)).all()
    if any(row.ended == REFUSED and row.version_id == called.version_id for row in rows):
        return MOST_ERRORS
    pin = and_(approval_pins.c.commune == users.c.commune, approval_pins.c.login == users.c.login)
    person = called.person_id.removeprefix(DUTY)
    chosen = (
        select(func.max(approval_pins.c.set_at), db_now())
        .join_from(approval_pins, users, pin)
        .where(users.c.commune == called.commune, users.c.contact_id == person)
    )
    set_at, now = (await connection.execute(chosen)).one()
    right = [row.begun_at for row in rows if row.ended == APPROVED]
    since = max(now - DAY_S, set_at or 0.0, *right)
    return sum(row.errors for row in rows if row.begun_at > since)


async def talks_ended(ledger: Ledger, commune: str, ring_id: str) -> Sequence[Ended]:
    """Return how the conversations of a ring ended, those that have."""
    hers = and_(
        users.c.commune == phone_approvals.c.commune,
        phone_approvals.c.person_id == literal(DUTY).concat(users.c.contact_id),
    )
    ended = phone_approvals.c.ended
    login = func.coalesce(users.c.login, "").label("login")
    wanted = (
        select(phone_approvals.c.person_id, ended.label("how"), login)
        .join_from(phone_approvals, users, hers, isouter=True)
        .where(phone_approvals.c.commune == commune, phone_approvals.c.ring_id == ring_id)
        .where(ended.is_not(None))
        .order_by(phone_approvals.c.person_id, login)
    )
    async with ledger.reading() as connection:
        return [Ended(**row._mapping) for row in await connection.execute(wanted)]


async def answer_talk(
    ledger: Ledger,
    called: Called,
    *,
    step: int,
    values: Mapping[str, object],
    line: Chained | None = None,
) -> bool:
    """Take the answer to a step, once; False where it was taken before, or all is over."""
    async with ledger.writing() as connection:
        taken = await connection.execute(
            update(phone_approvals)
            .where(_mine(called), phone_approvals.c.step == step, phone_approvals.c.ended.is_(None))
            .values(step=step + 1, **values)
        )
        if taken.rowcount == 0:
            return False
        if line is not None:
            await append(connection, commune=called.commune, entry=line.entry, key=line.key)
    return True


async def keep_pin(ledger: Ledger, commune: str, login: str, *, digest: str, line: Chained) -> None:
    """Keep the hash of a user's code for the telephone, with the line that says so."""
    async with ledger.writing() as connection:
        row = {"commune": commune, "login": login, "digest": digest, "set_at": db_now()}
        await connection.execute(
            insert_for(connection, approval_pins)
            .values(row)
            .on_conflict_do_update(
                index_elements=["commune", "login"], set_={"digest": digest, "set_at": db_now()}
            )
        )
        await append(connection, commune=commune, entry=line.entry, key=line.key)


async def has_pin(ledger: Ledger, commune: str, login: str) -> bool:
    """Tell whether a user keeps a code for the telephone."""
    wanted = select(approval_pins.c.login).where(
        approval_pins.c.commune == commune, approval_pins.c.login == login
    )
    async with ledger.reading() as connection:
        return (await connection.execute(wanted)).first() is not None


def _mine(called: Called) -> ColumnElement[bool]:
    return and_(
        phone_approvals.c.commune == called.commune,
        phone_approvals.c.ring_id == called.ring_id,
        phone_approvals.c.person_id == called.person_id,
    )
