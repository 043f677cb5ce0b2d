"""The message that brings a code: who asks, what it is for, and what to do if nobody asked."""

from dataclasses import replace

from channels.call_twiml import DICTATED, ENROLMENT, PROPOSAL
from dispatcher.alerts.plan_in_force import PlanInForce
from dispatcher.alerts.ringing import NOWHERE
from dispatcher.delivery.content import Content, Texts
from dispatcher.signup.telling import ENROL, KIN, PAGE
from dispatcher.store.code_messages import CODE_BLANK
from dispatcher.store.signups import CODE_S

LASTS_S = CODE_S


def call_content(current: PlanInForce, *, proposed: bool = False) -> Content:
    """Word the call that asks a number whether it is to be alerted, proposed by somebody close.

    Nothing that was typed is in it: the town hall's voice would say it to whoever answers.
    """
    voices = _PROPOSED if proposed else _CALLED
    base = code_content(current)
    texts = {code: Texts("", voice, "Inscription", "") for code, voice in voices.items()}
    asks = PROPOSAL if proposed else ENROLMENT
    return replace(base, texts=texts, media=("voice",), asks=asks)


_CALLED = {
    "fr": "Quelqu'un demande, sur la page de la mairie, que ce numéro soit appelé en cas de"
    " danger : crue, tempête, feu, accident. C'est gratuit.",
    "en": "Somebody asks, on the page of the town hall, for this number to be called in case of"
    " danger: flood, storm, fire, accident. It is free.",
}
_PROPOSED = {
    "fr": "Un de vos proches propose, sur la page de la mairie, que vous soyez prévenu en cas de"
    " danger : crue, tempête, feu, accident. C'est gratuit, et c'est vous qui décidez.",
    "en": "Somebody close to you proposes, on the page of the town hall, that you be warned in case"
    " of danger: flood, storm, fire, accident. It is free, and you decide.",
}


def code_content(current: PlanInForce, *, wants: str = ENROL) -> Content:
    """Word a code in French and English; nothing in it says whether the contact is enrolled.

    The code of a page may be told by a call: heard three times, with no key to press.
    """
    plan, town = current.plan, current.plan.commune.name
    language = plan.policy.language if plan.policy.language in _SMS else "fr"
    opens = wants == PAGE
    return Content(
        mode="real",
        route="live",
        title="Code d'accès" if opens else "Code d'inscription",
        issuer=f"Mairie de {town}",
        sender=plan.policy.sender,
        language=language,
        texts={code: _texts(code, town, wants=wants) for code in _SMS},
        area=NOWHERE,
        margin_m=0.0,
        media=("sms", "voice", "email"),
        plan_digest=current.digest,
        template="",
        offers_help=False,
        asks=DICTATED,
    )


_SMS = {
    "fr": "{code} : votre code pour les alertes de la mairie de {town}, pendant {minutes} minutes."
    " Vous n'avez rien demandé ? Ne faites rien.",
    "en": "{code}: your code for the alerts of the town hall of {town}, for {minutes} minutes."
    " You did not ask for it? Do nothing.",
}
_SMS_OPENS = {
    "fr": "{code} : votre code pour ouvrir votre page des alertes de {town}. Ne le donnez à"
    " personne, même à la mairie.",
    "en": "{code}: your code to open your page of the alerts of {town}. Give it to nobody, not"
    " even to the town hall.",
}
_SUBJECTS = {
    "fr": "{code} : votre code pour les alertes de {town}",
    "en": "{code}: your code for the alerts of {town}",
}
_ENROLS = {
    "fr": "Votre code est {code}. Recopiez-le sur la page d'inscription aux alertes de la mairie"
    " de {town} dans les {minutes} minutes.\n\nVous n'avez rien demandé ? Ne faites rien : rien"
    " n'est inscrit sans ce code.",
    "en": "Your code is {code}. Type it on the page where you sign up for the alerts of the town"
    " hall of {town}, within {minutes} minutes.\n\nYou did not ask for it? Do nothing: nothing"
    " is kept without this code.",
}
_OPENS = {
    "fr": "Votre code est {code}. Il ouvre votre page des alertes de la mairie de {town} pendant"
    " {minutes} minutes. Ne le donnez à personne, même à la mairie.\n\nVous n'avez rien demandé ?"
    " Ne faites rien : personne n'ouvre votre page sans ce code.",
    "en": "Your code is {code}. It opens your page of the alerts of the town hall of {town} for"
    " {minutes} minutes. Give it to nobody, not even to the town hall.\n\nYou did not ask for it?"
    " Do nothing: nobody opens your page without this code.",
}
_SPOKEN = {
    "fr": "Voici le code qui ouvre votre page des alertes. Ne le donnez à personne. {code}. Je"
    " répète : {code}.",
    "en": "This is the code that opens your page of alerts. Give it to nobody. {code}. I repeat:"
    " {code}.",
}


_OF_KIN = {
    "fr": "{code} : une personne vous choisit pour savoir comment elle va, quand la mairie de"
    " {town} l'alerte. Donnez-lui ce code si vous acceptez ; sinon, ne faites rien.",
    "en": "{code}: somebody chooses you to be told how she is when the town hall of {town}"
    " alerts her. Give her this code if you agree; otherwise, do nothing.",
}


def _texts(language: str, town: str, *, wants: str) -> Texts:
    said = {"code": CODE_BLANK, "town": town, "minutes": int(LASTS_S // 60)}
    short = {PAGE: _SMS_OPENS, KIN: _OF_KIN}.get(wants, _SMS)
    mail = {PAGE: _OPENS, KIN: _OF_KIN}.get(wants, _ENROLS)
    return Texts(
        sms=short[language].format(**said),
        voice=_SPOKEN[language].format(**said) if wants == PAGE else "",
        email_subject=_SUBJECTS[language].format(**said),
        email_body=mail[language].format(**said),
    )
