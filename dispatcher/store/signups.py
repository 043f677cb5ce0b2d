"""Who enrols by herself: what she said waits, sealed, until her code comes back.

What is asked for a contact that is known is done as for one that is not: nobody learns by it who is
enrolled.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store import personal
from dispatcher.store.clock import db_now
from dispatcher.store.code_limits import DAY_S, Asking, too_many
from dispatcher.store.code_messages import CodeMessage, send_code
from dispatcher.store.joining import join, rejoin
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.outgoing import deliveries
from dispatcher.store.register_rows import Register
from dispatcher.store.registers import Resident, held
from dispatcher.store.signup_tables import code_sends, signups
from dispatcher.store.turns import take_turns
from dispatcher.store.versions import Chained

MOST_TRIES = 5  # of one code


@dataclass(frozen=True)
class Waiting:
    """A sign-up as it stands: what was said, and whether its code came back.

    `code_sent` is false where the last code may not be tried any more: another one is asked for.
    """

    signup_id: str
    told: str
    verified: bool
    code_serves: bool
    person_id: str | None
    message: str = ""


@dataclass(frozen=True)
class NewCode:
    """A code to send: its mark, and its message."""

    mark: str
    message: CodeMessage
    asking: Asking
    daily: int


async def begin(
    ledger: Ledger, commune: str, signup_id: str, *, told: str, code: NewCode
) -> str:  # fmt: skip
    """Keep what was said and send its code, at once; return the limit that forbids it, or "".

    A limit leaves nothing behind.
    """
    place = personal.signup_at(commune, signup_id)
    async with ledger.writing() as connection:
        await take_turns(connection, "signup", commune=commune)
        await _forget_old(connection)
        if limit := await too_many(connection, commune, code.asking, daily=code.daily):
            return limit
        now = (await connection.execute(select(db_now()))).scalar_one()
        await connection.execute(
            signups.insert().values(
                commune=commune,
                signup_id=signup_id,
                told=personal.sealed(ledger.ring, told, place),
                contact_mark=code.asking.contact,
                code_mark=code.mark,
                message=code.message.ident,
                begun_at=now,
                code_until=now + code.message.lasts_s,
            )
        )
        await _send(connection, commune, signup_id, code=code, ledger=ledger)
    return ""


async def send_again(ledger: Ledger, commune: str, signup_id: str, *, code: NewCode) -> str:
    """Send another code in the place of the last one; return the limit that forbids it, or ""."""
    async with ledger.writing() as connection:
        await take_turns(connection, "signup", commune=commune)
        if limit := await too_many(connection, commune, code.asking, daily=code.daily):
            return limit
        waits = and_(_this(commune, signup_id), signups.c.verified_at.is_(None))
        until = db_now() + code.message.lasts_s
        ident = code.message.ident
        values = {"code_mark": code.mark, "message": ident, "tries": 0, "code_until": until}
        changed = await connection.execute(update(signups).where(waits).values(values))
        if changed.rowcount:
            await _send(connection, commune, signup_id, code=code, ledger=ledger)
    return ""


async def waiting(ledger: Ledger, commune: str, signup_id: str) -> Waiting | None:
    """Return a sign-up of the last day; None where there is none."""
    recent = signups.c.begun_at > db_now() - DAY_S
    serves = and_(signups.c.code_mark != "", signups.c.code_until > db_now())
    wanted = select(
        signups.c.told,
        signups.c.verified_at,
        serves.label("serves"),
        signups.c.person_id,
        signups.c.message,
    ).where(_this(commune, signup_id), recent)
    async with ledger.reading() as connection:
        row = (await connection.execute(wanted)).first()
    if row is None:
        return None
    told = personal.read(ledger.ring, row.told, personal.signup_at(commune, signup_id))
    verified = row.verified_at is not None
    return Waiting(signup_id, told, verified, bool(row.serves), row.person_id, row.message)


@dataclass(frozen=True)
class Enrolling:
    """Who is enrolled by her code: as she said it, joined how to what is known of her."""

    said: Resident
    joined: Callable[[Resident, Resident], Resident]  # what is held, what she says
    line: Callable[[str, bool], Chained]  # of her id, and whether she was enrolled before


async def confirm(
    ledger: Ledger, commune: str, signup_id: str, *, code_mark: str, enrolling: Enrolling
) -> str:
    """Try a code; where it is right, enrol her in the same transaction.

    Returns `enrolled`, `again` (it was already), `wrong`, `spent` (tried too often, or too late),
    or `gone`. Of two that come together with the right code, one enrols her.
    """
    async with ledger.writing() as connection:
        await take_turns(connection, "people", commune=commune)
        await take_turns(connection, "signup", commune=commune)
        serves = and_(signups.c.code_mark != "", signups.c.code_until > db_now())
        wanted = select(signups, serves.label("serves")).where(_this(commune, signup_id))
        row = (await connection.execute(wanted)).first()
        if row is None:
            return "gone"
        if row.verified_at is not None:
            return "again"
        if not row.serves:
            return "spent"
        if not hmac.compare_digest(row.code_mark, code_mark):
            return await _tried(connection, commune, signup_id, tries=row.tries + 1)
        register = Register(commune, ledger.ring)
        person, known = await join(connection, register, enrolling.said, joined=enrolling.joined)
        done = {"verified_at": db_now(), "person_id": person, "code_mark": "", "told": ""}
        await connection.execute(update(signups).where(_this(commune, signup_id)).values(done))
        mine = and_(code_sends.c.commune == commune, code_sends.c.signup_id == signup_id)
        await connection.execute(update(code_sends).where(mine).values(used=True))
        line = enrolling.line(person, known)
        await append(connection, commune=commune, entry=line.entry, key=line.key)
    return "enrolled"


async def called_by(ledger: Ledger, commune: str, delivery_id: str) -> Waiting | None:
    """Return the sign-up that a call was made for; None where it is another call, or over."""
    mine = and_(deliveries.c.commune == commune, deliveries.c.delivery_id == delivery_id)
    wanted = select(signups.c.signup_id).where(
        signups.c.commune == commune,
        signups.c.message.in_(select(deliveries.c.version_id).where(mine)),
    )
    async with ledger.reading() as connection:
        found = (await connection.execute(wanted)).scalar()
    return None if found is None else await waiting(ledger, commune, found)


async def decline(ledger: Ledger, commune: str, signup_id: str) -> None:
    """Forget a sign-up that whoever answered refused: nothing of it is kept but the refusal."""
    mine = and_(code_sends.c.commune == commune, code_sends.c.signup_id == signup_id)
    waits = and_(_this(commune, signup_id), signups.c.verified_at.is_(None))
    async with ledger.writing() as connection:
        gone = await connection.execute(delete(signups).where(waits))
        if gone.rowcount:
            await connection.execute(update(code_sends).where(mine).values(declined=True))


async def change(
    ledger: Ledger,
    commune: str,
    signup_id: str,
    *,
    of: Callable[[Resident], Resident],
    line: Callable[[str], Chained],
) -> bool:
    """Change what is held of who was enrolled by this sign-up; False where she is not any more."""
    async with ledger.writing() as connection:
        await take_turns(connection, "people", commune=commune)
        wanted = select(signups.c.person_id).where(_this(commune, signup_id))
        person = (await connection.execute(wanted)).scalar()
        if person is None or not await rejoin(
            connection, Register(commune, ledger.ring), person, of=of
        ):
            return False
        written = line(person)
        await append(connection, commune=commune, entry=written.entry, key=written.key)
    return True


async def held_of(ledger: Ledger, commune: str, person_id: str) -> Resident | None:
    """Return what is held of somebody; None where she is not enrolled any more."""
    async with ledger.reading() as connection:
        found = await held(connection, commune, [person_id], ring=ledger.ring)
    return found.get(person_id)


async def _tried(connection: AsyncConnection, commune: str, signup_id: str, *, tries: int) -> str:
    spent = tries >= MOST_TRIES
    values: dict[str, object] = {"tries": tries}
    if spent:
        values["code_mark"] = ""
    await connection.execute(update(signups).where(_this(commune, signup_id)).values(values))
    return "spent" if spent else "wrong"


async def _send(
    connection: AsyncConnection, commune: str, signup_id: str, *, code: NewCode, ledger: Ledger
) -> None:
    asking = code.asking
    await connection.execute(
        code_sends.insert().values(
            commune=commune,
            signup_id=signup_id,
            contact_mark=asking.contact,
            range_mark=asking.range,
            source_mark=asking.source,
            network_mark=asking.network,
            sent_at=db_now(),
        )
    )
    await send_code(connection, commune, code.message, ring=ledger.ring)


async def _forget_old(connection: AsyncConnection) -> None:
    """Forget what was begun and never confirmed, and where codes went: after a day."""
    for table, at in ((signups, signups.c.begun_at), (code_sends, code_sends.c.sent_at)):
        await connection.execute(delete(table).where(at < db_now() - DAY_S))


def _this(commune: str, signup_id: str) -> ColumnElement[bool]:
    return and_(signups.c.commune == commune, signups.c.signup_id == signup_id)
