"""Links that open a team's page on a phone: made, opened, seen again, revoked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from dispatcher.store.clock import db_now
from dispatcher.store.crisis_tables import OPEN_STATES, event_acts, events
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import append
from dispatcher.store.phone_tables import team_links
from dispatcher.store.versions import Chained

SEEN_EVERY_S = 60.0  # a page asks four times a minute: the ledger is written once


@dataclass(frozen=True)
class NewLink:
    """A link to make; the ledger keeps its token's hash alone."""

    link: str
    token_hash: str = field(repr=False)
    team: str
    event: str | None
    made_by: str
    life_s: float


@dataclass(frozen=True)
class TeamLink:
    """A link; instants are epoch seconds. `over` is why it opens nothing: revoked, ended, or "".

    `ended_at` is when it ended, by its hours or with its event; None while it opens its page.
    """

    commune: str
    link: str
    team: str
    event: str | None
    made_by: str
    made_at: float
    ends_at: float
    revoked_at: float | None
    opened_at: float | None
    seen_at: float | None
    follows: str | None
    over: str
    ended_at: float | None = None


_NAMES = [name for name in TeamLink.__dataclass_fields__ if name not in ("over", "ended_at")]
_HELD = team_links.c
_EVENT_OVER = and_(_HELD.event.is_not(None), events.c.state.not_in(OPEN_STATES))
_STOOD_DOWN_AT = (
    select(func.max(event_acts.c.acted_at))
    .where(
        event_acts.c.commune == _HELD.commune,
        event_acts.c.event_id == _HELD.event,
        event_acts.c.from_state.in_(OPEN_STATES),
        event_acts.c.to_state.not_in(OPEN_STATES),
    )
    .correlate(team_links)
    .scalar_subquery()
)
_WANTED = select(
    *(_HELD[name] for name in _NAMES),
    (_HELD.ends_at <= db_now()).label("late"),
    func.coalesce(_EVENT_OVER, False).label("stood_down"),
    _STOOD_DOWN_AT.label("stood_down_at"),
).select_from(
    team_links.outerjoin(
        events, and_(events.c.commune == _HELD.commune, events.c.event_id == _HELD.event)
    )
)


async def make_link(ledger: Ledger, commune: str, new: NewLink, *, line: Chained) -> None:
    """Keep a link, with its line of the logbook."""
    row = {name: value for name, value in vars(new).items() if name != "life_s"}
    async with ledger.writing() as connection:
        await connection.execute(
            team_links.insert().values(
                commune=commune, made_at=db_now(), ends_at=db_now() + new.life_s, **row
            )
        )
        await append(connection, commune=commune, entry=line.entry, key=line.key)


async def link_of(ledger: Ledger, token_hash: str) -> TeamLink | None:
    """Return the link of a token, over or not; None where there was never one."""
    found = await _links(ledger, _HELD.token_hash == token_hash)
    return found[0] if found else None


async def links_of(ledger: Ledger, commune: str, team: str) -> list[TeamLink]:
    """Return the links of a team, the newest first."""
    return await _links(ledger, _HELD.commune == commune, _HELD.team == team)


async def _links(ledger: Ledger, *which: ColumnElement[bool]) -> list[TeamLink]:
    wanted = _WANTED.where(*which).order_by(_HELD.made_at.desc(), _HELD.link).limit(100)
    rows = await ledger.read(lambda connection: connection.execute(wanted).mappings().all())
    return [
        TeamLink(
            **{name: row[name] for name in _NAMES},
            over=_over(row),
            ended_at=_ended_at(row),
        )
        for row in rows
    ]


def _over(row: Mapping[Any, Any]) -> str:
    if row["revoked_at"] is not None:
        return "revoked"
    return "ended" if row["late"] or row["stood_down"] else ""


def _ended_at(row: Mapping[Any, Any]) -> float | None:
    late = [row["ends_at"]] if row["late"] else []
    stood_down = [row["stood_down_at"] or row["made_at"]] if row["stood_down"] else []
    return min((*late, *stood_down), default=None)


async def revoke_links(
    ledger: Ledger, commune: str, team: str, *, line: Chained, link: str | None = None
) -> int:
    """Revoke a link, or all of a team's that still open; return how many: none writes no line."""
    wanted = [
        _HELD.commune == commune,
        _HELD.team == team,
        _HELD.revoked_at.is_(None),
        *([_HELD.link == link] if link is not None else []),
    ]
    async with ledger.writing() as connection:
        done = await connection.execute(
            update(team_links)
            .where(*wanted)
            .values(revoked_at=db_now(), revoked_by=line.entry.author)
        )
        if done.rowcount < 1:
            return 0
        await append(connection, commune=commune, entry=line.entry, key=line.key)
    return int(done.rowcount)


async def mark_seen(ledger: Ledger, link: TeamLink) -> None:
    """Note that a phone has this page open, once a minute at most."""
    this = and_(_HELD.commune == link.commune, _HELD.link == link.link)
    stale = or_(_HELD.seen_at.is_(None), _HELD.seen_at < db_now() - SEEN_EVERY_S)
    seen = update(team_links).where(this, stale)
    first = func.coalesce(_HELD.opened_at, db_now())
    await ledger.write(
        lambda connection: connection.execute(seen.values(seen_at=db_now(), opened_at=first))
    )


async def follow(ledger: Ledger, link: TeamLink, mission: str | None, *, line: Chained) -> bool:
    """Switch the following of a phone on for a mission, or off; False where it was so already."""
    this = and_(
        _HELD.commune == link.commune,
        _HELD.link == link.link,
        _HELD.follows.is_distinct_from(mission),
    )
    async with ledger.writing() as connection:
        done = await connection.execute(update(team_links).where(this).values(follows=mission))
        if done.rowcount < 1:
            return False
        await append(connection, commune=link.commune, entry=line.entry, key=line.key)
    return True
