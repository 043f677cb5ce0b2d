"""Sketches: kept from the first choice on, changed by one hand at a time, frozen into a version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.outgoing import alerts, versions
from dispatcher.store.rings import end_rings_of
from dispatcher.store.sketch_tables import sketches
from dispatcher.store.statements import insert_missing
from dispatcher.store.succession import UNLAUNCHED
from dispatcher.store.versions import FIRST, Chained, Draft, keep_first


@dataclass(frozen=True)
class SketchRow:
    """A sketch as the ledger holds it; instants are epoch seconds."""

    commune: str
    alert_id: str
    revision: int
    mode: str
    event: str | None
    chosen: Mapping[str, Any]
    frozen: str | None
    created_by: str
    created_at: float
    changed_by: str
    changed_at: float
    editors: Sequence[str]


@dataclass(frozen=True)
class NewSketch:
    """A sketch to be kept: of which alert, for which event, with what is chosen already."""

    commune: str
    alert_id: str
    mode: str
    event: str | None
    chosen: Mapping[str, Any]
    created_by: str


@dataclass(frozen=True)
class Change:
    """A change of a sketch: the revision that was read, what it is to hold, by whom."""

    commune: str
    alert_id: str
    revision: int
    chosen: Mapping[str, Any]
    by: str
    editors: Sequence[str]


async def begin(ledger: Ledger, new: NewSketch, line: Chained) -> bool:
    """Keep a new sketch with its line; False when the alert has one already."""
    async with ledger.writing() as connection:
        if not await _insert(connection, new, editors=[new.created_by]):
            return False
        await append(connection, commune=new.commune, entry=line.entry, key=line.key)
    return True


async def sketch_of(ledger: Ledger, commune: str, alert_id: str) -> SketchRow | None:
    """Return the sketch of an alert, None where it has none."""
    async with ledger.reading() as connection:
        row = (await connection.execute(select(sketches).where(_of(commune, alert_id)))).first()
        return SketchRow(**row._mapping) if row else None


async def change(
    ledger: Ledger, act: Change, *, first: NewSketch | None = None, voids: Chained
) -> bool:
    """Change a sketch as it was read; False when someone was faster: nothing is written.

    What was made of it and waits for approval, or is approved, goes back to a draft: then the line
    `voids` is written. An alert that left, was stopped or refused is not changed. `first` is kept
    where the alert had no sketch yet (revision 0).
    """
    mine = _of(act.commune, act.alert_id)
    async with ledger.writing() as connection:
        if not await _still_written(connection, act.commune, act.alert_id):
            return False
        if first is not None:
            if not await _insert(connection, first, editors=act.editors):
                return False
        else:
            changed = await connection.execute(
                update(sketches)
                .where(mine, sketches.c.revision == act.revision)
                .values(
                    revision=sketches.c.revision + 1,
                    chosen=act.chosen,
                    frozen=None,
                    changed_by=act.by,
                    changed_at=db_now(),
                    editors=list(act.editors),
                )
            )
            if changed.rowcount == 0:
                return False
        taken_back = await connection.execute(
            update(versions)
            .where(_first_version(act.commune, act.alert_id), _ASKED)
            .values(state="draft", **_UNSUBMITTED)
        )
        if taken_back.rowcount:
            await end_rings_of(connection, act.commune, act.alert_id, by=act.by)
            await append(connection, commune=act.commune, entry=voids.entry, key=voids.key)
    return True


async def freeze(
    ledger: Ledger, draft: Draft, *, revision: int, line: Chained, voids: Chained
) -> bool:
    """Make the version of a sketch, or make it anew; False when the sketch was changed meanwhile.

    The version is a draft then: whatever had been asked or approved of it is void, and who is rung
    for what it was is rung no more. Then the line `voids` is written, before `line`.
    """
    mine = _of(draft.commune, draft.alert_id)
    async with ledger.writing() as connection:
        if not await _still_written(connection, draft.commune, draft.alert_id):
            return False
        frozen = await connection.execute(
            update(sketches)
            .where(mine, sketches.c.revision == revision)
            .values(frozen=draft.digest)
        )
        if frozen.rowcount == 0:
            return False
        asked = await connection.execute(
            select(versions.c.version_id).where(
                _first_version(draft.commune, draft.alert_id), _ASKED
            )
        )
        void = asked.first() is not None
        rewritten = await connection.execute(
            update(versions)
            .where(_first_version(draft.commune, draft.alert_id))
            .values(
                state="draft",
                content=draft.content,
                digest=draft.digest,
                lane=draft.lane,
                expires_at=draft.expires_at,
                people=draft.people,
                **_UNSUBMITTED,
            )
        )
        if rewritten.rowcount == 0:
            await keep_first(connection, draft)
        else:
            await connection.execute(
                update(alerts)
                .where(alerts.c.commune == draft.commune, alerts.c.alert_id == draft.alert_id)
                .values({name: draft.content[name] for name in ("title", "scenario", "template")})
            )
        ended = await end_rings_of(connection, draft.commune, draft.alert_id, by=line.entry.author)
        if void or ended:
            await append(connection, commune=draft.commune, entry=voids.entry, key=voids.key)
        await append(connection, commune=draft.commune, entry=line.entry, key=line.key)
    return True


_ASKED = versions.c.state.in_(("pending_approval", "approved"))
_UNSUBMITTED: Mapping[str, None] = dict.fromkeys(
    ("submitted_by", "submitted_at", "approved_by", "approved_at")
)


async def unfrozen(ledger: Ledger, commune: str) -> list[SketchRow]:
    """Return the sketches of which no version was ever made, the newest change first."""
    of_it = select(versions.c.version_id).where(
        versions.c.commune == sketches.c.commune, versions.c.alert_id == sketches.c.alert_id
    )
    wanted = (
        select(sketches)
        .where(sketches.c.commune == commune, ~of_it.exists())
        .order_by(sketches.c.changed_at.desc(), sketches.c.alert_id)
    )
    async with ledger.reading() as connection:
        return [SketchRow(**row._mapping) for row in await connection.execute(wanted)]


async def drop(ledger: Ledger, commune: str, alert_id: str, *, line: Chained) -> bool:
    """Throw a sketch away of which no version was made; False where there is one, or no sketch."""
    async with ledger.writing() as connection:
        made = select(versions.c.version_id).where(
            versions.c.commune == commune, versions.c.alert_id == alert_id
        )
        dropped = await connection.execute(
            sketches.delete().where(
                _of(commune, alert_id), ~made.exists(), sketches.c.frozen.is_(None)
            )
        )
        if dropped.rowcount == 0:
            return False
        await append(connection, commune=commune, entry=line.entry, key=line.key)
    return True


async def _insert(connection: AsyncConnection, new: NewSketch, *, editors: Sequence[str]) -> bool:
    now = (await connection.execute(select(db_now()))).scalar_one()
    row = {
        **vars(new),
        "revision": 1,
        "created_at": now,
        "changed_by": editors[-1],
        "changed_at": now,
        "editors": list(editors),
    }
    return bool(await insert_missing(connection, sketches, [row]))


async def _still_written(connection: AsyncConnection, commune: str, alert_id: str) -> bool:
    """Tell whether nothing of an alert has left, was stopped or refused; its versions are held."""
    found = await connection.execute(
        select(versions.c.state)
        .where(versions.c.commune == commune, versions.c.alert_id == alert_id)
        .with_for_update()
    )
    return all(state in UNLAUNCHED for state in found.scalars())


def _first_version(commune: str, alert_id: str) -> ColumnElement[bool]:
    return and_(
        versions.c.commune == commune,
        versions.c.alert_id == alert_id,
        versions.c.kind == FIRST,
    )


def _of(commune: str, alert_id: str) -> ColumnElement[bool]:
    return and_(sketches.c.commune == commune, sketches.c.alert_id == alert_id)
