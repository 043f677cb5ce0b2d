"""A call to our number by somebody in a team: her team's keys first, then what a resident hears.

0 is a call for help. It is pressed twice; once alone is told the cell as an urgent message, since
who is in danger may not come to the second. Each key becomes a report, as an SMS does.
"""

from dataclasses import dataclass

from channels.team_twiml import asked_twiml, spoken_to_team, told_twiml
from channels.team_words import BY_DIGIT, TeamWord, Understood
from channels.twilio_inbound import Rung
from dispatcher.alerts.inbound import answer_key, answer_ring
from dispatcher.alerts.tying import Counter
from dispatcher.delivery import tokens
from dispatcher.teams.members import Members
from dispatcher.teams.reporting import Sender
from dispatcher.teams.roster import KnownTeam
from dispatcher.teams.saying import Field, Outcome, field_of, take
from dispatcher.teams.shared import SHARED, in_force_of

SOURCE = "keypad"
NONE = "-"  # in an address: no team chosen yet, no key pressed yet
HELP = "0"


@dataclass(frozen=True)
class Pressed:
    """Where in the menu somebody is: the team chosen, the key pressed before this one."""

    team: str = NONE
    before: str = NONE


@dataclass(frozen=True)
class _Call:
    counter: Counter
    known: Field
    rung: Rung
    at: Pressed

    @property
    def language(self) -> str:
        return self.known.member.language

    def says(self, said: str, **blanks: object) -> str:
        return spoken_to_team(said, language=self.language, **blanks)

    def asks(self, words: str, at: Pressed, *, after: str = "") -> str:
        """Ask for a key at a place of the menu."""
        office, account = self.counter.office, self.counter.account
        token = tokens.inbound_token(office.tokens, account)
        url = f"{self.counter.hooks}/teamkey/{token}/{at.team}/{at.before}"
        return asked_twiml(words, action_url=url, language=self.language, after=after)

    def tells(self, *words: str) -> str:
        return told_twiml(words, language=self.language)


async def answer_call(counter: Counter, members: Members, rung: Rung) -> str:
    """Return the instructions of a call: those of a resident, after her team's for a member.

    Nothing is written: a flood of calls at the alert costs a look-up each.
    """
    heard = await answer_ring(counter, rung)
    call = await _call(counter, members, rung, Pressed())
    if call is None:
        return heard
    in_force = await in_force_of(counter.ledger, rung.caller)
    wait = [call.says("wait")] if in_force else []
    return _menu(call, call.known.meant(), wait, after=heard)


async def answer_press(counter: Counter, members: Members, rung: Rung, at: Pressed) -> str | None:
    """Take a key of a team's menu, and return what answers it; None where nobody is there."""
    call = await _call(counter, members, rung, at)
    if call is None:
        return None
    team = call.known.roster.teams.get(at.team) if at.team in call.known.member.teams else None
    if team is None and rung.digit != HELP:
        return _menu(call, _chosen(call), [], after="")
    word = BY_DIGIT.get(rung.digit)
    if word is None:
        return _menu(call, team, [], after="")
    if word.code in SHARED and (answer := await _of_alert(call)):
        return answer
    return await _take(call, team, word)


async def _call(counter: Counter, members: Members, rung: Rung, at: Pressed) -> _Call | None:
    member = await members.behind(counter.office, rung.caller, to=rung.to)
    if member is None:
        return None
    known = await field_of(counter.office.of(member.commune), member)
    return _Call(counter, known, rung, at) if known.teams else None


def _menu(call: _Call, team: KnownTeam | None, more: list[str], *, after: str) -> str:
    if team is not None:
        words = " ".join([call.says("menu", team=team.call_sign), *more])
        return call.asks(words, Pressed(team.team), after=after)
    teams = ". ".join(
        call.says("one", team=one.call_sign, digit=number)
        for number, one in enumerate(call.known.teams[:9], start=1)
    )
    return call.asks(" ".join([call.says("teams", teams=teams), *more]), Pressed(), after=after)


def _chosen(call: _Call) -> KnownTeam | None:
    digit, teams = call.rung.digit, call.known.teams[:9]
    chosen = digit.isdecimal() and 0 < int(digit) <= len(teams)
    return teams[int(digit) - 1] if chosen else None


async def _of_alert(call: _Call) -> str | None:
    """Give a key to the alert or summons that it answers, as if it had been heard."""
    found = await in_force_of(call.counter.ledger, call.rung.caller)
    if not found or call.at.before != NONE or not found.takes_key(call.rung.digit):
        return None
    if not found.is_asked(call.known.awaiting):
        return None
    alert = found.message.alert
    heard = tokens.Rung(call.counter.account, alert.commune, alert.version_id)
    return await answer_key(call.counter, call.rung, heard)


async def _take(call: _Call, chosen: KnownTeam | None, word: TeamWord) -> str:
    """Take a key of a team's menu; without a team she calls for help, of one that is presumed."""
    team, presumed = chosen or call.known.likely(), chosen is None
    sure = call.at.before == word.digit
    sender = Sender(SOURCE, call.known.member.contact, f"{call.rung.sid}:{word.digit}")
    place = Pressed(chosen.team if chosen else NONE, word.digit)
    if word.grave and not sure:
        if word.code == "distress":
            alone = Understood("urgent_message", word.digit, note="Touche 0, non confirmée")
            await take(call.known, team, alone, sender=sender._replace(part=1), presumed=presumed)
        words = call.says(f"sure_{word.code}", digit=word.digit)
        unsaid = told_twiml([call.says("unsaid")], language=call.language)
        return call.asks(words, place, after=unsaid if word.code == "distress" else "")
    heard = Understood(word.code, word.digit, forced=sure and not word.grave)
    outcome = await take(call.known, team, heard, sender=sender, presumed=presumed)
    return _told(call, outcome, place)


def _told(call: _Call, outcome: Outcome, place: Pressed) -> str:
    blanks = {**outcome.blanks, "digit": place.before}
    words = call.says(outcome.said, **blanks)
    return call.asks(words, place) if outcome.again else call.tells(words)
