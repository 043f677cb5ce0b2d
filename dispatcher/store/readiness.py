"""What was found of each line of « Prêt ? », kept so that its page asks nobody; and the rounds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import and_, or_, select, update

from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.readiness_tables import readiness_lines, readiness_rounds, readiness_weeks
from dispatcher.store.statements import insert_for, insert_missing, insert_rows

ABANDONED_S = 300.0  # a round that died is taken up again by then
ANSWERS_WITHIN_S = 60.0  # a worker looks every two seconds, and may be at another commune


@dataclass(frozen=True)
class Line:
    """A line as it was found: `said` and `remedy` hold the blanks that `blanks` fills."""

    subject: str
    state: str  # ready | warning | not_ready | unknown
    said: str
    remedy: str = ""
    blanks: Mapping[str, str] = field(default_factory=dict)
    since: float = 0.0  # in this state
    found_at: float = 0.0


async def keep(ledger: Ledger, commune: str, found: Sequence[Line]) -> None:
    """Put what was found in the place of what was known; who stays in a state keeps its since."""
    async with ledger.writing() as connection:
        now = (await connection.execute(select(db_now()))).scalar_one()
        mine = readiness_lines.c.commune == commune
        before = {
            row.subject: row
            for row in await connection.execute(
                select(readiness_lines.c.subject, readiness_lines.c.state, readiness_lines.c.since)
                .where(mine)
            )
        }  # fmt: skip
        rows = []
        for place, one in enumerate(found):
            was = before.get(one.subject)
            since = was.since if was is not None and was.state == one.state else now
            values = {**vars(one), "blanks": dict(one.blanks), "since": since, "found_at": now}
            rows.append({**values, "commune": commune, "place": place})
        await connection.execute(readiness_lines.delete().where(mine))
        await insert_rows(connection, readiness_lines, rows)
        done = insert_for(connection, readiness_rounds).values(commune=commune, done_at=now)
        await connection.execute(
            done.on_conflict_do_update(index_elements=["commune"], set_={"done_at": now})
        )


async def kept(ledger: Ledger, commune: str) -> list[Line]:
    """Return the lines of a commune as they were found last; none before the first round."""
    columns = [readiness_lines.c[name] for name in Line.__dataclass_fields__]
    wanted = select(*columns).where(readiness_lines.c.commune == commune)
    async with ledger.reading() as connection:
        rows = await connection.execute(wanted.order_by(readiness_lines.c.place))
        return [Line(**row._mapping) for row in rows]


@dataclass(frozen=True)
class Round:
    """When a commune's lines were asked for, begun and done last; `now` is the ledger's."""

    now: float
    asked_at: float | None = None
    begun_at: float | None = None
    done_at: float | None = None

    @property
    def begun(self) -> bool:
        """Whether a round began since somebody asked; one that ran before answers an older ask."""
        return self.asked_at is not None and (self.begun_at or 0.0) >= self.asked_at

    @property
    def waits(self) -> bool:
        """Whether somebody asked, and the round that it began is not done yet."""
        if self.asked_at is None:
            return False
        return not self.begun or (self.done_at or 0.0) < (self.begun_at or 0.0)

    @property
    def unanswered(self) -> bool:
        """Whether no worker takes what was asked for, or takes up the round of one that died."""
        if not self.waits:
            return False
        if self.begun:
            return self.now - (self.begun_at or 0.0) > ABANDONED_S + ANSWERS_WITHIN_S
        return self.now - (self.asked_at or 0.0) > ANSWERS_WITHIN_S


async def round_of(ledger: Ledger, commune: str) -> Round:
    """Return the round of a commune."""
    times = [readiness_rounds.c[name] for name in ("asked_at", "begun_at", "done_at")]
    async with ledger.reading() as connection:
        now = (await connection.execute(select(db_now()))).scalar_one()
        wanted = select(*times).where(readiness_rounds.c.commune == commune)
        row = (await connection.execute(wanted)).first()
        return Round(now, **row._mapping) if row else Round(now)


async def ask(ledger: Ledger, commune: str, *, by: str) -> None:
    """Ask for a round now; asking twice is asking once."""
    async with ledger.writing() as connection:
        asked = insert_for(connection, readiness_rounds).values(
            commune=commune, asked_at=db_now(), asked_by=by
        )
        await connection.execute(
            asked.on_conflict_do_update(
                index_elements=["commune"], set_={"asked_at": db_now(), "asked_by": by}
            )
        )


async def asking(ledger: Ledger) -> list[str]:
    """Return the communes where a round was asked for; those without a plan too."""
    asked = select(readiness_rounds.c.commune).where(readiness_rounds.c.asked_at.is_not(None))
    async with ledger.reading() as connection:
        return list((await connection.execute(asked)).scalars())


async def take(ledger: Ledger, commune: str) -> bool:
    """Take the round that was asked for; False where none was, or another worker is at it."""
    table = readiness_rounds.c
    due = and_(
        table.commune == commune,
        table.asked_at.is_not(None),
        or_(
            table.begun_at.is_(None),
            table.begun_at < table.asked_at,
            table.done_at.is_(None),
            table.done_at < table.begun_at,
        ),
        or_(
            table.begun_at.is_(None),
            table.begun_at < table.asked_at,
            table.begun_at < db_now() - ABANDONED_S,
        ),
    )
    async with ledger.reading() as look:  # nearly always: without a turn to write
        if (await look.execute(select(table.commune).where(due))).first() is None:
            return False
    async with ledger.writing() as connection:
        taken = await connection.execute(
            update(readiness_rounds).where(due).values(begun_at=db_now())
        )
    return taken.rowcount == 1


@dataclass(frozen=True)
class Week:
    """What the mail of a week told, and whom it reached (ids of the plan's directory)."""

    week: str
    states: Mapping[str, str]
    reached: Sequence[str] = ()
    told_at: float = 0.0


async def last_week(ledger: Ledger, commune: str) -> Week | None:
    """Return what the last mail told; None before the first."""
    columns = [readiness_weeks.c[name] for name in Week.__dataclass_fields__]
    wanted = select(*columns).where(readiness_weeks.c.commune == commune)
    async with ledger.reading() as connection:
        row = (
            await connection.execute(wanted.order_by(readiness_weeks.c.week.desc()).limit(1))
        ).first()
        return Week(**row._mapping) if row else None


async def keep_week(ledger: Ledger, commune: str, told: Week) -> bool:
    """Keep what a mail told; False where that week's was kept before."""
    async with ledger.writing() as connection:
        row = {
            "commune": commune,
            "week": told.week,
            "states": dict(told.states),
            "reached": list(told.reached),
            "told_at": (await connection.execute(select(db_now()))).scalar_one(),
        }
        return await insert_missing(connection, readiness_weeks, [row]) == 1
