"""Instructions of calls (TwiML): the words twice, a key to answer, what a pressed key is told."""

from dataclasses import dataclass
from typing import Final, Literal

from twilio.twiml.voice_response import Gather, Say, VoiceResponse

from channels.call_words import Phrases, phrases_of, primary

TIME_TO_ANSWER_S: Final = 8

Kind = Literal[
    "understood", "help", "coming", "unable", "again", "decide", "enrolled", "enrolled_told",
    "declined", "none",
]  # fmt: skip
APPROVAL, APPROVAL_BY_PHONE = "approval", "approval_by_phone"  # what an approver is rung for
MISSION = "mission"  # what a team is told of: received, or impossible
ENROLMENT = "enrolment"  # whether a number is to be alerted: whoever answers decides
PROPOSAL = "proposal"  # the same, proposed by somebody close, who may be told how she is
DICTATED = "dictated"  # nothing: a code is told, and no key is taken
_KEYS: Final[dict[str | None, Kind]] = {"1": "understood", "2": "help", "0": "again"}
_KEYS_OF_SUMMONS: Final[dict[str | None, Kind]] = {"1": "coming", "2": "unable", "0": "again"}
_KEYS_OF_APPROVAL: Final[dict[str | None, Kind]] = {"2": "unable", "0": "again"}
_KEYS_OF_ENROLMENT: Final[dict[str | None, Kind]] = {
    "1": "enrolled", "9": "declined", "0": "again",
}  # fmt: skip
_KEYS_OF_PROPOSAL: Final[dict[str | None, Kind]] = {**_KEYS_OF_ENROLMENT, "3": "enrolled_told"}
_KEYS_BY_PHONE: Final[dict[str | None, Kind]] = {**_KEYS_OF_APPROVAL, "1": "decide"}

# Voices of Twilio for the languages that communes hold most; others are spoken by the last.
_VOICES: Final = {
    "fr": "fr-FR", "en": "en-GB", "de": "de-DE", "es": "es-ES", "it": "it-IT", "nl": "nl-NL",
    "pl": "pl-PL", "pt": "pt-PT", "ro": "ro-RO", "ru": "ru-RU", "tr": "tr-TR", "ar": "arb",
}  # fmt: skip


@dataclass(frozen=True)
class Spoken:
    """A message as a call says it; `offers_help` tells whether key 2 is taken.

    `summons`: it asks somebody on duty to come, and the keys say yes and no; or it `asks` her to
    approve an alert, which she does on its page, or in this call; or to say that she has a mission;
    or whoever answers, whether this number is to be alerted; or it dictates a code.
    """

    text: str
    language: str
    issuer: str
    offers_help: bool = True
    summons: bool = False
    asks: str = ""


def call_twiml(message: Spoken, *, action_url: str) -> str:
    """Return the instructions of a call: heard twice with the keys, then once more without.

    The third time is for an answering machine, whose greeting covers the first. What is dictated
    takes no key.
    """
    phrases = phrases_of(message.language)
    response = VoiceResponse()
    response.pause(length=1)
    caller = phrases.caller.format(issuer=message.issuer)
    if message.asks == DICTATED:
        response.append(_say(caller, phrases.language))
        response.append(_say(message.text, message.language, repeat=2))
        response.hangup()
        return str(response)
    response.append(_gather(_all_of(message, caller), action_url, repeat=2))
    response.append(_say(caller, phrases.language))
    response.append(_say(message.text, message.language))
    response.hangup()
    return str(response)


def ring_twiml(message: Spoken, *, action_url: str) -> str:
    """Answer who calls the displayed number back: the message in force, twice, with the keys."""
    phrases = phrases_of(message.language)
    response = VoiceResponse()
    opening = phrases.rung.format(issuer=message.issuer)
    response.append(_gather(_all_of(message, opening), action_url, repeat=2))
    _end(response, phrases, phrases.still)
    return str(response)


def quiet_twiml(*, language: str, issuer: str, phone: str) -> str:
    """Answer who calls while no alert is in force: whom to ask (`phone` may be empty)."""
    phrases = phrases_of(language)
    response = VoiceResponse()
    ask = phrases.ask.format(phone=phone) if phone else ""
    words = [phrases.quiet.format(issuer=issuer), ask, phrases.danger]
    response.append(_say(" ".join(filter(None, words)), phrases.language, repeat=2))
    response.hangup()
    return str(response)


def often_twiml(language: str) -> str:
    """Answer who calls again and again: no message any more, but whom to call in danger."""
    phrases = phrases_of(language)
    response = VoiceResponse()
    _end(response, phrases, phrases.often)
    return str(response)


def late_twiml(message: Spoken) -> str:
    """Answer a key that comes too late: nothing was done, and how to begin again."""
    phrases = phrases_of(message.language)
    response = VoiceResponse()
    response.append(_say(phrases.late, phrases.language))
    response.hangup()
    return str(response)


def keypad_answer(
    digit: str | None, message: Spoken, *, action_url: str, hidden: bool = False
) -> tuple[Kind, str]:
    """Return what a pressed key means and the instructions that answer it.

    A key that means nothing repeats the choice; no key at all says goodbye. Key 2 means nothing
    where help is not offered: it is told so, and whom to call in danger. Who asks for help from a
    `hidden` number is told that nobody can call her back.
    """
    phrases = phrases_of(message.language)
    kind = _keys(message).get(digit, "none")
    response = VoiceResponse()
    if kind == "decide":  # what follows is not a message: dispatcher/api/hooks_approval.py answers
        return kind, ""
    if kind in ("coming", "unable", "enrolled", "enrolled_told", "declined"):
        words = _yes_or_no(message)[kind in ("coming", "enrolled", "enrolled_told")]
        response.append(_say(words, phrases.language))
        response.hangup()
        return kind, str(response)
    if kind == "help" and not message.offers_help:
        words = f"{phrases.no_help} {phrases.danger} {_menu(message)}"
        response.append(_gather([(words, phrases.language)], action_url))
        kind = "none"
    elif kind in ("understood", "help"):
        asked = phrases.help_hidden if hidden else phrases.help
        words = phrases.understood if kind == "understood" else asked
        # The one answer that may save a life is said twice.
        response.append(_say(words, phrases.language, repeat=2 if kind == "help" else 1))
        response.hangup()
        return kind, str(response)
    elif kind == "again":
        caller = phrases.caller.format(issuer=message.issuer)
        response.append(_gather(_all_of(message, caller), action_url))
    elif digit:
        response.append(_gather([(_menu(message), phrases.language)], action_url))
    response.append(_say(phrases.goodbye, phrases.language))
    response.hangup()
    return kind, str(response)


def _end(response: VoiceResponse, phrases: Phrases, words: str) -> None:
    said = f"{words} {phrases.danger} {phrases.goodbye}"
    response.append(_say(said, phrases.language))
    response.hangup()


def _yes_or_no(message: Spoken) -> tuple[str, str]:
    """Return what a no is told, and what a yes is."""
    phrases = phrases_of(message.language)
    if message.asks == MISSION:
        return phrases.impossible, phrases.received
    if message.asks in (ENROLMENT, PROPOSAL):
        return phrases.declined, phrases.enrolled
    return phrases.unable, phrases.coming


def _keys(message: Spoken) -> dict[str | None, Kind]:
    if message.asks == MISSION:
        return _KEYS_OF_SUMMONS
    if message.asks == ENROLMENT:
        return _KEYS_OF_ENROLMENT
    if message.asks == PROPOSAL:
        return _KEYS_OF_PROPOSAL
    if message.asks:
        return _KEYS_BY_PHONE if message.asks == APPROVAL_BY_PHONE else _KEYS_OF_APPROVAL
    return _KEYS_OF_SUMMONS if message.summons else _KEYS


def _menu(message: Spoken) -> str:
    phrases = phrases_of(message.language)
    if message.asks == MISSION:
        return phrases.menu_mission
    if message.asks == ENROLMENT:
        return phrases.menu_enrolment
    if message.asks == PROPOSAL:
        return phrases.menu_proposal
    if message.asks:
        by_phone = message.asks == APPROVAL_BY_PHONE
        return phrases.menu_by_phone if by_phone else phrases.menu_approval
    if message.summons:
        return phrases.menu_coming
    return phrases.menu if message.offers_help else phrases.menu_one_key


def _all_of(message: Spoken, opening: str) -> list[tuple[str, str]]:
    language = phrases_of(message.language).language
    return [(opening, language), (message.text, message.language), (_menu(message), language)]


def _gather(words: list[tuple[str, str]], action_url: str, *, repeat: int = 1) -> Gather:
    gather = Gather(
        input="dtmf", num_digits=1, action=action_url, method="POST", timeout=TIME_TO_ANSWER_S
    )
    one_voice = len({primary(language) for _, language in words}) == 1
    if one_voice:
        gather.append(_say(" ".join(text for text, _ in words), words[0][1], repeat=repeat))
        return gather
    for _ in range(repeat):
        for text, language in words:
            gather.append(_say(text, language))
    return gather


def _say(text: str, language: str, *, repeat: int = 1) -> Say:
    spoken = "".join(c if c.isprintable() else " " for c in text)  # XML knows no control
    loop = repeat if repeat > 1 else None
    return Say(spoken, language=_VOICES.get(primary(language), _VOICES["en"]), loop=loop)
