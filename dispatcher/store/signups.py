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
from dispatcher.store.code_messages import CodeMessage, blank_out, send_code
from dispatcher.store.joining import join, rejoin
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.outgoing import deliveries
from dispatcher.store.register_rows import Register
from dispatcher.store.registers import Resident, held
from dispatcher.store.signup_tables import code_sends, signups
from dispatcher.store.statements import insert_missing
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

    A limit leaves nothing behind, nor does the same form sent twice.
    """
    place = personal.signup_at(commune, signup_id)
    if limit := await _refusal(ledger, commune, code):
        return limit
    async with ledger.writing() as connection:
        await take_turns(connection, "signup", commune="")
        if limit := await too_many(connection, commune, code.asking, daily=code.daily):
            return limit
        now = (await connection.execute(select(db_now()))).scalar_one()
        row = {
            "commune": commune,
            "signup_id": signup_id,
            "told": personal.sealed(ledger.ring, told, place),
            "code_mark": code.mark,
            "begun_at": now,
            "code_until": now + code.message.lasts_s,
        }
        if await insert_missing(connection, signups, [row]):
            await _send(connection, commune, signup_id, code=code, ledger=ledger)
    return ""


async def _refusal(ledger: Ledger, commune: str, code: NewCode) -> str:
    """Ask for the limits before the writer's turn: who is refused holds nobody up."""
    async with ledger.reading() as connection:
        return await too_many(connection, commune, code.asking, daily=code.daily)


async def send_again(ledger: Ledger, commune: str, signup_id: str, *, code: NewCode) -> str:
    """Send another code in the place of the last one; return the limit that forbids it, or ""."""
    if limit := await _refusal(ledger, commune, code):
        return limit
    async with ledger.writing() as connection:
        await take_turns(connection, "signup", commune="")
        if limit := await too_many(connection, commune, code.asking, daily=code.daily):
            return limit
        waits = and_(_this(commune, signup_id), signups.c.verified_at.is_(None))
        until = db_now() + code.message.lasts_s
        values = {"code_mark": code.mark, "tries": 0, "code_until": until}
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
    ).where(_this(commune, signup_id), recent)
    async with ledger.reading() as connection:
        row = (await connection.execute(wanted)).first()
    if row is None:
        return None
    told = personal.read(ledger.ring, row.told, personal.signup_at(commune, signup_id))
    verified = row.verified_at is not None
    return Waiting(signup_id, told, verified, bool(row.serves), row.person_id)


@dataclass(frozen=True)
class Enrolling:
    """Who is enrolled by her code: as she said it, joined how to what is known of her."""

    said: Resident
    joined: Callable[[Resident, Resident], Resident]  # what is held, what she says
    line: Callable[[str, bool], Chained]  # of her id, and whether she was enrolled before


async def confirm(
    ledger: Ledger, commune: str, signup_id: str, *, code_mark: str | None, enrolling: Enrolling
) -> str:
    """Try a code; where it is right, enrol her in the same transaction.

    None is no code: whoever answered a call of this sign-up agrees.

    Returns `enrolled`, `again` (it was already), `wrong`, `spent` (tried too often, or too late),
    or `gone`. Of two that come together with the right code, one enrols her.
    """
    async with ledger.writing() as connection:
        await take_turns(connection, "people", commune=commune)
        await take_turns(connection, "signup", commune="")
        serves = and_(signups.c.code_mark != "", signups.c.code_until > db_now())
        wanted = select(signups, serves.label("serves")).where(_this(commune, signup_id))
        row = (await connection.execute(wanted)).first()
        if row is None:
            return "gone"
        if row.verified_at is not None:
            return "again"
        if not row.serves:
            return "spent"
        if code_mark is not None and not hmac.compare_digest(row.code_mark, code_mark):
            return await _tried(connection, commune, signup_id, tries=row.tries + 1)
        register = Register(commune, ledger.ring)
        person, known = await join(connection, register, enrolling.said, joined=enrolling.joined)
        done = {"verified_at": db_now(), "person_id": person, "code_mark": "", "told": ""}
        await connection.execute(update(signups).where(_this(commune, signup_id)).values(done))
        mine = and_(code_sends.c.commune == commune, code_sends.c.signup_id == signup_id)
        await connection.execute(update(code_sends).where(mine).values(used=True))
        await _blank_out(connection, mine)
        line = enrolling.line(person, known)
        await append(connection, commune=commune, entry=line.entry, key=line.key)
    return "enrolled"


async def called_by(ledger: Ledger, commune: str, delivery_id: str) -> Waiting | None:
    """Return the sign-up that a call was made for; None where it is another call, or over."""
    mine = and_(deliveries.c.commune == commune, deliveries.c.delivery_id == delivery_id)
    wanted = select(code_sends.c.signup_id).where(
        code_sends.c.commune == commune,
        code_sends.c.message.in_(select(deliveries.c.version_id).where(mine)),
    )
    async with ledger.reading() as connection:
        found = (await connection.execute(wanted)).scalar()
    return None if found is None else await waiting(ledger, commune, found)


async def decline(ledger: Ledger, commune: str, signup_id: str) -> bool:
    """Forget a sign-up that whoever answered refused: for a day, the refusal alone is kept."""
    mine = and_(code_sends.c.commune == commune, code_sends.c.signup_id == signup_id)
    waits = and_(_this(commune, signup_id), signups.c.verified_at.is_(None))
    async with ledger.writing() as connection:
        await take_turns(connection, "signup", commune="")
        gone = await connection.execute(delete(signups).where(waits))
        if gone.rowcount:
            await connection.execute(update(code_sends).where(mine).values(declined=True))
            await _blank_out(connection, mine)
    return bool(gone.rowcount)


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
            message=code.message.ident,
            contact_mark=asking.contact,
            range_mark=asking.range,
            source_mark=asking.source,
            network_mark=asking.network,
            sent_at=db_now(),
        )
    )
    await send_code(connection, commune, code.message, ring=ledger.ring)


async def forget_old(ledger: Ledger) -> None:
    """Forget what was begun and never confirmed, and where codes went: after a day."""
    old = code_sends.c.sent_at < db_now() - DAY_S
    begun = signups.c.begun_at < db_now() - DAY_S
    async with ledger.reading() as look:  # an idle turn takes no writer's place
        known = select(code_sends.c.serial).where(old).limit(1)
        waits = select(signups.c.signup_id).where(begun).limit(1)
        if not [one for one in (known, waits) if (await look.execute(one)).first()]:
            return
    async with ledger.writing() as connection:
        await take_turns(connection, "signup", commune="")
        await _blank_out(connection, old)
        await connection.execute(delete(code_sends).where(old))
        await connection.execute(delete(signups).where(begun))


async def _blank_out(connection: AsyncConnection, which: ColumnElement[bool]) -> None:
    sent = select(code_sends.c.commune, code_sends.c.message).where(which)
    for row in (await connection.execute(sent)).all():
        await blank_out(connection, row.commune, [row.message])


def _this(commune: str, signup_id: str) -> ColumnElement[bool]:
    return and_(signups.c.commune == commune, signups.c.signup_id == signup_id)
