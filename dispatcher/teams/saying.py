"""What a member of a team says by SMS or keypad, made into a report, an answer or a desk item.

Nonsense is asked again in words, once: « FIN! », or the same key again, is taken as it is. A call
for help is never asked again. The same message twice is one report, and is answered alike.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from channels.team_words import TEAM_WORDS, Understood, understood, without
from dispatcher.alerts.local_hour import local_hour
from dispatcher.alerts.office import Office
from dispatcher.store.desk_items import DeskItem
from dispatcher.store.field_intake import Incoming, take_in
from dispatcher.store.field_reports import Report
from dispatcher.store.field_taken import team_told_of
from dispatcher.store.mission_rows import ACTIVE, Mission, missions_of
from dispatcher.store.partner_messages import Answer
from dispatcher.store.team_rows import TeamRow, team_rows
from dispatcher.teams.members import Member
from dispatcher.teams.placing import Heard, desk_item
from dispatcher.teams.reporting import Sender, Telling, report_of
from dispatcher.teams.roster import KnownTeam, Roster, roster_of
from plans.missions import MOVED_BY
from plans.teams import DEPARTURE, OUT, STATUS_CODES, by_code, may_become, steps_between

_BY_CODE = {one.code: one for one in TEAM_WORDS}
_STATUS = {"done": "available_on_scene"}  # what « FIN » says of the team itself
# What people leave out without saying anything senseless: the fold tells the missing step.
_LEFT_OUT = frozenset(
    {
        ("available", "en_route"),
        ("available", "on_scene"),
        ("alerted", "on_scene"),
        ("available_on_scene", "on_scene"),
        ("available_on_scene", "available"),
        ("resting", "available"),
    }
)
_CRIES = ("distress", "urgent_message")  # what nobody asks back
REFUSED = ("no_mission", "not_yet", "too_few")
_WORD_OF = {
    **{one.code: one.named for one in TEAM_WORDS if one.code in STATUS_CODES},
    "available_on_scene": _BY_CODE["done"].named,
}
_MISSION = {  # a word → what it says of the active mission, by the state in which it is
    "accept": {"ordered": "accepted"},
    **MOVED_BY,
    # A mission that was ordered since is not the one that she ends.
    "done": dict.fromkeys(("accepted", "in_progress", "suspended"), "done"),
    "refuse": dict.fromkeys(ACTIVE, "failed"),
}


@dataclass(frozen=True)
class Outcome:
    """How a message is answered: a sentence of the answers, its blanks, whether it is asked again.

    `team` is whose it is, where that is known.
    """

    said: str
    blanks: Mapping[str, object] = field(default_factory=dict)
    again: bool = False
    team: str | None = None


@dataclass(frozen=True)
class Field:
    """What is known when a member speaks: her teams, what they do, the missions that go on."""

    office: Office
    member: Member
    roster: Roster
    rows: Mapping[str, TeamRow]
    missions: Sequence[Mission]

    @property
    def teams(self) -> list[KnownTeam]:
        """Her teams, in the plan's order."""
        return [self.roster.teams[one] for one in self.member.teams if one in self.roster.teams]

    def mission(self, team: KnownTeam) -> Mission | None:
        """Return a team's active mission."""
        mine = [one for one in self.missions if one.team == team.team and one.state in ACTIVE]
        return mine[0] if mine else None

    def state(self, team: KnownTeam) -> str | None:
        """Return what a team is doing, as far as anybody said."""
        row = self.rows.get(team.team)
        return row.state if row else None

    def meant(self) -> KnownTeam | None:
        """Return the one team that she can mean: her only one, or the one with a mission."""
        if len(self.teams) == 1:
            return self.teams[0]
        busy = [one for one in self.teams if self.mission(one)]
        return busy[0] if len(busy) == 1 else None

    def likely(self) -> KnownTeam:
        """Return the team to take where nobody can be asked: one that is out, else the first."""
        out = [one for one in self.teams if self.mission(one) or self.state(one) in OUT]
        return (out or self.teams)[0]

    def others(self, team: KnownTeam) -> list[KnownTeam]:
        """Return her other teams: she may have meant one of them, where she named none."""
        return [one for one in self.teams if one.team != team.team]

    @property
    def is_out(self) -> bool:
        """Whether one of her teams is out, or has a mission."""
        return any(self.mission(one) or self.state(one) in OUT for one in self.teams)

    @property
    def awaiting(self) -> Mission | None:
        """The newest mission that one of her teams has not accepted yet."""
        mine = {one.team for one in self.teams}
        waiting = [one for one in self.missions if one.state == "ordered" and one.team in mine]
        return max(waiting, key=lambda one: one.ordered_at or 0.0, default=None)


async def field_of(office: Office, member: Member) -> Field:
    """Read what is known of a member's teams now."""
    return Field(
        office,
        member,
        await roster_of(office),
        await team_rows(office.ledger, member.commune),
        await missions_of(office.ledger, member.commune, going=True),
    )


def team_named(known: Field, text: str) -> tuple[KnownTeam | None, str]:
    """Return the team of hers that a text names, and the text without the name."""
    for team in known.teams:
        for name in (team.call_sign, team.team):
            rest = without(text, name)
            if rest is not None and understood(rest) is not None:
                return team, rest
    return None, text


async def take_text(known: Field, text: str, *, sender: Sender, cries: bool = False) -> Outcome:
    """Take an SMS of a member: a report, a question back, or something for the desk.

    `cries`: it asks for help in a resident's words; of a team that is out that is distress.
    """
    named, rest = team_named(known, text)
    heard = understood(rest) or (Understood("distress", rest, note=rest) if cries else None)
    if heard is None:
        return await _to_desk(known, text, sender=sender)
    team = named or known.meant()
    if team is None and (told := await _told(known, sender)):
        team = known.roster.teams.get(told)
    if team is None and heard.code != "distress":
        word = _BY_CODE[heard.code].named
        if heard.note:  # what she adds is not lost while she is asked
            await _to_desk(known, text, sender=sender)
        return Outcome("which", {"word": word, "team": known.teams[0].call_sign}, again=True)
    team = team or known.likely()
    outcome = await take(known, team, heard, sender=sender, presumed=named is None)
    if heard.note and outcome.said in REFUSED:
        aside = Understood("message", heard.word, note=rest)
        await _keep(known, team, aside, sender=sender._replace(part=1))
    return outcome


async def take(
    known: Field, team: KnownTeam, heard: Understood, *, sender: Sender, presumed: bool = False
) -> Outcome:
    """Take what a member says of one team.

    `presumed`: she did not name it. A call for help then names all those that she may have meant,
    to the cell and to her; another word is answered with how to say it of another.
    """
    others = known.others(team) if presumed else []
    if others and heard.code in _CRIES:
        also = ", ".join(one.call_sign for one in others)
        told = f"Équipe présumée, ce peut être {also}. {heard.note}".strip()
        heard = replace(heard, note=told)
    if not heard.forced and not await _told(known, sender):
        refused = _refused(known, team, heard)
        if refused is not None:
            return replace(refused, team=team.team)
    await _keep(known, team, heard, sender=sender)
    return _answer(known, team, heard, others=others)


async def _keep(known: Field, team: KnownTeam, heard: Understood, *, sender: Sender) -> None:
    await _file(known.office, (_report(known, team, heard, sender=sender),), ())


async def _told(known: Field, sender: Sender) -> str | None:
    office = known.office
    return await team_told_of(office.ledger, known.member.commune, sender.report_id)


def _refused(known: Field, team: KnownTeam, heard: Understood) -> Outcome | None:
    shown = {"team": team.call_sign, "word": _BY_CODE[heard.code].named}
    if heard.code in ("accept", "refuse"):
        mission = known.mission(team)
        if mission is None or (heard.code == "accept" and mission.state != "ordered"):
            return Outcome("no_mission", shown)
        return None
    said = _STATUS.get(heard.code, heard.code)
    if said not in STATUS_CODES:
        return None
    row = known.rows.get(team.team)
    if said == DEPARTURE and row and row.strength and row.strength < team.minimum:
        blanks = {"number": row.strength, "least": team.minimum}
        return Outcome("too_few", {**shown, **blanks}, again=True)
    old = row.state if row else None
    if old is None or old == said or may_become(said, old=old) or (old, said) in _LEFT_OUT:
        return None
    steps = [one for one in steps_between(old, said) if one in _WORD_OF]
    if not steps:
        return None
    status = by_code(steps[-1])
    needed = status.fr if known.member.language.startswith("fr") else status.en
    return Outcome("not_yet", {**shown, "needed": needed, "first": _WORD_OF[steps[-1]]}, again=True)


def _report(known: Field, team: KnownTeam, heard: Understood, *, sender: Sender) -> Report:
    mission = known.mission(team)
    moved = _MISSION.get(heard.code, {}).get(mission.state) if mission else None
    said: str | None = _STATUS.get(heard.code, heard.code)
    if heard.code in ("accept", "refuse", "strength"):
        said = None if moved else "message"
    note = heard.note
    if heard.code == "strength":
        note = f"Effectif : {heard.number}. {note}".strip()
    telling = Telling(
        at=known.office.clock(),
        said=said,
        mission=mission.mission if mission else None,
        mission_said=moved,
        event=(mission.event if mission else None) or known.roster.event,
        strength=heard.number,
        note=note,
    )
    return report_of(telling, team, sender=sender)


def _answer(
    known: Field, team: KnownTeam, heard: Understood, *, others: Sequence[KnownTeam]
) -> Outcome:
    french = known.member.language.startswith("fr")
    hour = local_hour(known.office.clock(), known.member.zone)
    blanks: dict[str, object] = {"team": team.call_sign, "hour": hour, "number": heard.number}
    said = heard.code
    status = _STATUS.get(said, said)
    if status in STATUS_CODES:
        blanks["state"] = by_code(status).fr if french else by_code(status).en
        said = "done" if said == "done" and known.mission(team) else "state"
    elif said == "refuse" and not heard.note:
        said = "why"
    if others:
        blanks["other"] = (" ou " if french else " or ").join(one.call_sign for one in others)
        blanks["word"] = _BY_CODE[heard.code].named
        said = "distress_of" if said == "distress" else said
    if not heard.exact:
        blanks["read"] = _BY_CODE[heard.code].named
    return Outcome(said, blanks, team=team.team)


async def _to_desk(known: Field, text: str, *, sender: Sender) -> Outcome:
    team = known.meant() or known.likely()
    heard = Heard(known.office.clock(), team=team.team, word=text[:120], note=text)
    item = desk_item(heard, "unknown_word", text, sender=sender, radio=known.roster.radio)
    await _file(known.office, (), (item,))
    return Outcome("unknown", {"team": team.call_sign}, team=team.team)


async def _file(office: Office, reports: tuple[Report, ...], desk: tuple[DeskItem, ...]) -> None:
    incoming = Incoming(office.commune, reports, lambda _: Answer(200, {}), desk)
    await office.ledger.write(
        lambda connection: take_in(
            connection, [incoming], key=office.logbook_key, ring=office.ledger.ring
        )
    )
