"""What calls say besides the message, in French, in English, and in words for everyone else."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Phrases:
    """The words of one language; `{issuer}` and `{phone}` are blanks.

    Of a request for help they say who holds it and whom to call: a rescue is promised by no
    machine. Where the commune takes no such requests, `menu_one_key` offers none. `menu_coming`
    asks whoever is called up whether she comes; `menu_approval` says what an approver may press,
    `menu_by_phone` where she may decide in the call; `menu_mission` asks a team whether it has the
    mission that it is told of; `menu_enrolment` whether a number is to be alerted, `menu_proposal`
    also whether somebody close is told of it.
    """

    language: str
    caller: str
    menu: str
    menu_one_key: str
    menu_coming: str
    menu_approval: str
    menu_by_phone: str
    menu_mission: str
    menu_enrolment: str
    menu_proposal: str
    enrolled: str
    declined: str
    late: str
    coming: str
    unable: str
    received: str
    impossible: str
    understood: str
    help: str
    help_hidden: str
    no_help: str
    goodbye: str
    rung: str
    still: str
    quiet: str
    ask: str
    danger: str
    often: str


_FRENCH = Phrases(
    language="fr",
    caller="{issuer} vous appelle.",
    menu="Si vous avez compris, tapez 1. Si vous avez besoin d'aide, tapez 2. "
    "Pour réécouter, tapez 0.",
    menu_one_key="Si vous avez compris, tapez 1. Pour réécouter, tapez 0.",
    menu_coming="Si vous venez, tapez 1. Si vous ne pouvez pas venir, tapez 2. Pour réécouter, "
    "tapez 0.",
    menu_approval="Si vous ne pouvez pas l'ouvrir, tapez 2 : la personne suivante est appelée. "
    "Pour réécouter, tapez 0.",
    menu_by_phone="Pour entendre l'alerte et décider par téléphone, tapez 1. Si vous ne pouvez "
    "pas, tapez 2. Pour réécouter, tapez 0.",
    menu_mission="Si vous avez reçu la mission, tapez 1. Si elle est impossible, tapez 2. Pour "
    "réécouter, tapez 0.",
    menu_enrolment="Si vous acceptez, tapez 1. Si vous refusez, tapez 9. Pour réécouter, tapez 0.",
    menu_proposal="Si vous acceptez, tapez 1. Si vous acceptez aussi que ce proche sache si vous "
    "répondez à une alerte, tapez 3. Si vous refusez, tapez 9. Pour réécouter, tapez 0.",
    enrolled="Merci. Ce numéro sera alerté en cas de danger. Au revoir.",
    declined="C'est noté : ce numéro n'est pas inscrit. Au revoir.",
    late="Cette demande a expiré : rien n'est changé. Recommencez sur la page d'inscription, ou "
    "appelez la mairie. Au revoir.",
    coming="Merci. Nous notons que vous venez. Au revoir.",
    unable="C'est noté. Nous appelons la personne suivante. Au revoir.",
    received="Merci. La mission est notée reçue. Au revoir.",
    impossible="C'est noté : mission impossible. La cellule est prévenue. Au revoir.",
    understood="Merci. Nous notons que vous avez compris. Au revoir.",
    help="La mairie a bien votre demande d'aide. En cas de danger immédiat, n'attendez pas sa "
    "réponse : raccrochez et appelez le 18 ou le 112, ou envoyez un SMS au 114.",
    help_hidden="La mairie a bien votre demande d'aide, mais votre numéro est masqué : elle ne "
    "peut pas vous rappeler. En cas de danger immédiat, appelez le 18 ou le 112, ou envoyez un "
    "SMS au 114.",
    no_help="La mairie ne prend pas de demande d'aide par cette touche.",
    goodbye="Au revoir.",
    rung="Vous appelez le service d'alerte : {issuer}. Voici le message en cours.",
    still="Sans réponse de votre part, le message reste valable.",
    quiet="Vous appelez le service d'alerte : {issuer}. Aucune alerte n'est en cours.",
    ask="Pour toute question, appelez la mairie au {phone}.",
    danger="En cas de danger immédiat, appelez le 18 ou le 112, ou envoyez un SMS au 114.",
    often="Vous avez déjà écouté ce message plusieurs fois. Suivez ses consignes.",
)
_ENGLISH = Phrases(
    language="en",
    caller="This is a call from {issuer}.",
    menu="If you have understood, press 1. If you need help, press 2. To listen again, press 0.",
    menu_one_key="If you have understood, press 1. To listen again, press 0.",
    menu_coming="If you are coming, press 1. If you cannot come, press 2. To listen again, "
    "press 0.",
    menu_approval="If you cannot open it, press 2: the next person is called. To listen again, "
    "press 0.",
    menu_by_phone="To hear the alert and decide by telephone, press 1. If you cannot, press 2. "
    "To listen again, press 0.",
    menu_mission="If you have the mission, press 1. If it is impossible, press 2. To listen again, "
    "press 0.",
    menu_enrolment="If you agree, press 1. If you do not, press 9. To listen again, press 0.",
    menu_proposal="If you agree, press 1. If you also agree that they learn whether you answer an "
    "alert, press 3. If you refuse, press 9. To listen again, press 0.",
    enrolled="Thank you. This number will be warned of danger. Goodbye.",
    declined="Noted: this number is not signed up. Goodbye.",
    late="This request has expired: nothing was changed. Start again on the sign-up page, or call "
    "the town hall. Goodbye.",
    coming="Thank you. We note that you are coming. Goodbye.",
    unable="Noted. We are calling the next person. Goodbye.",
    received="Thank you. The mission is noted as received. Goodbye.",
    impossible="Noted: the mission is impossible. The crisis cell is told. Goodbye.",
    understood="Thank you. We note that you have understood. Goodbye.",
    help="The town hall has your request for help. In immediate danger, do not wait for its "
    "answer: hang up and call 18 or 112, or text 114.",
    help_hidden="The town hall has your request for help, but your number is hidden: it cannot "
    "call you back. In immediate danger, call 18 or 112, or text 114.",
    no_help="The town hall takes no request for help by this key.",
    goodbye="Goodbye.",
    rung="You are calling the alert service: {issuer}. This is the message in force.",
    still="Without an answer from you, the message stands.",
    quiet="You are calling the alert service: {issuer}. No alert is in force.",
    ask="For any question, call the town hall on {phone}.",
    danger="In immediate danger, call 18 or 112, or text 114.",
    often="You have listened to this message several times. Follow its instructions.",
)
# Short words and digits, for someone who reads neither language.
_NEUTRAL = Phrases(
    language="en",
    caller="{issuer}.",
    menu="OK: 1. Help: 2. Again: 0.",
    menu_one_key="OK: 1. Again: 0.",
    menu_coming="I come: 1. I cannot come: 2. Again: 0.",
    menu_approval="I cannot: 2. Again: 0.",
    menu_by_phone="Decide: 1. I cannot: 2. Again: 0.",
    menu_mission="Mission received: 1. Impossible: 2. Again: 0.",
    menu_enrolment="Yes: 1. No: 9. Again: 0.",
    menu_proposal="Yes: 1. Yes, and tell them: 3. No: 9. Again: 0.",
    enrolled="OK. Thank you.",
    declined="OK. Not signed up.",
    late="Too late. Nothing changed.",
    coming="OK. Thank you.",
    unable="OK. We call the next person.",
    received="OK. Thank you.",
    impossible="OK. Noted.",
    understood="OK. Thank you.",
    help="The town hall has your message. Danger: call 18 or 112, or text 114.",
    help_hidden="The town hall has your message, but no number. Danger: call 18 or 112, or text "
    "114.",
    no_help="No help by this key.",
    goodbye="Goodbye.",
    rung="{issuer}.",
    still="OK.",
    quiet="{issuer}. No alert.",
    ask="Questions: {phone}.",
    danger="Danger: call 18 or 112, or text 114.",
    often="Same message.",
)
_SPOKEN: Final = {"fr": _FRENCH, "en": _ENGLISH}


def phrases_of(language: str) -> Phrases:
    """Return the phrases of a language; the plain ones where it is neither of ours."""
    return _SPOKEN.get(primary(language), _NEUTRAL)


def primary(language: str) -> str:
    """Return `fr` of `fr-FR`."""
    return language.partition("-")[0].lower()
