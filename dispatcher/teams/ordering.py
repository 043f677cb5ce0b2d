"""What the cell orders: missions made, given to a team, called off.

A report is a fact and is never refused; an order that makes no sense is, in words: to a team that
is off duty or has another mission, of a mission that is over.
"""

from dataclasses import dataclass, replace

from dispatcher.access.permissions import allowed
from dispatcher.alerts.drafting import new_id
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import NotNow, NotSo, NotThere, NotYou
from dispatcher.sentences import Word
from dispatcher.store.crises import event_of, open_event_of
from dispatcher.store.mission_orders import Beside, MissionRow, Order, Standing, give
from dispatcher.store.mission_rows import Mission, mission_of
from dispatcher.store.team_rows import team_rows
from dispatcher.teams.reporting import Sender, Telling, report_of
from dispatcher.teams.roster import KnownTeam, Roster, roster_of
from plans.missions import MISSION_KINDS, mission_may_become, mission_state

MAY = "team.order"
LONGEST_TITLE, LONGEST_TEXT = 200, 4000
URGENCIES = (1, 2, 3, 4)


@dataclass(frozen=True)
class NewMission:
    """A mission to make. `urgency` 1: a life in danger … 4: there is time; then `place_in_line`.

    `origin` is hand, card, help, street or partner; `origin_ref` says which card and step, call…
    `mode` is the alert's, or the call's, that it comes from: a crisis of another one is not its
    own. `queued_for` is the busy team that is to have it next; `standing` and `beside` are as
    `Order` has them.
    """

    kind: str
    title: str
    text: str = ""
    sector: str | None = None
    lon: float | None = None
    lat: float | None = None
    urgency: int = 3
    place_in_line: int = 0
    origin: str = "hand"
    origin_ref: str = ""
    event: str | None = None
    mode: str | None = None
    queued_for: str | None = None
    standing: Standing | None = None
    beside: Beside | None = None


async def find_mission(office: Office, mission: str) -> Mission:
    """Return a mission; raises NotThere."""
    found = await mission_of(office.ledger, office.commune, mission)
    if found is None:
        raise NotThere("Cette mission n'existe pas.")
    return found


async def find_team(office: Office, team: str) -> KnownTeam:
    """Return a team by any of its names; raises NotThere."""
    found = (await roster_of(office)).find(team)
    if found is None:
        raise NotThere("L'équipe « {team} » n'existe pas.", team=team)
    return found


async def propose(
    office: Office, new: NewMission, *, actor: Actor, team: str | None = None, key: str = ""
) -> Mission:
    """Make a mission, and give it to a team at once where one is named.

    `key` is the click's: the same again makes nothing, and returns what the first one made.
    """
    _may(actor)
    _check(new)
    roster = await roster_of(office)
    known = _team_in(roster, team) if team else None
    event = await _event(office, new)
    ident = Sender("console", actor.login, key).report_id[:16] if key else new_id()
    if key and (made := await mission_of(office.ledger, office.commune, ident)):
        return made
    if known is not None:
        await _ready(office, known)
    row = MissionRow(
        mission=ident, event=event[0], mode=event[1], kind=new.kind, title=new.title.strip(),
        text=new.text.strip(), sector=new.sector, lon=new.lon, lat=new.lat, urgency=new.urgency,
        place_in_line=new.place_in_line, origin=new.origin, origin_ref=new.origin_ref,
        queued_for=new.queued_for,
    )  # fmt: skip
    words = _Words("proposed" if known is None else "ordered", known, event[0])
    asked = Order(
        ident, (), actor.login, new=row, team=known.team if known else None,
        standing=new.standing, beside=new.beside,
    )  # fmt: skip
    return await find_mission(office, await _give(office, asked, words, actor=actor) or ident)


async def order(office: Office, mission: str, team: str, *, actor: Actor) -> Mission:
    """Give a mission to a team; to another one, where it has it already and is not under way.

    Raises NotNow where the team has another one, is off duty, or the mission is over.
    """
    _may(actor)
    found = await find_mission(office, mission)
    known = await find_team(office, team)
    if found.is_over:
        raise NotNow(
            "La mission est {state} : faites-en une nouvelle.",
            state=Word(mission_state(found.state).fr),
        )
    if found.team == known.team:
        return found
    if found.state in ("in_progress", "suspended"):
        raise NotNow("Une équipe est déjà à cette mission : annulez-la, ou faites-en une autre.")
    await _ready(office, known)
    asked = Order(mission, (), actor.login, team=known.team, as_read=found.state)
    await _give(office, asked, _Words("ordered", known, found.event), actor=actor)
    return await find_mission(office, mission)


async def move(office: Office, mission: str, to: str, *, actor: Actor, note: str = "") -> Mission:
    """Say, as the cell, where a mission stands; calling it off needs a reason. Refuses nonsense."""
    _may(actor)
    found = await find_mission(office, mission)
    if to == found.state:
        return found
    if to not in {"accepted", "in_progress", "suspended", "done", "failed", "cancelled"}:
        raise NotSo("« {state} » n'est pas un état de mission.", state=to)
    if not mission_may_become(to, old=found.state):
        raise NotNow(
            "La mission est {old} : elle ne peut pas devenir {new}.",
            old=Word(mission_state(found.state).fr), new=Word(mission_state(to).fr),
        )  # fmt: skip
    if to in ("cancelled", "failed") and not note.strip():
        raise NotSo("Dites pourquoi la mission s'arrête.")
    known = (await roster_of(office)).teams.get(found.team or "")
    asked = Order(mission, (), actor.login, as_read=found.state)
    await _give(office, asked, _Words(to, known, found.event, note), actor=actor)
    return await find_mission(office, mission)


async def _ready(office: Office, team: KnownTeam) -> None:
    row = (await team_rows(office.ledger, office.commune)).get(team.team)
    if row is not None and row.state == "off_duty":
        raise NotNow("L'équipe {team} est indisponible.", team=team.call_sign)


@dataclass(frozen=True)
class _Words:
    """How an order is told: the state that it brings, the team that has it, the crisis, why."""

    state: str
    team: KnownTeam | None
    event: str | None
    note: str = ""


async def _give(office: Office, asked: Order, words: _Words, *, actor: Actor) -> str | None:
    """Write it down; return the mission that stood already, where nothing was made."""
    telling = Telling(
        office.clock(),
        mission=asked.mission,
        mission_said=words.state,
        event=words.event,
        note=words.note,
    )
    sender = Sender("console", actor.login, new_id())
    report = report_of(telling, words.team, sender=sender)._replace(ordered=True, alarms=())
    asked = replace(asked, reports=(report,))
    given = await give(office.ledger, office.commune, asked, key=office.logbook_key)
    if given.busy:
        other = await find_mission(office, given.busy)
        raise NotNow(
            "{team} a déjà une mission : « {title} ». Terminez-la ou annulez-la d'abord.",
            team=words.team.call_sign if words.team else "", title=other.title,
        )  # fmt: skip
    if not given.done:
        raise NotNow("Quelqu'un vient de changer cette mission : relisez-la.")
    return given.stood


async def _event(office: Office, new: NewMission) -> tuple[str | None, str]:
    found = (
        await event_of(office.ledger, office.commune, new.event)
        if new.event
        else await open_event_of(office.ledger, office.commune)
    )
    if new.event and found is None:
        raise NotThere("Cet événement n'existe pas.")
    if found is None or (new.mode is not None and new.mode != found.mode):
        return None, new.mode or "real"
    return found.event_id, found.mode


def _team_in(roster: Roster, team: str) -> KnownTeam:
    found = roster.find(team)
    if found is None:
        raise NotThere("L'équipe « {team} » n'existe pas.", team=team)
    return found


def _check(new: NewMission) -> None:
    if new.kind not in MISSION_KINDS:
        raise NotSo("« {kind} » n'est pas un genre de mission.", kind=new.kind)
    if not new.title.strip() or len(new.title) > LONGEST_TITLE:
        raise NotSo("Dites en quelques mots (200 signes) ce qu'il faut faire.")
    if len(new.text) > LONGEST_TEXT:
        raise NotSo(
            "Le texte de la mission est trop long ({most} signes au plus).", most=LONGEST_TEXT
        )
    if new.urgency not in URGENCIES:
        raise NotSo("L'urgence va de 1 (une vie en danger) à 4 (on a le temps).")


def _may(actor: Actor) -> None:
    if not allowed(actor.function, MAY):
        raise NotYou("Votre fonction ne permet pas de donner des missions.")
