"""Who enrols by herself: what she said waits, sealed, until her code comes back.

What is asked for a contact that is known is done as for one that is not: nobody learns by it who is
enrolled.
"""

import hmac
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, and_, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.ciphers import Ring
from dispatcher.store import personal
from dispatcher.store.clock import db_now
from dispatcher.store.code_limits import DAY_S, Asking, too_many
from dispatcher.store.code_messages import CodeMessage, blank_out, send_code
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.outgoing import deliveries
from dispatcher.store.own_links import forget_ended
from dispatcher.store.own_tables import own_links
from dispatcher.store.people import residents_with
from dispatcher.store.register_rows import Register
from dispatcher.store.signup_ends import End
from dispatcher.store.signup_tables import code_sends, signups
from dispatcher.store.statements import insert_missing
from dispatcher.store.turns import take_turns

MOST_TRIES = 5  # of one code
CODE_S = 900.0  # how long one serves


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


async def of_contact(ledger: Ledger, mark: str) -> list[tuple[str, Waiting]]:
    """Return the sign-ups of a contact whose code serves, or did in its time; the newest first."""
    wanted = (
        select(code_sends.c.commune, code_sends.c.signup_id)
        .where(code_sends.c.contact_mark == mark, code_sends.c.sent_at > db_now() - CODE_S)
        .order_by(code_sends.c.serial.desc())
    )
    async with ledger.reading() as connection:
        rows = (await connection.execute(wanted)).all()
    found = []
    for commune, signup_id in dict.fromkeys((row.commune, row.signup_id) for row in rows):
        one = await waiting(ledger, commune, signup_id)
        if one is not None and (one.verified or one.code_serves):
            found.append((commune, one))
    return found


@dataclass(frozen=True)
class NewCode:
    """A code to send: its mark, and its message.

    `known_only`: it leaves for a contact of the register alone; to another nothing is sent, and all
    that can be seen from outside is the same.
    """

    mark: str
    message: CodeMessage
    asking: Asking
    daily: int
    known_only: bool = False


async def begin(
    ledger: Ledger, commune: str, signup_id: str, *, told: str, code: NewCode
) -> str:  # fmt: skip
    """Keep what was said and send its code, at once; return the limit that forbids it, or "".

    A limit leaves nothing behind, nor does the same form sent twice.
    """
    same = select(signups.c.commune).where(_this(commune, signup_id))
    if await ledger.read(lambda one: one.execute(same).first()) is not None:
        return ""  # its second click is no second code, nor refused
    if limit := await _refusal(ledger, commune, code):
        return limit
    begun = Begun(commune, signup_id, told, code)
    async with ledger.writing() as connection:
        await take_turns(connection, "signup", commune="")
        return await begin_in(connection, begun, ring=ledger.ring)


@dataclass(frozen=True)
class Begun:
    """A sign-up to begin: whose, what was said, and the code to send."""

    commune: str
    signup_id: str
    told: str = field(repr=False)
    code: NewCode


async def begin_in(connection: AsyncConnection, begun: Begun, *, ring: Ring) -> str:
    """Do what `begin` does in the caller's transaction, who has taken the turn of `signup`."""
    commune, code = begun.commune, begun.code
    if limit := await too_many(connection, commune, code.asking, daily=code.daily):
        return limit
    now = (await connection.execute(select(db_now()))).scalar_one()
    place = personal.signup_at(commune, begun.signup_id)
    row = {
        "commune": commune,
        "signup_id": begun.signup_id,
        "told": personal.sealed(ring, begun.told, place),
        "code_mark": code.mark,
        "begun_at": now,
        "code_until": now + code.message.lasts_s,
    }
    if await insert_missing(connection, signups, [row]):
        await _send(connection, commune, begun.signup_id, code=code, ring=ring)
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
            await _send(connection, commune, signup_id, code=code, ring=ledger.ring)
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


async def confirm(
    ledger: Ledger, commune: str, signup_id: str, *, code_mark: str | None, end: End
) -> str:
    """Try a code; where it is right, do in the same transaction what it was asked for.

    None is no code: whoever answered a call of this sign-up agrees.

    Returns `done`, `again` (it was already), `wrong`, `spent` (tried too often, or too late),
    or `gone`. Of two that come together with the right code, one does it.
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
        ended = await end.reach(connection, register)
        done = {"verified_at": db_now(), "person_id": ended.person, "code_mark": "", "told": ""}
        await connection.execute(update(signups).where(_this(commune, signup_id)).values(done))
        mine = and_(code_sends.c.commune == commune, code_sends.c.signup_id == signup_id)
        await connection.execute(update(code_sends).where(mine).values(used=True))
        await _blank_out(connection, mine)
        if ended.line is not None:
            line = ended.line
            await append(connection, commune=commune, entry=line.entry, key=line.key)
    return "done"


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


async def _tried(connection: AsyncConnection, commune: str, signup_id: str, *, tries: int) -> str:
    spent = tries >= MOST_TRIES
    values: dict[str, object] = {"tries": tries}
    if spent:
        values["code_mark"] = ""
    await connection.execute(update(signups).where(_this(commune, signup_id)).values(values))
    return "spent" if spent else "wrong"


async def _send(
    connection: AsyncConnection, commune: str, signup_id: str, *, code: NewCode, ring: Ring
) -> None:
    asking = code.asking
    leaves = not code.known_only or await _known(connection, commune, code, ring=ring)
    await connection.execute(
        code_sends.insert().values(
            commune=commune,
            signup_id=signup_id,
            message=code.message.ident if leaves else "",
            contact_mark=asking.contact,
            range_mark=asking.range,
            source_mark=asking.source,
            network_mark=asking.network,
            sent_at=db_now(),
        )
    )
    if leaves:
        await send_code(connection, commune, code.message, ring=ring)


async def _known(connection: AsyncConnection, commune: str, code: NewCode, *, ring: Ring) -> bool:
    mark = personal.contact_mark(ring, code.message.contact)
    found = await connection.execute(residents_with(commune, mark).limit(1))
    return found.first() is not None


async def forget_old(ledger: Ledger) -> None:
    """Forget what was begun and never confirmed, and where codes went: after a day."""
    old = code_sends.c.sent_at < db_now() - DAY_S
    begun = signups.c.begun_at < db_now() - DAY_S
    async with ledger.reading() as look:  # an idle turn takes no writer's place
        known = select(code_sends.c.serial).where(old).limit(1)
        waits = select(signups.c.signup_id).where(begun).limit(1)
        links = select(own_links.c.link_id).where(own_links.c.until <= db_now()).limit(1)
        if not [one for one in (known, waits, links) if (await look.execute(one)).first()]:
            return
    async with ledger.writing() as connection:
        await take_turns(connection, "signup", commune="")
        await _blank_out(connection, old)
        await forget_ended(connection)
        await connection.execute(delete(code_sends).where(old))
        await connection.execute(delete(signups).where(begun))


async def _blank_out(connection: AsyncConnection, which: ColumnElement[bool]) -> None:
    sent = select(code_sends.c.commune, code_sends.c.message).where(
        which, code_sends.c.message != ""
    )
    for row in (await connection.execute(sent)).all():
        await blank_out(connection, row.commune, [row.message])


def _this(commune: str, signup_id: str) -> ColumnElement[bool]:
    return and_(signups.c.commune == commune, signups.c.signup_id == signup_id)
