"""Instructions of a call that takes a decision: what is said, and digits ended by a hash."""

from typing import Final

from twilio.twiml.voice_response import Gather, Say, VoiceResponse

TIME_TO_TYPE_S: Final = 15
_VOICES: Final = {"fr": "fr-FR", "en": "en-GB"}
_NOTHING: Final = {
    "fr": "Nous n'avons rien reçu. Rien n'est décidé. Au revoir.",
    "en": "We received nothing. Nothing is decided. Goodbye.",
}


def asking_twiml(text: str, *, language: str, action_url: str) -> str:
    """Say the words and wait for digits; who types nothing has decided nothing."""
    response = VoiceResponse()
    gather = Gather(
        input="dtmf", finish_on_key="#", action=action_url, method="POST", timeout=TIME_TO_TYPE_S
    )
    gather.append(_say(text, language))
    response.append(gather)
    response.append(_say(_NOTHING[language], language))
    response.hangup()
    return str(response)


def leading_twiml(url: str) -> str:
    """Lead the call to where a decision is taken."""
    response = VoiceResponse()
    response.redirect(url, method="POST")
    return str(response)


def ending_twiml(text: str, *, language: str) -> str:
    """Say the last words of the call."""
    response = VoiceResponse()
    response.append(_say(text, language))
    response.hangup()
    return str(response)


def _say(text: str, language: str) -> Say:
    spoken = "".join(c if c.isprintable() else " " for c in text)  # XML knows no control
    return Say(spoken, language=_VOICES[language])
