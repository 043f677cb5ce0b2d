"""The words that take an alert back, made and approved with it: unaltered, one person sends them.

They come from the template that the alert's own names (`suites: fausse_alerte`). A plan that names
none, or one that asks for a word nobody has typed, never keeps an alert from being drafted: then
these plain sentences stand ready.
"""

from collections.abc import Mapping

from dispatcher.alerts.refusals import NotSo
from dispatcher.alerts.wording import worded
from dispatcher.delivery.content import Texts
from plans.alerting import MessageTemplate, Wording
from plans.plan import Plan

_PLAIN = {
    "fr": Wording(
        sms="Mairie de {commune}: FAUSSE ALERTE. Notre message précédent était une erreur: "
        "ne le suivez plus. Infos: {lien}",
        voice="Message de la mairie de {commune}. Fausse alerte. Notre message précédent était "
        "une erreur. Ne le suivez plus. Nous vous présentons nos excuses.",
        email_subject="FAUSSE ALERTE - mairie de {commune}",
        email_body="Notre message précédent était une erreur : ne le suivez plus.\n"
        "Nous vous présentons nos excuses. Informations : {lien}\n",
    ),
    "en": Wording(
        sms="{commune} town hall: FALSE ALARM. Our previous message was a mistake: "
        "do not follow it any more. Info: {lien}",
        voice="This is a message from {commune} town hall. False alarm. Our previous message was "
        "a mistake. Do not follow it any more. We apologise.",
        email_subject="FALSE ALARM - {commune} town hall",
        email_body="Our previous message was a mistake: do not follow it any more.\n"
        "We apologise. Information: {lien}\n",
    ),
}


def taking_back(
    plan: Plan, template: MessageTemplate, blanks: Mapping[str, str], *, prefix: str
) -> dict[str, Texts]:
    """Return the false-alarm words of a message, by language; the policy's language is there."""
    named = template.sequels.false_alarm
    if named is not None:
        try:
            return worded(plan.template(named), blanks, prefix=prefix)
        except (KeyError, NotSo):  # told by `plan check` already; the alert must not wait for it
            pass
    return worded(MessageTemplate("fausse_alerte", texts=_PLAIN), blanks, prefix=prefix)
