"""Where teams are: the last place of each, its trail, its photos, kept for the incident only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import (
    ColumnElement,
    Connection,
    Insert,
    Table,
    and_,
    bindparam,
    delete,
    exists,
    or_,
    select,
    tuple_,
    update,
)

from dispatcher.store.clock import db_now
from dispatcher.store.crisis_tables import CLOSED_STATES, events
from dispatcher.store.field_reports import Report
from dispatcher.store.logbook import Entry
from dispatcher.store.phone_tables import team_photos
from dispatcher.store.statements import insert_in
from dispatcher.store.team_tables import team_states, team_trails


def keep_places(
    connection: Connection, commune: str, placed: Sequence[Report], *, now: float
) -> None:
    """Keep where teams were, inside the caller's transaction; an older place moves nobody.

    What comes late of an event that is closed is not kept: nothing would erase it any more.
    """
    closed = closed_of(connection, commune, (one.event for one in placed if one.lon is not None))
    rows = [
        {
            "commune": commune,
            "team": one.team,
            "at": one.at,
            "lon": one.lon,
            "lat": one.lat,
            "accuracy_m": one.accuracy_m,
            "source": one.source,
            "event": one.event,
            "mission": one.mission,
        }
        for one in placed
        if one.event not in closed
        and one.team is not None
        and one.lon is not None
        and one.lat is not None
    ]
    if not rows:
        return
    connection.execute(_trailed(connection.dialect.name), rows)
    newest = {
        row["team"]: row
        for row in sorted(rows, key=lambda row: (row["at"], row["lon"], row["lat"]))
    }
    connection.execute(
        _moved(connection.dialect.name),
        [
            {
                "commune": commune,
                "team": team,
                "lon": row["lon"],
                "lat": row["lat"],
                "placed_at": row["at"],
                "missing": [],
                "gaps": 0,
                "changed_at": now,
            }
            for team, row in newest.items()
        ],
    )


@cache
def _trailed(dialect: str) -> Insert:
    return insert_in(dialect, team_trails).on_conflict_do_nothing()


_NEWEST = ("placed_at", "lon", "lat")  # of two places of one second, whichever came first


@cache
def _moved(dialect: str) -> Insert:
    made = insert_in(dialect, team_states)
    return made.on_conflict_do_update(
        index_elements=["commune", "team"],
        set_={name: made.excluded[name] for name in ("lon", "lat", "placed_at", "changed_at")},
        where=or_(
            team_states.c.placed_at.is_(None),
            tuple_(*(team_states.c[name] for name in _NEWEST))
            < tuple_(*(made.excluded[name] for name in _NEWEST)),
        ),
    )


_CLOSED = select(events.c.event_id).where(
    events.c.commune == bindparam("commune"),
    events.c.event_id.in_(bindparam("named", expanding=True)),
    events.c.state.in_(CLOSED_STATES),
)


def closed_of(connection: Connection, commune: str, among: Iterable[str | None]) -> set[str]:
    """Return which of these events are closed, or were not followed up."""
    named = {one for one in among if one is not None}
    if not named:
        return set()
    asked = {"commune": commune, "named": sorted(named)}
    return set(connection.execute(_CLOSED, asked).scalars())


@dataclass(frozen=True)
class Forgotten:
    """How many places of teams, and how many of their photos, were erased."""

    places: int = 0
    photos: int = 0


def forget_trails(connection: Connection, commune: str, event: str) -> Forgotten:
    """Forget the trails and photos of an event that is over.

    With them goes what was told while no event was open, what lies under one that is closed, and
    the last place of a team of which nothing is left.
    """
    trails = connection.execute(delete(team_trails).where(_of(team_trails, commune, event)))
    photos = connection.execute(delete(team_photos).where(_of(team_photos, commune, event)))
    left = exists().where(
        team_trails.c.commune == team_states.c.commune, team_trails.c.team == team_states.c.team
    )
    connection.execute(
        update(team_states)
        .where(team_states.c.commune == commune, team_states.c.lon.is_not(None), ~left)
        .values(lon=None, lat=None, placed_at=None, changed_at=db_now())
    )
    return Forgotten(max(trails.rowcount, 0), max(photos.rowcount, 0))


def _of(table: Table, commune: str, event: str) -> ColumnElement[bool]:
    closed = select(events.c.event_id).where(
        events.c.commune == commune, events.c.state.in_(CLOSED_STATES)
    )
    return and_(
        table.c.commune == commune,
        or_(table.c.event == event, table.c.event.is_(None), table.c.event.in_(closed)),
    )


def trails_forgotten(event: str, forgotten: Forgotten, *, by: str) -> Entry:
    """Return the logbook's line of that."""
    photos = f", photos : {forgotten.photos}" if forgotten.photos else ""
    return Entry(
        author=by,
        kind="team.trails_forgotten",
        text=f"Positions des équipes effacées : {forgotten.places}{photos}",
        data={
            "event": event,
            "places": forgotten.places,
            **({"photos": forgotten.photos} if forgotten.photos else {}),
        },
    )
