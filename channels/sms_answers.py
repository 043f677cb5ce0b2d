"""What a resident's SMS is answered, in French and English; as TwiML for the provider to send.

Each sentence is GSM-7 and two segments at most. None promises a rescue: a request for help is told
who holds it, and whom to call in danger.
"""

from collections.abc import Mapping
from typing import Final

from twilio.twiml.messaging_response import MessagingResponse

from channels.call_words import primary

_FRENCH_DANGER: Final = " En danger immédiat: 18 ou 112 (114 par SMS)."
_ENGLISH_DANGER: Final = " In immediate danger: call 18 or 112 (text 114)."

_FRENCH: Final[Mapping[str, str]] = {
    "thanks": "{issuer}: merci, la mairie sait que vous avez compris." + _FRENCH_DANGER,
    "help": "{issuer}: la mairie a bien votre demande d'aide. En danger immédiat, n'attendez pas "
    "sa réponse: appelez le 18 ou le 112 (114 par SMS).",
    "no_help": "{issuer}: votre message est transmis, mais la mairie ne prend pas de demande "
    "d'aide par SMS. En danger immédiat, appelez le 18 ou le 112 (114 par SMS).",
    "coming": "{issuer}: merci, c'est noté, vous venez.",
    "unable": "{issuer}: c'est noté, la personne suivante est appelée.",
    "mission_coming": "{issuer}: merci, la mission est notée acceptée.",
    "mission_unable": "{issuer}: c'est noté, mission impossible: la cellule est prévenue.",
    "mission_come_or_not": "{issuer}: message transmis. Répondez 1 si la mission est acceptée, 2 "
    "si elle est impossible.",
    "come_or_not": "{issuer}: message transmis. Répondez 1 si vous venez, 2 si vous ne pouvez pas "
    "venir.",
    "unknown": "{issuer}: message transmis. Répondez 1 si vous avez compris l'alerte, 2 si vous "
    "avez besoin d'aide." + _FRENCH_DANGER,
    "one_key": "{issuer}: message transmis. Répondez 1 si vous avez compris l'alerte."
    + _FRENCH_DANGER,
    "one_way": "{issuer}: message transmis, mais ce numéro ne compte pas les réponses: utilisez le "
    "lien du message ou rappelez le numéro affiché." + _FRENCH_DANGER,
    "no_alert": "{issuer}: message transmis. Nous n'avons pas d'alerte en cours pour votre numéro."
    "{ask}" + _FRENCH_DANGER,
    "stopped": "{issuer}: c'est noté, vous ne recevrez plus nos messages, y compris en cas de "
    "danger. Pour les recevoir de nouveau: répondez REPRENDRE.",
    "stop_informed": "{issuer}: c'est noté, plus aucune information. En cas de danger, vous serez "
    "toujours prévenu. Pour ne plus recevoir d'alerte de danger: répondez STOP encore une fois.",
    "stop_warned": "{issuer}: plus aucune information. Mais une alerte de danger est en cours: "
    "sans nos messages, vous ne serez plus prévenu d'aucun danger. Si c'est votre choix: répondez "
    "STOP encore une fois.",
    "stop_duty": "{issuer}: ce numéro est appelé parce que le plan communal vous confie une "
    "fonction. Pour changer cela, demandez à la mairie.",
    "started": "{issuer}: c'est noté, la mairie vous préviendra de nouveau.",
    "signup_code": "{issuer}: pour recevoir les alertes au {place}, répondez le code que nous vous "
    "envoyons.",
    "signup_where": "{issuer}: écrivez INSCRIPTION puis votre adresse, par exemple: INSCRIPTION "
    "{town}12 rue des Lilas. Ou inscrivez-vous ici: {link}",
    "signup_which": "Plusieurs mairies ont ce numéro: {towns}. Écrivez la commune avant votre "
    "adresse, par exemple: INSCRIPTION {town}12 rue des Lilas.",
    "signup_later": "{issuer}: inscription impossible pour l'instant. Réessayez plus tard, ou "
    "inscrivez-vous ici: {link}",
    "signup_done": "{issuer}: c'est fait, la mairie vous alertera en cas de danger. Voir ou "
    "changer: {link}/ma-page. Ne plus recevoir: répondez STOP.",
    "signup_page": "{issuer}: tapez ce code sur la page qui vous l'a demandé: {link}",
    "signup_wrong": "{issuer}: ce n'est pas le code. Vérifiez les 6 chiffres, ou recommencez: "
    "{link}",
}
_ENGLISH: Final[Mapping[str, str]] = {
    "thanks": "{issuer}: thank you, the town hall knows that you have understood."
    + _ENGLISH_DANGER,
    "help": "{issuer}: the town hall has your request for help. In immediate danger, do not wait "
    "for its answer: call 18 or 112 (text 114).",
    "no_help": "{issuer}: your message is passed on, but the town hall takes no request for help "
    "by SMS. In immediate danger, call 18 or 112 (text 114).",
    "coming": "{issuer}: thank you, noted, you are coming.",
    "unable": "{issuer}: noted, the next person is being called.",
    "mission_coming": "{issuer}: thank you, the mission is noted as received.",
    "mission_unable": "{issuer}: noted, the mission is impossible: the crisis cell is told.",
    "mission_come_or_not": "{issuer}: message passed on. Reply 1 if you have the mission, 2 if it "
    "is impossible.",
    "come_or_not": "{issuer}: message passed on. Reply 1 if you are coming, 2 if you cannot come.",
    "unknown": "{issuer}: message passed on. Reply 1 if you have understood the alert, 2 if you "
    "need help." + _ENGLISH_DANGER,
    "one_key": "{issuer}: message passed on. Reply 1 if you have understood the alert."
    + _ENGLISH_DANGER,
    "one_way": "{issuer}: message passed on, but this number does not count answers: use the link "
    "in the message or call the displayed number back." + _ENGLISH_DANGER,
    "no_alert": "{issuer}: message passed on. We have no alert in force for your number.{ask}"
    + _ENGLISH_DANGER,
    "stopped": "{issuer}: noted, you will get no more messages from us, not even in danger. To get "
    "them again: reply START.",
    "stop_informed": "{issuer}: noted, no more information. In danger we still warn you. To be "
    "warned of no danger either, reply STOP once more.",
    "stop_warned": "{issuer}: no more information. But a danger alert is in force: without our "
    "messages nobody warns you of any danger. If that is your choice, reply STOP once more.",
    "stop_duty": "{issuer}: this number is called because the town's plan gives you a role. To be "
    "called no more, ask the town hall.",
    "started": "{issuer}: noted, the town hall will warn you again.",
    "signup_code": "{issuer}: to be alerted at {place}, reply with the code that we send you.",
    "signup_where": "{issuer}: write INSCRIPTION, then your address, for example: INSCRIPTION "
    "{town}12 rue des Lilas. Or sign up here: {link}",
    "signup_which": "Several town halls have this number: {towns}. Write the town before your "
    "address, for example: INSCRIPTION {town}12 rue des Lilas.",
    "signup_later": "{issuer}: you cannot be signed up right now. Try again later, or sign up "
    "here: {link}",
    "signup_done": "{issuer}: done, the town hall will alert you in danger. See or change: "
    "{link}/ma-page. To stop: reply STOP.",
    "signup_page": "{issuer}: type this code on the page that asked for it: {link}",
    "signup_wrong": "{issuer}: this is not the code. Check the 6 digits, or begin again: {link}",
}
SAID: Final = tuple(_FRENCH)
_NOTHING: Final[Mapping[str, str]] = {}
_ASK: Final = {"fr": " Renseignements: {phone}.", "en": " Information: {phone}."}


def sms_answer(
    said: str, *, language: str, issuer: str, phone: str = "", more: Mapping[str, str] = _NOTHING
) -> str:
    """Return the words of an answer of `SAID`. `phone` is whom to ask, where known.

    Those of a sign-up have blanks `more`: the `place` that was read, the `link` of its page, the
    `towns` that share a number and one of them, `town`, with the space that follows it.
    """
    french = primary(language) == "fr"
    words = (_FRENCH if french else _ENGLISH)[said]
    ask = _ASK["fr" if french else "en"].format(phone=phone) if phone else ""
    return words.format(issuer=issuer, ask=ask, **more)


def sms_twiml(words: str) -> str:
    """Return the document that has the provider send these words back; none where empty."""
    response = MessagingResponse()
    if words:
        response.message(words)
    return str(response)
