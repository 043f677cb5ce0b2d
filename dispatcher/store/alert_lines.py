"""Alerts as they are listed and read: by the commune's people, and by one resident."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, exists, func, or_, select

from dispatcher.store.canaries import CANARY
from dispatcher.store.doors import doors
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import alerts, answers, deliveries, versions
from dispatcher.store.pages import of_page
from dispatcher.store.tables import homes
from dispatcher.store.versions import SUMMONS
from dispatcher.store.written import Wrote, written_in


@dataclass(frozen=True)
class AlertLine:
    """An alert in a list: what it is, and where one of its versions stands."""

    alert_id: str
    title: str
    mode: str  # real | rehearsal | exercise | public_test
    version_id: str
    number: int
    kind: str  # alert | update | all_clear | false_alarm
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
    """Return the commune's alerts, the newest act first, each with the version that counts.

    That is the newest that was launched; of an alert that never was, the newest.
    """
    # In one hop: every live screen's reader asks again and again.
    rows = await ledger.read(lambda one: one.execute(_lines(commune).limit(limit)).all())
    return [AlertLine(**row._mapping) for row in rows]


async def alert_versions(ledger: Ledger, commune: str, alert_id: str) -> list[AlertLine]:
    """Return every version of one alert, newest first; empty when there is no such alert."""
    mine = (alerts.c.alert_id == alert_id, versions.c.kind != SUMMONS)
    wanted = _all_versions(commune).where(*mine)
    newest_first = wanted.order_by(versions.c.number.desc())
    rows = await ledger.read(lambda one: one.execute(newest_first).all())
    return [AlertLine(**row._mapping) for row in rows]


def that_counts(versions: Sequence[AlertLine]) -> AlertLine | None:
    """Return the newest of an alert's versions that was launched, else the newest there is."""
    launched = [one for one in versions if one.launched_at is not None]
    return max(launched or versions, key=lambda one: one.number, default=None)


def _all_versions(commune: str) -> Select[Any]:
    same = and_(versions.c.commune == alerts.c.commune, versions.c.alert_id == alerts.c.alert_id)
    kept = (name for name in AlertLine.__dataclass_fields__ if name in versions.c)
    return (
        select(alerts.c.title, alerts.c.mode, *(versions.c[name] for name in kept))
        .join(versions, same)
        .where(alerts.c.commune == commune)
    )


def _lines(commune: str) -> Select[Any]:
    launched = case((versions.c.launched_at.is_not(None), versions.c.number))
    counts = (
        select(func.coalesce(func.max(launched), func.max(versions.c.number)))
        .where(versions.c.commune == alerts.c.commune, versions.c.alert_id == alerts.c.alert_id)
        .correlate(alerts)
        .scalar_subquery()
    )
    last_act = func.coalesce(versions.c.launched_at, alerts.c.created_at)
    return (
        _all_versions(commune)
        .where(
            versions.c.number == counts,
            alerts.c.created_by != CANARY,
            versions.c.kind != SUMMONS,
        )
        .order_by(last_act.desc(), alerts.c.alert_id)
    )


async def unlocated(ledger: Ledger, commune: str) -> int:
    """Count the people who gave an address that has no place on the map: no area finds them."""
    door, other = doors(commune), homes.alias("other")
    found = select(door.c.place_mark)
    elsewhere = exists().where(
        other.c.commune == homes.c.commune,
        other.c.person_id == homes.c.person_id,
        or_(other.c.lon.is_not(None), other.c.place_mark.in_(found)),
    )
    wanted = select(func.count(homes.c.person_id.distinct())).where(
        homes.c.commune == commune, homes.c.lon.is_(None), ~elsewhere
    )
    async with ledger.reading() as connection:
        return int((await connection.execute(wanted)).scalar_one())


@dataclass(frozen=True)
class Question:
    """What a resident is asked on her own page, and what she has answered already.

    `wrote` are her last words here; `told_of`, what her contact is told of (`written.py`).
    """

    commune: str
    delivery_id: str
    version_id: str
    medium: str
    contact_mark: str
    language: str
    answered: frozenset[str]  # understood, help
    line: AlertLine
    wrote: Wrote | None = None
    told_of: str = ""


async def question(ledger: Ledger, page: str) -> Question | None:
    """Return the alert behind an answering page's token; None when there is no such token."""
    return await _question(ledger, of_page(page))


async def question_of(ledger: Ledger, commune: str, delivery_id: str) -> Question | None:
    """Return the alert behind a delivery; None when there is no such delivery."""
    return await _question(
        ledger, and_(deliveries.c.commune == commune, deliveries.c.delivery_id == delivery_id)
    )


_NAMES = ("commune", "delivery_id", "version_id", "medium", "contact_mark", "language")


async def _question(ledger: Ledger, mine: ColumnElement[bool]) -> Question | None:
    # In one hop: a whole town opens its pages at once.
    return await ledger.read(lambda connection: _question_in(connection, mine))


def _question_in(connection: Connection, mine: ColumnElement[bool]) -> Question | None:
    wanted = select(*(deliveries.c[name] for name in _NAMES)).where(mine)
    found = connection.execute(wanted).first()
    if found is None:
        return None
    version = _all_versions(found.commune).where(versions.c.version_id == found.version_id)
    row = connection.execute(version).one()
    kinds = connection.execute(
        select(answers.c.kind).where(
            answers.c.commune == found.commune, answers.c.delivery_id == found.delivery_id
        )
    )
    whose = (found.commune, found.delivery_id, found.contact_mark)
    wrote, told_of = written_in(connection, *whose)
    return Question(
        **found._mapping,
        answered=frozenset(kinds.scalars()),
        line=AlertLine(**row._mapping),
        wrote=wrote,
        told_of=told_of,
    )


async def version_titles(
    ledger: Ledger, commune: str, idents: Sequence[str]
) -> list[tuple[str, str, float | None]]:
    """Return these versions with their alert's title and when each was launched, in that order."""
    wanted = (
        select(versions.c.version_id, alerts.c.title, versions.c.launched_at)
        .join_from(
            versions,
            alerts,
            and_(alerts.c.commune == versions.c.commune, alerts.c.alert_id == versions.c.alert_id),
        )
        .where(versions.c.commune == commune, versions.c.version_id.in_(idents))
        .order_by(versions.c.launched_at)
    )
    async with ledger.reading() as connection:
        return [(one[0], one[1], one[2]) for one in await connection.execute(wanted)]
