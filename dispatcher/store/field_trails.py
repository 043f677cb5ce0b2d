"""Where teams are: the last place of each, and its trail, kept for the incident only."""

from collections.abc import Sequence

from sqlalchemy import Connection, and_, delete, exists, or_, update

from dispatcher.store.clock import db_now
from dispatcher.store.field_reports import Report
from dispatcher.store.logbook import Entry
from dispatcher.store.statements import insert_in
from dispatcher.store.team_tables import team_states, team_trails


def keep_places(
    connection: Connection, commune: str, placed: Sequence[Report], *, now: float
) -> None:
    """Keep where teams were, inside the caller's transaction; an older place moves nobody."""
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
        if one.team is not None and one.lon is not None and one.lat is not None
    ]
    if not rows:
        return
    trail = insert_in(connection.dialect.name, team_trails)
    connection.execute(trail.on_conflict_do_nothing(), rows)
    newest = {row["team"]: row for row in sorted(rows, key=lambda row: (row["at"], row["lon"]))}
    made = insert_in(connection.dialect.name, team_states)
    moved = {"lon": "lon", "lat": "lat", "placed_at": "placed_at", "changed_at": "changed_at"}
    connection.execute(
        made.on_conflict_do_update(
            index_elements=["commune", "team"],
            set_={name: made.excluded[name] for name in moved},
            where=or_(
                team_states.c.placed_at.is_(None),
                team_states.c.placed_at < made.excluded.placed_at,
            ),
        ),
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


def forget_trails(connection: Connection, commune: str, event: str) -> int:
    """Forget the trails of an event that is over; return how many places there were.

    With them goes what was told of places while no event was open, and the last place of a team of
    which nothing is left.
    """
    mine = and_(
        team_trails.c.commune == commune,
        or_(team_trails.c.event == event, team_trails.c.event.is_(None)),
    )
    done = connection.execute(delete(team_trails).where(mine))
    left = exists().where(
        team_trails.c.commune == team_states.c.commune, team_trails.c.team == team_states.c.team
    )
    connection.execute(
        update(team_states)
        .where(team_states.c.commune == commune, team_states.c.lon.is_not(None), ~left)
        .values(lon=None, lat=None, placed_at=None, changed_at=db_now())
    )
    return max(done.rowcount, 0)


def trails_forgotten(event: str, places: int, *, by: str) -> Entry:
    """Return the logbook's line of that."""
    return Entry(
        author=by,
        kind="team.trails_forgotten",
        text=f"Positions des équipes effacées : {places}",
        data={"event": event, "places": places},
    )
