"""Alerts as they are listed and read: by the commune's people, and by one resident."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, func, select

from dispatcher.store.doors import doors
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import alerts, answers, deliveries, versions
from dispatcher.store.tables import homes


@dataclass(frozen=True)
class AlertLine:
    """An alert in a list: what it is, and where its newest version stands."""

    alert_id: str
    title: str
    mode: str  # real | rehearsal | exercise | public_test
    version_id: str
    number: int
    state: str
    people: int
    expires_at: float
    launched_at: float | None
    launched_by: str | None
    approved_by: str | None
    finished_at: float | None
    cancelled_at: float | None
    content: Mapping[str, Any]

    def runs_at(self, now: float) -> bool:
        """Whether the version is launched, not cancelled and not expired at an epoch second."""
        return self.state == "launched" and self.expires_at > now


async def latest_alerts(ledger: Ledger, commune: str, *, limit: int = 50) -> list[AlertLine]:
    """Return the commune's alerts, each with its newest version; the newest act first."""
    async with ledger.reading() as connection:
        rows = await connection.execute(_lines(commune).limit(limit))
        return [AlertLine(**row._mapping) for row in rows]


async def alert_versions(ledger: Ledger, commune: str, alert_id: str) -> list[AlertLine]:
    """Return every version of one alert, newest first; empty when there is no such alert."""
    wanted = _all_versions(commune).where(alerts.c.alert_id == alert_id)
    async with ledger.reading() as connection:
        rows = await connection.execute(wanted.order_by(versions.c.number.desc()))
        return [AlertLine(**row._mapping) for row in rows]


def _all_versions(commune: str) -> Select[Any]:
    same = and_(versions.c.commune == alerts.c.commune, versions.c.alert_id == alerts.c.alert_id)
    kept = (name for name in AlertLine.__dataclass_fields__ if name in versions.c)
    return (
        select(alerts.c.title, alerts.c.mode, *(versions.c[name] for name in kept))
        .join(versions, same)
        .where(alerts.c.commune == commune)
    )


def _lines(commune: str) -> Select[Any]:
    newest = (
        select(func.max(versions.c.number))
        .where(versions.c.commune == alerts.c.commune, versions.c.alert_id == alerts.c.alert_id)
        .correlate(alerts)
        .scalar_subquery()
    )
    last_act = func.coalesce(versions.c.launched_at, alerts.c.created_at)
    return (
        _all_versions(commune)
        .where(versions.c.number == newest)
        .order_by(last_act.desc(), alerts.c.alert_id)
    )


async def unlocated(ledger: Ledger, commune: str) -> int:
    """Count the people who gave an address that has no place on the map: no area finds them."""
    door = doors(commune)
    placed = func.max(func.coalesce(homes.c.lon, door.c.lon))
    nowhere = (
        select(homes.c.person_id)
        .outerjoin(door, and_(homes.c.lon.is_(None), door.c.place_key == homes.c.place_key))
        .where(homes.c.commune == commune)
        .group_by(homes.c.person_id)
        .having(placed.is_(None))
        .subquery()
    )
    wanted = select(func.count()).select_from(nowhere)
    async with ledger.reading() as connection:
        return int((await connection.execute(wanted)).scalar_one())


@dataclass(frozen=True)
class Question:
    """What a resident is asked on her own page, and what she has answered already."""

    commune: str
    delivery_id: str
    version_id: str
    language: str
    answered: frozenset[str]  # understood, help
    line: AlertLine


async def question(ledger: Ledger, token_hash: str) -> Question | None:
    """Return the alert behind an answering page's token; None when there is no such token."""
    mine = select(
        deliveries.c.commune,
        deliveries.c.delivery_id,
        deliveries.c.version_id,
        deliveries.c.language,
    ).where(deliveries.c.answer_hash == token_hash)
    async with ledger.reading() as connection:
        found = (await connection.execute(mine)).first()
        if found is None:
            return None
        version = _all_versions(found.commune).where(versions.c.version_id == found.version_id)
        row = (await connection.execute(version)).one()
        kinds = await connection.execute(
            select(answers.c.kind).where(
                answers.c.commune == found.commune, answers.c.delivery_id == found.delivery_id
            )
        )
        return Question(
            **found._mapping,
            answered=frozenset(kinds.scalars()),
            line=AlertLine(**row._mapping),
        )
