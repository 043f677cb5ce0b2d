"""Approving by telephone, in a call of ours to the number of the plan: heard, counted, a code.

The alert policy allows it (`decision: {validation_telephone: true}`) or nothing of this is offered.
She hears mode, zone, head-count in words and the text, types the head-count and her personal code.
Three errors refuse, over all the calls of a day; to hang up decides nothing. The approval itself is
the verb of the console.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from dispatcher.alerts import life, plan_in_force
from dispatcher.alerts.night import unconfirmed
from dispatcher.alerts.number_words import in_words
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import AlertRefused
from dispatcher.alerts.ringing import MODE_WORDS, zone_words
from dispatcher.alerts.two_people import AUTHOR, SAME_PERSON, why_not
from dispatcher.delivery.content import LINK_BLANK, Content
from dispatcher.store import phone_approvals, versions
from dispatcher.store.hands import hands_of
from dispatcher.store.people import DUTY
from dispatcher.store.phone_approvals import APPROVED, MOST_ERRORS, OVER, REFUSED, Called, Talk
from dispatcher.store.users import User
from dispatcher.store.versions import Version

ASK_PEOPLE = {
    "fr": "Pour valider, tapez le nombre de personnes en chiffres, puis dièse. Pour ne rien"
    " décider, raccrochez.",
    "en": "To approve, type the number of people in digits, then the hash key. To decide nothing,"
    " hang up.",
}
ASK_PIN = {
    "fr": "Tapez votre code personnel de six chiffres, puis dièse.",
    "en": "Type your personal code of six digits, then the hash key.",
}
WRONG = {"fr": "Ce n'est pas cela.", "en": "That is not it."}
DONE = {
    "fr": "L'alerte est validée. Elle n'est pas encore partie : on la lance dans les trente"
    " minutes. Au revoir.",
    "en": "The alert is approved. It has not left yet: it is launched within thirty minutes."
    " Goodbye.",
}
TOO_MANY = {
    "fr": "Trois erreurs : la validation par téléphone est refusée. Ouvrez la console, ou laissez"
    " la personne suivante décider. Au revoir.",
    "en": "Three errors: the approval by telephone is refused. Open the console, or let the next"
    " person decide. Goodbye.",
}
NOT_BY_PHONE = {
    "fr": "Vous ne pouvez pas valider cette alerte par téléphone : ouvrez la console. Au revoir.",
    "en": "You cannot approve this alert by telephone: open the console. Goodbye.",
}
HAD_A_HAND = {
    "fr": "Vous avez rédigé ou soumis cette alerte, sous cet accès ou un autre : il faut une autre"
    " personne pour la valider. Au revoir.",
    "en": "You wrote or submitted this alert, under this account or another: another person has to"
    " approve it. Goodbye.",
}
CHANGED = {
    "fr": "L'alerte a changé ou a été renvoyée depuis qu'on vous appelle : elle n'est plus à"
    " valider. Si elle est soumise de nouveau, on vous rappelle. Au revoir.",
    "en": "The alert has changed or was returned since you were called: it is not to be approved."
    " If it is submitted again, you are called again. Goodbye.",
}
AT_NIGHT = {
    "fr": "Il fait nuit, et ce message ne dit pas de danger grave : qui lance l'alerte confirme"
    " d'abord qu'elle part cette nuit.",
    "en": "It is night, and this message tells of no grave danger: who launches the alert first"
    " confirms that it leaves tonight.",
}
Matches = Callable[[str, str], Awaitable[bool]]  # is this the code of that hash


@dataclass(frozen=True)
class Spoken:
    """What the call says now; where it `asks`, digits and a hash answer it as the next step."""

    text: str
    language: str
    asks: bool = False
    step: int = 0


@dataclass(frozen=True)
class _Line:
    """A call in progress: who is at the other end, and what waits for her."""

    office: Office
    called: Called
    user: User
    digest_of_pin: str
    version: Version
    language: str

    @property
    def actor(self) -> Actor:
        return Actor(self.user.login, self.user.function, self.user.contact_id)


async def begin(office: Office, called: Called) -> Spoken:
    """Read what waits to whoever was rung, and ask for the head-count."""
    language = "fr" if called.language.startswith("fr") else "en"
    line = await _line(office, called, language)
    if isinstance(line, Spoken):
        return line
    talk = await phone_approvals.begin_talk(office.ledger, called, digest=line.version.digest)
    if talk.refused or talk.ended is not None:
        said = TOO_MANY if talk.refused else NOT_BY_PHONE
        return Spoken(said[language], language)
    text = f"{await _read(line)} {ASK_PEOPLE[language]}"
    return Spoken(text, language, asks=True, step=talk.step)


async def answer(
    office: Office, called: Called, *, step: int, digits: str, matches: Matches
) -> Spoken | None:
    """Take what was typed at a step; None where that step was answered before, or never asked."""
    language = "fr" if called.language.startswith("fr") else "en"
    talk = await phone_approvals.talk_at(office.ledger, called)
    if talk is None or talk.refused or talk.ended is not None or talk.step != step:
        return None
    line = await _line(office, called, language)
    if not isinstance(line, Spoken) and line.version.digest != talk.digest:
        line = Spoken(CHANGED[language], language)  # submitted again while she listened
    if isinstance(line, Spoken):
        return await _over(office, called, talk, line)
    if talk.people is None:
        return await _count(line, talk, digits)
    return await _code(line, talk, digits, matches=matches)


async def _line(office: Office, called: Called, language: str) -> _Line | Spoken:
    """Find who is at the other end; what is said to who may not approve it now, by telephone."""
    current = await plan_in_force.in_force(office)
    contact = called.person_id.removeprefix(DUTY)
    version = await versions.version_by_id(office.ledger, called.commune, called.version_id)
    known = await phone_approvals.user_of_contact(office.ledger, called.commune, contact)
    if version is None or known is None or not current.plan.policy.approves_by_phone:
        return Spoken(NOT_BY_PHONE[language], language)
    user, digest = known
    hands = await hands_of(office.ledger, version)
    why = why_not(current.plan, version, user.login, user.function, hands=hands)
    if version.state == "draft":
        return Spoken(CHANGED[language], language)
    if version.state != "pending_approval" or why:
        hers = version.state == "pending_approval" and why in (AUTHOR, SAME_PERSON)
        said = HAD_A_HAND if hers else NOT_BY_PHONE
        return Spoken(said[language], language)
    return _Line(office, called, user, digest, version, language)


async def _read(line: _Line) -> str:
    """Say mode, zone, head-count and text; nothing of it in digits."""
    content, language = Content.of(line.version.content), line.language
    plan = (await plan_in_force.in_force(line.office)).plan
    mode, zone = MODE_WORDS[language][content.mode], zone_words(plan, content, language)
    people = in_words(line.version.people, language)
    _, texts = content.words(language)
    text = texts.voice.replace(LINK_BLANK, "")
    if await unconfirmed(line.office, plan, line.version):
        text = f"{text} {AT_NIGHT[language]}"
    if language == "fr":
        return f"Mode : {mode}. Zone : {zone}. {people.capitalize()} personnes. Le message : {text}"
    return f"Mode: {mode}. Area: {zone}. {people.capitalize()} people. The message: {text}"


async def _count(line: _Line, talk: Talk, digits: str) -> Spoken | None:
    if digits.isascii() and digits.isdigit() and int(digits[:9] or 0) == line.version.people:
        values = {"people": line.version.people}
        return await _next(line, talk, values, ASK_PIN[line.language])
    return await _error(line, talk, ASK_PEOPLE[line.language])


async def _code(line: _Line, talk: Talk, digits: str, *, matches: Matches) -> Spoken | None:
    if not await matches(line.digest_of_pin, digits):
        return await _error(line, talk, ASK_PIN[line.language])
    told = line.office.line(
        line.user.login, "alert.phone_decided", "Validation par téléphone : code personnel juste",
        alert=line.version.alert_id, digest=talk.digest, ring=line.called.ring_id,
    )  # fmt: skip
    taken = await phone_approvals.answer_talk(
        line.office.ledger, line.called, step=talk.step, values={"ended": APPROVED}, line=told
    )
    if not taken:
        return None
    try:
        await life.approve(
            line.office,
            line.version.alert_id,
            actor=line.actor,
            digest=talk.digest,
            people=talk.people,
        )
    except AlertRefused as refusal:
        now = await versions.version_by_id(
            line.office.ledger, line.called.commune, line.version.version_id
        )
        if now is None or now.digest != talk.digest or now.state == "draft":
            return Spoken(CHANGED[line.language], line.language)
        return Spoken(str(refusal), "fr")
    return Spoken(DONE[line.language], line.language)


async def _next(line: _Line, talk: Talk, values: Mapping[str, object], text: str) -> Spoken | None:
    taken = await phone_approvals.answer_talk(
        line.office.ledger, line.called, step=talk.step, values=values
    )
    return Spoken(text, line.language, asks=True, step=talk.step + 1) if taken else None


async def _error(line: _Line, talk: Talk, again: str) -> Spoken | None:
    """Count an error; the third refuses, which is told and kept."""
    errors = talk.errors + 1
    if errors + talk.before < MOST_ERRORS:
        said = f"{WRONG[line.language]} {again}"
        return await _next(line, talk, {"errors": errors}, said)
    told = line.office.line(
        line.user.login, "alert.phone_refused",
        "Validation par téléphone refusée : trois erreurs", alert=line.version.alert_id,
        ring=line.called.ring_id,
    )  # fmt: skip
    values = {"errors": errors, "ended": REFUSED}
    taken = await phone_approvals.answer_talk(
        line.office.ledger, line.called, step=talk.step, values=values, line=told
    )
    return Spoken(TOO_MANY[line.language], line.language) if taken else None


async def _over(office: Office, called: Called, talk: Talk, said: Spoken) -> Spoken | None:
    taken = await phone_approvals.answer_talk(
        office.ledger, called, step=talk.step, values={"ended": OVER}
    )
    return said if taken else None
