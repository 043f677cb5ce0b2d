"""Calls by Twilio: who calls, the words twice, a key to answer, the words for a machine."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import ClassVar, Final, Literal, Self

from twilio.twiml.voice_response import Gather, Say, VoiceResponse

from channels.contract import (
    AccountSettings,
    Address,
    Attempt,
    AttemptToken,
    Message,
    NotAccepted,
    Pace,
    Receipt,
    Refused,
    Unit,
    Usability,
)
from channels.senders import number_fault
from channels.twilio_check import check_account
from channels.twilio_http import TwilioAccount, open_twilio, receipt_of

LONGEST_TWIML: Final = 4_000  # Twilio's limit for inline instructions
LONGEST_TOKEN: Final = 64  # of an attempt (contract)
RING_S: Final = 30
TIME_TO_ANSWER_S: Final = 8
EVENTS: Final = ("initiated", "ringing", "answered", "completed")

Kind = Literal["understood", "help", "again", "none"]
_KEYS: Final[dict[str | None, Kind]] = {"1": "understood", "2": "help", "0": "again"}

# Voices of Twilio for the languages that communes hold most; others are spoken by the last.
_VOICES: Final = {
    "fr": "fr-FR", "en": "en-GB", "de": "de-DE", "es": "es-ES", "it": "it-IT", "nl": "nl-NL",
    "pl": "pl-PL", "pt": "pt-PT", "ro": "ro-RO", "ru": "ru-RU", "tr": "tr-TR", "ar": "arb",
}  # fmt: skip


@dataclass(frozen=True)
class Phrases:
    """What a call says besides the message; `caller` holds the blank {issuer}."""

    language: str
    caller: str
    menu: str
    understood: str
    help: str
    goodbye: str


_FRENCH = Phrases(
    language="fr",
    caller="{issuer} vous appelle.",
    menu="Si vous avez compris, tapez 1. Si vous avez besoin d'aide, tapez 2. "
    "Pour réécouter, tapez 0.",
    understood="Merci. Nous notons que vous avez compris. Au revoir.",
    # Says who holds the request and whom to call; a rescue is promised by no machine.
    help="La mairie a reçu votre demande d'aide. En cas de danger immédiat, raccrochez et appelez "
    "le 18 ou le 112, ou envoyez un SMS au 114.",
    goodbye="Au revoir.",
)
_ENGLISH = Phrases(
    language="en",
    caller="This is a call from {issuer}.",
    menu="If you have understood, press 1. If you need help, press 2. To listen again, press 0.",
    understood="Thank you. We note that you have understood. Goodbye.",
    help="The town hall has received your request for help. In immediate danger, hang up and call "
    "18 or 112, or text 114.",
    goodbye="Goodbye.",
)
# Short words and digits, for someone who reads neither language.
_NEUTRAL = Phrases(
    language="en",
    caller="{issuer}.",
    menu="OK: 1. Help: 2. Again: 0.",
    understood="OK. Thank you.",
    help="The town hall has your message. Danger: call 112, or text 114.",
    goodbye="Goodbye.",
)


@dataclass(frozen=True)
class TwilioVoice:
    """One Twilio account that calls.

    Values and secrets of `open_twilio`, and `caller` (the number shown), `in_progress` (calls at
    once, optional), `ring_s` (optional).
    """

    medium: ClassVar[str] = "voice"
    looks_up: ClassVar[bool] = True
    provider: str
    pace: Pace
    caller: str
    sandbox: bool
    ring_s: int
    hooks: str
    twilio: TwilioAccount = field(repr=False)

    @classmethod
    @asynccontextmanager
    async def open(cls, account: AccountSettings, *, public_url: str) -> AsyncIterator[Self]:
        """Connect this account. Raises ValueError on settings that cannot be used."""
        caller = account.values.get("caller", "")
        if not caller:
            raise ValueError(f"{account.name}: no number to call from is configured.")
        in_progress = account.values.get("in_progress")
        pace = Pace(Unit.CALLS, account.rate_per_s, int(in_progress) if in_progress else None)
        ring_s = int(account.values.get("ring_s", RING_S))
        hooks = f"{public_url.rstrip('/')}/hooks/twilio"
        async with open_twilio(account) as twilio:
            yield cls(account.name, pace, caller, account.sandbox, ring_s, hooks, twilio)

    async def send(self, message: Message, to: Address, *, attempt: AttemptToken) -> Receipt:
        """Make one call. Raises Refused, Unavailable or Unknown."""
        if message.expires_at <= datetime.now(UTC):
            raise Refused("expired", "Le message a expiré avant l'appel.")
        action = f"{self.hooks}/keypad/{attempt.value}"
        twiml = call_twiml(
            message.text, language=message.language, issuer=message.issuer, action_url=action
        )
        if len(twiml) > LONGEST_TWIML:
            raise Refused(
                "twiml-too-long",
                f"Le texte parlé est trop long de {len(twiml) - LONGEST_TWIML} caractères.",
            )
        return await self.twilio.post(
            "Calls",
            {
                "To": to.value,
                "From": self.caller,
                "Twiml": twiml,
                "Timeout": str(self.ring_s),
                "StatusCallback": f"{self.hooks}/voice/{attempt.value}",
                "StatusCallbackEvent": list(EVENTS),
                "StatusCallbackMethod": "POST",
            },
        )

    async def find(self, attempt: Attempt) -> Receipt | None:
        """Look for a call to this number made when the attempt was.

        A listed call shows neither its words nor its callback: number and time are all there is.
        Raises NotAccepted when Twilio cannot be asked.
        """
        query = {"To": attempt.to.value, "From": self.caller}
        for row in await self.twilio.list("Calls", query, attempt=attempt):
            if row.get("direction") == "outbound-api":
                return receipt_of(row)
        return None

    async def check(self) -> Usability:
        """Ask whether the account is active and in credit, and its number one that may call."""
        try:
            found = await check_account(self.twilio)
        except NotAccepted as refusal:
            return Usability(ok=False, problem=str(refusal), remedy="TOCSIN_TWILIO_…")
        fault = None if self.sandbox else number_fault(self.caller)
        if found.ok and fault:
            return Usability(ok=False, problem=fault, remedy="Changez TOCSIN_TWILIO_NUMBER.")
        return found


def call_twiml(text: str, *, language: str, issuer: str, action_url: str) -> str:
    """Return the instructions of a call: heard twice with the keys, then once more without.

    The third time is for an answering machine, whose greeting covers the first.
    """
    phrases = _phrases(language)
    response = VoiceResponse()
    response.pause(length=1)
    caller = phrases.caller.format(issuer=issuer)
    response.append(_gather(_say_all(text, caller, phrases, language), action_url, repeat=2))
    response.append(_say(caller, phrases.language))
    response.append(_say(text, language))
    response.hangup()
    return str(response)


def fits_a_call(text: str, *, language: str, issuer: str, public_url: str) -> bool:
    """Tell, before anything leaves, whether these words can be spoken in one call."""
    action = f"{public_url}/hooks/twilio/keypad/{'x' * LONGEST_TOKEN}"
    twiml = call_twiml(text, language=language, issuer=issuer, action_url=action)
    return len(twiml) <= LONGEST_TWIML


def keypad_answer(
    digit: str | None, message_text: str, *, language: str, issuer: str, action_url: str
) -> tuple[Kind, str]:
    """Return what a pressed key means and the instructions that answer it.

    A key that means nothing repeats the choice; no key at all says goodbye.
    """
    phrases = _phrases(language)
    kind = _KEYS.get(digit, "none")
    response = VoiceResponse()
    if kind in ("understood", "help"):
        words = phrases.understood if kind == "understood" else phrases.help
        # The one answer that may save a life is said twice.
        response.append(_say(words, phrases.language, repeat=2 if kind == "help" else 1))
        response.hangup()
        return kind, str(response)
    if kind == "again":
        caller = phrases.caller.format(issuer=issuer)
        response.append(_gather(_say_all(message_text, caller, phrases, language), action_url))
    elif digit:
        response.append(_gather([(phrases.menu, phrases.language)], action_url))
    response.append(_say(phrases.goodbye, phrases.language))
    response.hangup()
    return kind, str(response)


def _phrases(language: str) -> Phrases:
    return {"fr": _FRENCH, "en": _ENGLISH}.get(_primary(language), _NEUTRAL)


def _say_all(text: str, caller: str, phrases: Phrases, language: str) -> list[tuple[str, str]]:
    return [(caller, phrases.language), (text, language), (phrases.menu, phrases.language)]


def _gather(words: list[tuple[str, str]], action_url: str, *, repeat: int = 1) -> Gather:
    gather = Gather(
        input="dtmf", num_digits=1, action=action_url, method="POST", timeout=TIME_TO_ANSWER_S
    )
    one_voice = len({_primary(language) for _, language in words}) == 1
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
    return Say(spoken, language=_VOICES.get(_primary(language), _VOICES["en"]), loop=loop)


def _primary(language: str) -> str:
    return language.partition("-")[0].lower()
