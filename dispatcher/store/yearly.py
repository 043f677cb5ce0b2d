"""Once a year residents are asked whether what is kept is right: who is due, asked, silent.

Silence removes nobody and nothing: it is counted.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.clock import db_now
from dispatcher.store.code_messages import CodeMessage, blank_out, send_code
from dispatcher.store.cover import sure_contact
from dispatcher.store.cover_tables import yearly, yearly_rules
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.own_links import Own, keep_link
from dispatcher.store.people import RESIDENTS
from dispatcher.store.registers import Resident, held
from dispatcher.store.statements import insert_for, insert_missing
from dispatcher.store.tables import contacts, persons
from dispatcher.store.versions import Chained

DAY_S = 86_400.0
YEAR_S = 365 * DAY_S
REMIND_S = 21 * DAY_S  # after the first message, and then until her silence is told
BLANK_S = 8 * DAY_S  # then nobody needs to know any more where the link went


@dataclass(frozen=True)
class Rule:
    """Whether a commune has its residents asked, and who said so when."""

    enabled: bool = False
    changed_by: str = ""
    changed_at: float | None = None


async def rule_of(ledger: Ledger, commune: str) -> Rule:
    """Return a commune's rule: off until it is switched on."""
    names = ("enabled", "changed_by", "changed_at")
    wanted = select(*(yearly_rules.c[name] for name in names))
    async with ledger.reading() as connection:
        found = await connection.execute(wanted.where(yearly_rules.c.commune == commune))
        row = found.first()
    return Rule(*row) if row else Rule()


async def set_rule(ledger: Ledger, commune: str, *, enabled: bool, by: str, line: Chained) -> None:
    """Switch it on or off, with a line in the logbook; twice is once."""
    async with ledger.writing() as connection:
        now = (await connection.execute(select(db_now()))).scalar_one()
        mine = select(yearly_rules.c.enabled).where(yearly_rules.c.commune == commune)
        if bool((await connection.execute(mine)).scalar()) == enabled:
            return
        said = {"enabled": enabled, "changed_by": by, "changed_at": now}
        anew = insert_for(connection, yearly_rules).values(commune=commune, after="", **said)
        await connection.execute(anew.on_conflict_do_update(index_elements=["commune"], set_=said))
        await append(connection, commune=commune, entry=line.entry, key=line.key)


async def enabled_communes(ledger: Ledger) -> list[str]:
    """Return the communes that have their residents asked."""
    wanted = select(yearly_rules.c.commune).where(yearly_rules.c.enabled.is_(True))
    rows = await ledger.read(lambda one: one.execute(wanted).scalars().all())
    return list(rows)


async def begin_day(ledger: Ledger, commune: str, *, day: str, most: Callable[[int], int]) -> int:
    """Return how many may still be asked today; a new day begins with `most` of its residents."""
    mine = yearly_rules.c.commune == commune
    wanted = select(yearly_rules.c.day, yearly_rules.c.left_today).where(mine)
    async with ledger.reading() as connection:
        row = (await connection.execute(wanted)).one()
        if row.day == day:
            return int(row.left_today)
        count = select(func.count()).select_from(persons).where(
            persons.c.commune == commune, persons.c.source.in_(RESIDENTS)
        )  # fmt: skip
        people = int((await connection.execute(count)).scalar_one())
    async with ledger.writing() as connection:  # of two that begin it, one does
        anew = update(yearly_rules).where(mine, yearly_rules.c.day != day)
        await connection.execute(anew.values(day=day, left_today=most(people), after=""))
        return int((await connection.execute(wanted)).one().left_today)


async def end_day(ledger: Ledger, commune: str) -> None:
    """Look at nobody more today: all who are due were asked."""
    async with ledger.writing() as connection:
        mine = yearly_rules.c.commune == commune
        await connection.execute(update(yearly_rules).where(mine).values(left_today=0))


@dataclass(frozen=True)
class Due:
    """Somebody to ask, or to remind."""

    person_id: str
    reminds: bool = False


async def due(ledger: Ledger, commune: str, *, limit: int) -> list[Due]:
    """Return who is to be reminded, then who is to be asked, from where the day has come to."""
    late = and_(yearly.c.asked_at <= db_now() - REMIND_S, yearly.c.reminded_at.is_(None), _silent())
    reminded = (
        select(yearly.c.person_id)
        .join(persons, _HERS)
        .where(yearly.c.commune == commune, late, _stays())
        .order_by(yearly.c.asked_at)
        .limit(limit)
    )
    after = select(yearly_rules.c.after).where(yearly_rules.c.commune == commune)
    asked = (
        select(persons.c.person_id)
        .where(
            persons.c.commune == commune,
            persons.c.person_id > after.scalar_subquery(),
            _stays(),
            exists(_ways().where(sure_contact())),
            ~exists(_ways().where(contacts.c.verified_at > db_now() - YEAR_S)),
            ~exists(select(yearly.c.person_id).where(_HERS, _within_a_year())),
        )
        .order_by(persons.c.person_id)
        .limit(limit)
    )
    first = await ledger.study(lambda one: one.execute(reminded).scalars().all())
    found = [Due(one, reminds=True) for one in first]
    if len(found) < limit:
        rest = await ledger.study(lambda one: one.execute(asked).scalars().all())
        found += (Due(one) for one in rest[: limit - len(found)])
    return found


@dataclass(frozen=True)
class Asking:
    """A message to somebody who is due, with the link in it; None where no medium carries one."""

    due: Due
    message: CodeMessage | None
    link_id: str = ""


async def ask(ledger: Ledger, commune: str, some: Sequence[Asking]) -> int:
    """Ask these residents, each once whoever else does; return how many messages leave."""
    sent = 0
    async with ledger.writing() as connection:
        for one in some:
            if not await _taken(connection, commune, one):
                continue
            if one.message is not None:
                own = Own(commune, one.due.person_id)
                await keep_link(connection, own, link_id=one.link_id)
                await send_code(connection, commune, one.message, ring=ledger.ring)
                sent += 1
        fresh = [one.due.person_id for one in some if not one.due.reminds]
        moved: dict[str, object] = {"left_today": yearly_rules.c.left_today - len(some)}
        if fresh:
            moved["after"] = max(fresh)
        mine = yearly_rules.c.commune == commune
        await connection.execute(update(yearly_rules).where(mine).values(moved))
    return sent


async def _taken(connection: AsyncConnection, commune: str, one: Asking) -> bool:
    """Note that she is asked or reminded now; False where another did."""
    now = (await connection.execute(select(db_now()))).scalar_one()
    ident = one.message.ident if one.message else ""
    hers = and_(yearly.c.commune == commune, yearly.c.person_id == one.due.person_id)
    if one.due.reminds:
        late = update(yearly).where(hers, yearly.c.reminded_at.is_(None), _silent())
        return bool(
            (await connection.execute(late.values(reminded_at=now, message=ident))).rowcount
        )
    fresh = {"asked_at": now, "reminded_at": None, "answered_at": None, "message": ident}
    if one.message is None:  # nobody writes to her again: the town hall asks her
        fresh["reminded_at"] = now - REMIND_S
    old = update(yearly).where(hers, ~_within_a_year()).values(fresh)
    if (await connection.execute(old)).rowcount:
        return True
    row = {"commune": commune, "person_id": one.due.person_id, **fresh}
    return bool(await insert_missing(connection, yearly, [row]))


async def answer(ledger: Ledger, own: Own, *, line: Chained) -> None:
    """Keep that she says that what is kept is right; twice is once, and nobody unknown is kept."""
    async with ledger.writing() as connection:
        hers = and_(yearly.c.commune == own.commune, yearly.c.person_id == own.person_id)
        said = update(yearly).where(hers, _silent()).values(answered_at=db_now())
        if (await connection.execute(said)).rowcount:
            await append(connection, commune=own.commune, entry=line.entry, key=line.key)


async def is_asked(ledger: Ledger, own: Own) -> bool:
    """Tell whether her answer is awaited."""
    wanted = select(yearly.c.person_id).where(
        yearly.c.commune == own.commune, yearly.c.person_id == own.person_id, _silent()
    )
    return await ledger.read(lambda one: one.execute(wanted).first() is not None)


@dataclass(frozen=True)
class Answers:
    """Residents who were asked in the year: how many answered, are awaited, stayed silent."""

    answered: int
    awaited: int
    silent: int


async def answers_of(ledger: Ledger, commune: str) -> Answers:
    """Count what those who stay said; silent is who did not answer after a reminder."""
    each = (
        select(
            case((_silent(), 1), else_=0).label("silent"),
            case((_reminded(), 1), else_=0).label("late"),
        )
        .select_from(yearly.join(persons, _HERS))
        .where(yearly.c.commune == commune, _stays(), _within_a_year())
        .subquery()
    )
    late = func.coalesce(func.sum(each.c.silent * each.c.late), 0)
    wanted = select(func.count(), func.coalesce(func.sum(each.c.silent), 0), late)
    rows = wanted.select_from(each)
    people, silent, told = map(int, await ledger.study(lambda one: tuple(one.execute(rows).one())))
    return Answers(people - silent, silent - told, told)


async def left_to_ask(
    ledger: Ledger, commune: str, *, after: str, limit: int
) -> dict[str, Resident]:
    """Return whom the town hall asks, silent or reached by a call alone, in the order of ids."""
    mine = and_(yearly.c.commune == commune, yearly.c.person_id > after)
    wanted = (
        select(yearly.c.person_id)
        .join(persons, _HERS)
        .where(mine, _stays(), _within_a_year(), _reminded(), _silent())
        .order_by(yearly.c.person_id)
        .limit(limit)
    )
    ids = await ledger.study(lambda one: list(one.execute(wanted).scalars()))
    async with ledger.reading() as connection:
        found = await held(connection, commune, ids, ring=ledger.ring)
    return {one: found[one] for one in ids if one in found}


async def forget_links(ledger: Ledger) -> None:
    """Blank out where links went, and the links, a week after they left."""
    old = and_(
        yearly.c.message != "",
        func.coalesce(yearly.c.reminded_at, yearly.c.asked_at) < db_now() - BLANK_S,
    )
    wanted = select(yearly.c.commune, yearly.c.message).where(old).limit(200)
    rows = await ledger.read(lambda one: one.execute(wanted).all())
    if not rows:
        return
    async with ledger.writing() as connection:
        for row in rows:
            await blank_out(connection, row.commune, [row.message])
        done = yearly.c.message.in_([row.message for row in rows])
        await connection.execute(update(yearly).where(done).values(message=""))


_HERS = and_(persons.c.commune == yearly.c.commune, persons.c.person_id == yearly.c.person_id)


def _stays() -> ColumnElement[bool]:
    return and_(persons.c.source.in_(RESIDENTS), persons.c.unsubscribed_at.is_(None))


def _ways() -> Select[Any]:
    """Select the contacts of a row of `persons`."""
    return select(contacts.c.mark).where(
        contacts.c.commune == persons.c.commune, contacts.c.person_id == persons.c.person_id
    )


def _within_a_year() -> ColumnElement[bool]:
    """Tell of a row of `yearly` whether she was asked, or answered, within the year."""
    since = db_now() - YEAR_S
    return or_(yearly.c.asked_at > since, func.coalesce(yearly.c.answered_at, 0.0) > since)


def _reminded() -> ColumnElement[bool]:
    return func.coalesce(yearly.c.reminded_at, db_now()) <= db_now() - REMIND_S


def _silent() -> ColumnElement[bool]:
    """Tell of a row of `yearly` whether nothing came since she was asked: no word, no code."""
    code = exists(
        select(contacts.c.mark).where(
            contacts.c.commune == yearly.c.commune,
            contacts.c.person_id == yearly.c.person_id,
            contacts.c.verified_at >= yearly.c.asked_at,
        )
    )
    return and_(yearly.c.answered_at.is_(None), ~code)
