"""Instructions of a call by somebody in a team (TwiML): her team's keys, what each is told.

The keys are those of `team_words`. A grave one is pressed twice, and so is one that makes no sense
as the team is noted. What a resident hears is no part of it: it follows, where no key is pressed.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from twilio.twiml.voice_response import Gather, Say, VoiceResponse

from channels.call_words import primary

TIME_TO_ANSWER_S: Final = 6
_FRENCH: Final[Mapping[str, str]] = {
    "menu": "{team}. Mission reçue, tapez 1. Impossible, 2. Parti, 3. Sur les lieux, 4. Mission "
    "terminée, 5. Retour, 6. Disponible, 7. Renfort, 8. Repos, 9. Détresse, 0.",
    "wait": "Pour le message de la mairie, patientez.",
    "teams": "{teams}. Détresse, tapez 0.",
    "one": "{team}, tapez {digit}",
    "state": "{team}, {state}. C'est noté à {hour}.",
    "done": "{team}, mission terminée. C'est noté à {hour}.",
    "accept": "{team}, mission reçue. C'est noté à {hour}.",
    "refuse": "{team}, mission refusée. La cellule est prévenue.",
    "why": "{team}, mission refusée. La cellule est prévenue.",
    "reinforcement": "{team}, demande de renfort transmise. La cellule vous rappelle.",
    "distress": "{team}, détresse reçue. La cellule est alertée. En danger immédiat, appelez le "
    "112.",
    "distress_of": "{team} ou {other}, détresse reçue. La cellule est alertée. En danger immédiat, "
    "appelez le 112.",
    "no_mission": "{team}, aucune mission ne vous attend.",
    "not_yet": "{team}, vous n'êtes pas noté {needed}. Pour le dire quand même, retapez {digit}.",
    "too_few": "{team}, vous partez à {number}, il faut au moins {least}. Pour partir ainsi, "
    "retapez {digit}.",
    "sure_distress": "Détresse. Pour confirmer, retapez 0.",
    "sure_refuse": "Mission impossible. Pour confirmer, retapez {digit}.",
    "unsaid": "La cellule sait que vous avez appelé.",
    "goodbye": "Au revoir.",
}
_ENGLISH: Final[Mapping[str, str]] = {
    "menu": "{team}. Mission received, press 1. Cannot, 2. On the way, 3. On scene, 4. Mission "
    "done, 5. Returning, 6. Available, 7. Reinforcement, 8. Resting, 9. Distress, 0.",
    "wait": "For the town hall's message, hold on.",
    "teams": "{teams}. Distress, press 0.",
    "one": "{team}, press {digit}",
    "state": "{team}, {state}. Noted at {hour}.",
    "done": "{team}, mission done. Noted at {hour}.",
    "accept": "{team}, mission received. Noted at {hour}.",
    "refuse": "{team}, mission refused. The cell is told.",
    "why": "{team}, mission refused. The cell is told.",
    "reinforcement": "{team}, request for reinforcement passed on. You are called back.",
    "distress": "{team}, distress received. The cell is alerted. In immediate danger, call 112.",
    "distress_of": "{team} or {other}, distress received. The cell is alerted. In immediate "
    "danger, call 112.",
    "no_mission": "{team}, no mission awaits you.",
    "not_yet": "{team}, you are not noted {needed}. To say it all the same, press {digit} again.",
    "too_few": "{team}, you leave with {number}, it takes {least} at least. To leave so, press "
    "{digit} again.",
    "sure_distress": "Distress. To confirm, press 0 again.",
    "sure_refuse": "Mission impossible. To confirm, press {digit} again.",
    "unsaid": "The cell knows that you called.",
    "goodbye": "Goodbye.",
}
SAID: Final = tuple(_FRENCH)


def spoken_to_team(said: str, *, language: str, **blanks: object) -> str:
    """Return the words of one of `SAID`."""
    return (_FRENCH if _french(language) else _ENGLISH)[said].format(**blanks)


def asked_twiml(words: str, *, action_url: str, language: str, after: str = "") -> str:
    """Ask a team for a key; where none is pressed, go on with `after`, a whole document.

    Without one, say goodbye.
    """
    response = VoiceResponse()
    gather = Gather(
        input="dtmf", num_digits=1, action=action_url, method="POST", timeout=TIME_TO_ANSWER_S
    )
    gather.append(_say(words, language))
    response.append(gather)
    if after:
        return str(response).removesuffix("</Response>") + after.partition("<Response>")[2]
    return _ended(response, language)


def told_twiml(words: Sequence[str], *, language: str) -> str:
    """Tell a team something, and hang up."""
    response = VoiceResponse()
    response.append(_say(" ".join(words), language))
    return _ended(response, language)


def _ended(response: VoiceResponse, language: str) -> str:
    response.append(_say(spoken_to_team("goodbye", language=language), language))
    response.hangup()
    return str(response)


def _say(words: str, language: str) -> Say:
    plain = "".join(sign if sign.isprintable() else " " for sign in words)  # XML knows no control
    return Say(plain, language="fr-FR" if _french(language) else "en-GB")


def _french(language: str) -> bool:
    return primary(language) == "fr"
