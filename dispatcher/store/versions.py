"""Versions of alerts: written once as a draft, moved on by guarded steps, each with its line."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, case, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry, append
from dispatcher.store.outgoing import alerts, blocks, versions

FIRST = "alert"  # the kind of a version that corrects none
APART = "apart"  # the state of what is launched for one person, beside all alerts
SUMMONS = "summons"  # of one that calls people of the plan up: no alert, on no page of alerts


@dataclass(frozen=True)
class Version:
    """One version of an alert, as the ledger holds it; instants are epoch seconds."""

    commune: str
    version_id: str
    alert_id: str
    number: int
    state: str
    content: Mapping[str, Any]
    digest: str
    lane: int
    expires_at: float
    people: int
    submitted_by: str | None
    submitted_at: float | None
    approved_by: str | None
    approved_at: float | None
    launch_key: str | None
    launched_by: str | None
    launched_at: float | None
    cancelled_by: str | None
    cancelled_at: float | None
    finished_at: float | None
    pursuit: str | None = None
    kind: str = "alert"
    drafted_by: str = ""
    submitted_as: str | None = None  # the function that she held then


@dataclass(frozen=True)
class Draft:
    """A new alert with its first version."""

    commune: str
    alert_id: str
    version_id: str
    content: Mapping[str, object]
    digest: str
    lane: int
    expires_at: float
    people: int
    created_by: str


@dataclass(frozen=True)
class Chained:
    """A logbook line and the key of its chain, handed to each act that writes one."""

    entry: Entry
    key: bytes


async def keep_draft(ledger: Ledger, draft: Draft, line: Chained) -> None:
    """Write a new alert and its first version, with the line that says so."""
    async with ledger.writing() as connection:
        await keep_first(connection, draft)
        await append(connection, commune=draft.commune, entry=line.entry, key=line.key)


async def keep_first(connection: AsyncConnection, draft: Draft) -> None:
    """Write a new alert and its first version inside the caller's transaction."""
    content = draft.content
    await connection.execute(
        alerts.insert().values(
            commune=draft.commune,
            alert_id=draft.alert_id,
            mode=content["mode"],
            title=content["title"],
            scenario=content["scenario"],
            template=content["template"],
            created_by=draft.created_by,
            created_at=db_now(),
        )
    )
    await connection.execute(
        versions.insert().values(
            commune=draft.commune,
            version_id=draft.version_id,
            alert_id=draft.alert_id,
            number=1,
            drafted_by=draft.created_by,
            state="draft",
            content=content,
            digest=draft.digest,
            lane=draft.lane,
            expires_at=draft.expires_at,
            people=draft.people,
        )
    )


async def version_of(ledger: Ledger, commune: str, alert_id: str) -> Version | None:
    """Return the newest version of an alert, None when there is no such alert."""
    async with ledger.reading() as connection:
        return await _read(
            connection,
            and_(
                versions.c.commune == commune,
                versions.c.alert_id == alert_id,
                versions.c.kind != SUMMONS,
            ),
        )


async def launched_version_of(ledger: Ledger, commune: str, alert_id: str) -> Version | None:
    """Return the newest version of an alert that was launched, whatever became of it since."""
    async with ledger.reading() as connection:
        return await _read(
            connection,
            and_(
                versions.c.commune == commune,
                versions.c.alert_id == alert_id,
                versions.c.kind != SUMMONS,
                versions.c.launched_at.is_not(None),
            ),
        )


async def version_by_id(ledger: Ledger, commune: str, version_id: str) -> Version | None:
    """Return a version by its own id."""
    async with ledger.reading() as connection:
        return await _read(
            connection, and_(versions.c.commune == commune, versions.c.version_id == version_id)
        )


async def _read(connection: AsyncConnection, key: ColumnElement[bool]) -> Version | None:
    newest = select(versions).where(key).order_by(versions.c.number.desc()).limit(1)
    row = (await connection.execute(newest)).first()
    return Version(**row._mapping) if row else None


async def move(
    ledger: Ledger,
    version: Version,
    *,
    to: str,
    values: Mapping[str, object],
    line: Chained,
) -> bool:
    """Move a version from the state it was read in to another, if nobody else moved it first.

    The digest must still be the one that was read. False: someone was faster, nothing changed.
    """
    async with ledger.writing() as connection:
        moved = await connection.execute(
            update(versions).where(as_read(version)).values(state=to, **values)
        )
        if moved.rowcount == 0:
            return False
        await append(connection, commune=version.commune, entry=line.entry, key=line.key)
    return True


@dataclass(frozen=True)
class AudienceBlock:
    """500 people (the last block: fewer), by rank; `chains` are media in order, one a target.

    Where not everybody has these, `choice` says for each: 0 for `chains`, n the nth of `others`.
    """

    chains: tuple[tuple[str, ...], ...]
    people: tuple[str, ...]
    others: tuple[tuple[tuple[str, ...], ...], ...] = ()
    choice: tuple[int, ...] = ()


@dataclass(frozen=True)
class Launch:
    """Who launches, to whom; a second click has the same key; `brings` is written with it.

    `anew` is asked in the launch's own transaction, before anything is written: it holds the homes
    and returns what leaves instead, with its line, where the audience is not that of now. What it
    raises undoes all.
    """

    by: str
    launch_key: str
    audience: Sequence[AudienceBlock]
    people: int  # whom it goes to; those of earlier versions included
    brings: Callable[[AsyncConnection], Awaitable[None]] | None = None
    anew: "Callable[[AsyncConnection], Awaitable[tuple[Launch, Chained] | None]] | None" = None


async def supersede(
    connection: AsyncConnection, commune: str, alert_id: str, *, number: int
) -> None:
    """End the versions of an alert before this one that still run."""
    await connection.execute(
        update(versions)
        .where(
            versions.c.commune == commune,
            versions.c.alert_id == alert_id,
            versions.c.number < number,
            versions.c.state == "launched",
        )
        .values(state="superseded", finished_at=None, pursuit=over())
    )


async def follow_earlier(
    connection: AsyncConnection, commune: str, version_id: str, *, number: int
) -> None:
    """Add the block that goes through what may have left of the earlier versions."""
    await connection.execute(
        blocks.insert().values(
            commune=commune,
            version_id=version_id,
            number=number,
            chains=[],
            people=[],
            followed="",
        )
    )


def over() -> ColumnElement[str | None]:
    """Return the pursuit's end where people were pursued, nothing where nobody was."""
    return case((versions.c.pursuit.is_not(None), "over"), else_=None)


async def launched_with(ledger: Ledger, commune: str, launch_key: str) -> Version | None:
    """Return the version that this launch key launched already."""
    async with ledger.reading() as connection:
        return await _read(
            connection, and_(versions.c.commune == commune, versions.c.launch_key == launch_key)
        )


def as_read(version: Version) -> ColumnElement[bool]:
    """Find a version while it is in the state, and of the digest, that it was read with."""
    return and_(
        versions.c.commune == version.commune,
        versions.c.version_id == version.version_id,
        versions.c.state == version.state,
        versions.c.digest == version.digest,
    )
