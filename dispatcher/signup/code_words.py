"""The message that brings a code: who asks, what it is for, and what to do if nobody asked."""

from dataclasses import replace

from channels.call_twiml import ENROLMENT
from dispatcher.alerts.plan_in_force import PlanInForce
from dispatcher.alerts.ringing import NOWHERE
from dispatcher.delivery.content import Content, Texts
from dispatcher.store.code_messages import CODE_BLANK

LASTS_S = 900.0


def call_content(current: PlanInForce) -> Content:
    """Word the call that asks a landline whether it is to be alerted.

    Nothing that was typed is in it: the town hall's voice would say it to whoever answers.
    """
    voices = {
        "fr": "Quelqu'un demande, sur la page de la mairie, que ce numéro soit appelé en cas de"
        " danger : crue, tempête, feu, accident. C'est gratuit.",
        "en": "Somebody asks, on the page of the town hall, for this number to be called in case of"
        " danger: flood, storm, fire, accident. It is free.",
    }
    base = code_content(current)
    texts = {code: Texts("", voice, "Inscription", "") for code, voice in voices.items()}
    return replace(base, texts=texts, media=("voice",), asks=ENROLMENT)


def code_content(current: PlanInForce) -> Content:
    """Word a code in French and English; nothing in it says whether the contact is enrolled."""
    code = CODE_BLANK
    plan, town = current.plan, current.plan.commune.name
    minutes = int(LASTS_S // 60)
    texts = {
        "fr": Texts(
            sms=f"{code} : votre code pour les alertes de la mairie de {town}, pendant"
            f" {minutes} minutes. Vous n'avez rien demandé ? Ne faites rien.",
            voice="",
            email_subject=f"{code} : votre code pour les alertes de {town}",
            email_body=f"Votre code est {code}. Recopiez-le sur la page d'inscription aux alertes"
            f" de la mairie de {town} dans les {minutes} minutes.\n\nVous n'avez rien demandé ?"
            " Ne faites rien : rien n'est inscrit sans ce code.",
        ),
        "en": Texts(
            sms=f"{code}: your code for the alerts of the town hall of {town}, for"
            f" {minutes} minutes. You did not ask for it? Do nothing.",
            voice="",
            email_subject=f"{code}: your code for the alerts of {town}",
            email_body=f"Your code is {code}. Type it on the page where you sign up for the alerts"
            f" of the town hall of {town}, within {minutes} minutes.\n\nYou did not ask for it?"
            " Do nothing: nothing is kept without this code.",
        ),
    }
    language = plan.policy.language if plan.policy.language in texts else "fr"
    return Content(
        mode="real",
        route="live",
        title="Code d'inscription",
        issuer=f"Mairie de {town}",
        sender=plan.policy.sender,
        language=language,
        texts=texts,
        area=NOWHERE,
        margin_m=0.0,
        media=("sms", "email"),
        plan_digest=current.digest,
        template="",
        offers_help=False,
    )
