"""Partners that are let in now, and the serials of their keys."""

from dataclasses import dataclass

from sqlalchemy import Connection, and_, or_, select

from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.partner_tables import external_ids, partner_keys, partners


@dataclass(frozen=True)
class Partner:
    """A partner as its requests are judged: whose, what it may do, and how often.

    `teams` are ids of the plan; those of its own (`own_teams`) are its as well. `serials` are those
    of its keys that open now, the newest first. It is told of no line up to `told_from`.
    """

    commune: str
    partner: str
    name: str
    kind: str
    teams: frozenset[str]
    verbs: frozenset[str]
    rate_per_s: float
    url: str
    serials: tuple[int, ...]
    told_from: int = 0


_LET_IN = and_(partners.c.agreed_at.is_not(None), partners.c.ended_at.is_(None))
_SAME = and_(
    partner_keys.c.commune == partners.c.commune, partner_keys.c.partner == partners.c.partner
)
_OPENS = or_(partner_keys.c.ends_at.is_(None), partner_keys.c.ends_at > db_now())


async def let_in(ledger: Ledger) -> list[Partner]:
    """Return every partner of this installation that may be heard now."""
    return await ledger.read(_let_in)


def _let_in(connection: Connection) -> list[Partner]:
    wanted = (
        select(partners, partner_keys.c.serial)
        .join(partner_keys, _SAME)
        .where(_LET_IN, _OPENS)
        .order_by(partners.c.commune, partners.c.partner, partner_keys.c.serial.desc())
    )
    found: dict[tuple[str, str], Partner] = {}
    for row in connection.execute(wanted):
        key = (row.commune, row.partner)
        before = found[key].serials if key in found else ()
        found[key] = Partner(
            commune=row.commune,
            partner=row.partner,
            name=row.name,
            kind=row.kind,
            teams=frozenset(row.teams),
            verbs=frozenset(row.verbs),
            rate_per_s=row.rate_per_s,
            url=row.url,
            serials=(*before, row.serial),
            told_from=row.told_from,
        )
    return list(found.values())


async def partner_names_of(ledger: Ledger, commune: str) -> dict[str, str]:
    """Return how partners are called, by their ids; those that are let in no more too."""
    wanted = select(partners.c.partner, partners.c.name).where(partners.c.commune == commune)
    return await ledger.read(lambda one: {row.partner: row.name for row in one.execute(wanted)})


async def named_by(ledger: Ledger, commune: str) -> dict[tuple[str, str, str], str]:
    """Return what partners call ours: (partner, team or mission, their name) → our id."""
    held = external_ids.c
    wanted = select(held.partner, held.kind, held.external, held.ours).where(
        held.commune == commune
    )

    def look(connection: Connection) -> dict[tuple[str, str, str], str]:
        return {
            (partner, kind, external): ours
            for partner, kind, external, ours in connection.execute(wanted)
        }

    return await ledger.read(look)
