"""A town hall with partners: two people who manage accesses, systems that they let in."""

import time
from collections.abc import Sequence

from sqlalchemy import insert

from dispatcher.alerts.office import Actor, Office
from dispatcher.partners import registry
from dispatcher.partners.registry import Wanted
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry, append_all
from dispatcher.store.mission_rows import WORDS
from dispatcher.store.partners import Partner, let_in
from dispatcher.store.personal import mission_at, sealed
from dispatcher.store.team_tables import missions
from tests.situations import COMMUNE
from tests.staffed_hall import ADMIN, MAYOR

MASTER = b"p" * 32
FIRST = Actor(ADMIN.login, ADMIN.function, ADMIN.contact_id)
SECOND = Actor(MAYOR.login, MAYOR.function, MAYOR.contact_id)
POLICE = Wanted(
    "Police municipale",
    "police_municipale",
    teams=("POLICE",),
    verbs=("team.status", "team.position", "mission.status", "events.read"),
)


async def admitted(office: Office, wanted: Wanted = POLICE) -> str:
    """Let a partner in, as two people do; return its id."""
    partner = await registry.ask(office, wanted, by=FIRST)
    await registry.agree(office, partner, by=SECOND)
    return partner


async def partner_of(office: Office, partner: str) -> Partner:
    """Return a partner as its requests are judged."""
    found = {one.partner: one for one in await let_in(office.ledger)}
    return found[partner]


async def write_lines(ledger: Ledger, entries: Sequence[Entry], commune: str = COMMUNE) -> None:
    """Write lines of the logbook."""
    await ledger.write(lambda one: append_all(one, commune=commune, entries=entries, key=b"k" * 32))


def status(team: str, said: str = "on_scene", **data: object) -> Entry:
    """Return a team's report as the intake writes it."""
    told = {"team": team, "said": said, "state": said, "source": "phone", "applied": True, **data}
    return Entry("phone:lien", "team.report", f"{team} : sur place — chez Mme Untel", told)


async def write_mission(ledger: Ledger, mission: str, team: str | None, **changes: object) -> None:
    """Write a mission straight into its table."""
    now = time.time()
    row = {
        "commune": COMMUNE, "mission": mission, "mode": "real", "kind": "reconnaissance",
        "title": "Reconnaître le quai", "text": "Chez Mme Untel", "urgency": 2,
        "place_in_line": 0, "origin": "hand", "origin_ref": "", "team": team,
        "state": "not_started", "since": now, "missing": [], "gaps": 0, "made_by": "rac",
        "made_at": now, "result": "", "changed_at": now,
    } | changes  # fmt: skip
    for word in WORDS:
        place = mission_at(word, str(row["commune"]), mission)
        row[word] = sealed(ledger.ring, str(row[word]), place)
    await ledger.write(lambda one: one.execute(insert(missions).values(row)))
