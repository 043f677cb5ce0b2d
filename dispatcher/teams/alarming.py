"""Alarms of teams: what each kind is, taken by somebody, ended in words.

Whoever gives orders to teams may do it. An alarm stays open until somebody has ended it: news of a
silent team re-arm its timers, and end nothing; a mission that nobody answered is ended by its
answer alone (dispatcher/store/field_alarms.py). A team in distress that nobody takes within a
minute has the RAC rung (dispatcher/distress/team_ringing.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from dispatcher.access.permissions import allowed
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import NotNow, NotSo, NotThere, NotYou
from dispatcher.store import team_alarms
from dispatcher.store.team_alarms import NOW, TeamAlarm
from dispatcher.store.users import accounts_of
from dispatcher.teams.roster import Roster, roster_of

MAY = "team.order"
UNTAKEN_S = 60.0  # a distress that nobody has: the RAC is rung
LONGEST_NOTE = 2000


@dataclass(frozen=True)
class AlarmKind:
    """A kind of alarm: what it is called, and what to do about it."""

    code: str
    fr: str
    to_do: str


KINDS = (
    AlarmKind(
        "distress", "Détresse", "Appelez l'équipe, prévenez le CODIS (18 ou 112), envoyez du monde."
    ),
    AlarmKind("reinforcement", "Renfort demandé", "Envoyez une équipe, et dites-le à celle-ci."),
    AlarmKind("urgent_message", "Message urgent", "Lisez le message et rappelez l'équipe."),
    AlarmKind("low_strength", "Effectif insuffisant", "Complétez l'équipe, ou faites-la revenir."),
    AlarmKind("silent", "Sans nouvelles", "Appelez l'équipe par radio ou téléphone."),
    AlarmKind("lone", "Une personne seule", "Personne ne reste seul : envoyez quelqu'un."),
    AlarmKind("relief", "Relève à prévoir", "Proposez une relève, et notez qui la prend."),
    AlarmKind(
        "not_acknowledged", "Mission non reçue ou refusée", "Appelez l'équipe, ou une autre."
    ),
)
_BY_CODE = {one.code: one for one in KINDS}


def kind_of(code: str) -> AlarmKind:
    """Return a kind; one that is not known here is told by its code."""
    return _BY_CODE.get(code) or AlarmKind(code, code, "")


async def find(office: Office, alarm: str) -> TeamAlarm:
    """Return an alarm; raises NotThere."""
    found = await team_alarms.alarm_of(office.ledger, office.commune, alarm)
    if found is None:
        raise NotThere("Cette alarme n'existe pas.")
    return found


async def take(office: Office, alarm: str, *, actor: Actor) -> TeamAlarm:
    """Become the owner of an alarm; who has it and is asked again is at it again.

    Raises NotNow with who has it. A second click changes nothing.
    """
    found = await _open(office, alarm, actor)
    if found.owner == actor.login and not found.waits:
        return found
    if found.owner not in (None, actor.login) and not found.waits:
        raise await _taken(office, found)
    values = {"owner": actor.login, "owned_at": NOW}
    about = {"before": found.owner} if found.owner not in (None, actor.login) else {}
    return await _changed(office, found, values, ("taken", "prise", about), actor=actor)


async def end(office: Office, alarm: str, note: str, *, actor: Actor) -> TeamAlarm:
    """End an alarm in words; raises NotSo without them, NotNow where somebody else has it.

    NotNow too where it was asked again, and nobody has taken that.
    """
    found = await _open(office, alarm, actor)
    if not note.strip():
        raise NotSo("Dites en quelques mots comment cette alarme se termine.")
    if len(note) > LONGEST_NOTE:
        raise NotSo("Le motif ou la référence est trop long.")
    if found.owner not in (None, actor.login):
        raise await _taken(office, found)
    if found.owner is not None and found.waits:
        raise NotNow("L'équipe a redemandé depuis : reprenez l'alarme, puis terminez-la.")
    values = {
        "owner": actor.login,
        "owned_at": NOW,
        "note": note.strip(),
        "ended_by": actor.login,
        "ended_at": NOW,
    }
    return await _changed(office, found, values, ("ended", "terminée", {}), actor=actor)


async def listed(office: Office) -> dict[str, object]:
    """Return the open alarms, the gravest first, and those that were ended last."""
    roster = await roster_of(office)
    opened = await team_alarms.alarms_of(office.ledger, office.commune)
    ended = await team_alarms.alarms_of(office.ledger, office.commune, ended=True, limit=50)
    return {
        "open": [shown(one, roster) for one in opened],
        "ended": [shown(one, roster) for one in ended],
        "untaken_after_s": UNTAKEN_S,
    }


async def shown_of(office: Office, alarm: TeamAlarm) -> dict[str, object]:
    """Return one alarm as tools read it."""
    return shown(alarm, await roster_of(office))


def shown(alarm: TeamAlarm, roster: Roster) -> dict[str, object]:
    """Return an alarm as tools read it: codes, what to do, instants in UTC."""
    team, kind = roster.teams.get(alarm.team), kind_of(alarm.kind)
    return {
        "alarm": alarm.alarm,
        "kind": alarm.kind,
        "level": alarm.level,
        "state": "open" if alarm.is_open else "ended",
        "team": alarm.team,
        "call_sign": team.call_sign if team else alarm.team,
        "mission": alarm.mission,
        "text": kind.fr,
        "to_do": kind.to_do,
        "said": alarm.said or None,
        "mode": alarm.mode,
        "raised_at": _iso(alarm.raised_at),
        "asked_again_at": _iso(alarm.again_at),
        "owner": alarm.owner,
        "owned_at": _iso(alarm.owned_at),
        "waits": alarm.is_open and alarm.waits,
        "rung_at": _iso(alarm.rung_at),
        "nobody_to_ring_at": _iso(alarm.tried_at),
        "note": alarm.note or None,
        "ended_by": alarm.ended_by,
        "ended_at": _iso(alarm.ended_at),
    }


def _iso(at: float | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")


async def _open(office: Office, alarm: str, actor: Actor) -> TeamAlarm:
    if not allowed(actor.function, MAY):
        raise NotYou("Votre fonction ne permet pas de traiter les alarmes des équipes.")
    found = await find(office, alarm)
    if not found.is_open:
        raise NotNow("Cette alarme est déjà terminée.")
    return found


async def _taken(office: Office, alarm: TeamAlarm) -> NotNow:
    accounts = await accounts_of(office.ledger, office.commune)
    names = {one.user.login: one.user.name for one in accounts}
    who = names.get(alarm.owner or "", alarm.owner or "")
    return NotNow("{who} s'occupe déjà de cette alarme : demandez-lui.", who=who)


async def _changed(
    office: Office,
    alarm: TeamAlarm,
    values: Mapping[str, object],
    act: tuple[str, str, Mapping[str, object]],
    *,
    actor: Actor,
) -> TeamAlarm:
    done, said, about = act
    note = str(values.get("note", ""))
    line = office.line(
        actor.login,
        f"team.alarm_{done}",
        f"Alarme {said} : {kind_of(alarm.kind).fr}" + (f" — {note}" if note else ""),
        alarm=alarm.alarm,
        team=alarm.team,
        event=alarm.event,
        alarm_kind=alarm.kind,
        **about,
    )
    if not await team_alarms.change_alarm(office.ledger, alarm, values=values, line=line):
        raise NotNow("Quelqu'un vient de changer cette alarme : relisez-la.")
    return await find(office, alarm.alarm)
