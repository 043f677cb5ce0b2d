"""SMS of somebody in a team: taken as her team's, unless it answers an alert or a summons."""

from channels.reply_words import coming_of, meaning_of
from channels.segments import measure
from channels.team_answers import team_answer
from channels.team_words import understood
from channels.twilio_inbound import Texted
from dispatcher.alerts.inbound import answer_text
from dispatcher.alerts.tying import Counter
from dispatcher.teams.members import Member, Members
from dispatcher.teams.reporting import Sender
from dispatcher.teams.saying import Field, Outcome, field_of, take_text, team_named
from dispatcher.teams.shared import SHARED, in_force_of

SOURCE = "sms"
_CRIES = ("distress", "distress_of")
_CONSENT = ("stop", "start")  # what they say of the number itself keeps its meaning


async def answer_sms(counter: Counter, members: Members, texted: Texted) -> str:
    """Take an SMS, a team's or a resident's, once, and return the words that answer it.

    Empty where nobody could read them, and for who sends SMS without end: all are kept, and a call
    for help is always answered.
    """
    member = await members.behind(counter.office, texted.sender, to=texted.to)
    if member is None or meaning_of(texted.text) in _CONSENT:
        return await answer_text(counter, texted)
    known = await field_of(counter.office.of(member.commune), member)
    if not known.teams or await _is_of_residents(counter, known, texted):
        return await answer_text(counter, texted)
    sender = Sender(SOURCE, member.contact, texted.sid)
    cries = known.is_out and meaning_of(texted.text) == "help"
    outcome = await take_text(known, texted.text, sender=sender, cries=cries)
    if not members.texts.passes(texted.sender) and outcome.said not in _CRIES:
        return ""  # two machines would answer each other
    return answered(outcome, member)


def answered(outcome: Outcome, member: Member) -> str:
    """Return the words of an outcome, with the word as it was read where a letter was wrong.

    Where she named no team, how to say it of another of hers.
    """
    blanks = dict(outcome.blanks)
    more = [("read", {"word": blanks.pop("read")})] if "read" in blanks else []
    if "other" in blanks and outcome.said != "distress_of":
        more.append(("else", {"word": blanks["word"], "team": blanks["other"]}))
    words = team_answer(outcome.said, language=member.language, **blanks)
    for said, filled in more:
        told = team_answer(said, language=member.language, **filled)
        words += told if measure(words + told).segments == 1 else ""
    return words


async def _is_of_residents(counter: Counter, known: Field, texted: Texted) -> bool:
    heard = understood(team_named(known, texted.text)[1])
    if heard is not None and heard.code not in SHARED and coming_of(texted.text) != "coming":
        return False
    found = await in_force_of(counter.ledger, texted.sender)
    if heard is not None and heard.code not in SHARED:  # « J'arrive », also to a summons
        awaited = found is not None and not found.answered and found.is_asked(known.awaiting)
        return found is not None and awaited and found.takes(texted.text)
    if found is not None and found.takes(texted.text):
        return found.is_asked(known.awaiting)
    return heard is None and meaning_of(texted.text) == "help" and not known.is_out
