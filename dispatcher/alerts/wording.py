"""The words of an alert: a template with its blanks filled, per language, and the mode's prefix."""

from collections.abc import Mapping
from dataclasses import replace
from textwrap import shorten

from dispatcher.alerts.known_blanks import Moment, known_blanks
from dispatcher.alerts.refusals import NotSo
from dispatcher.delivery.content import LINK_BLANK, Texts
from plans.alerting import MessageTemplate, Wording
from plans.plan import Plan
from plans.words import MissingBlank, StrayBrace, fill

# Its own blank: each reader's page is known only when her message leaves.
_KEPT = {"lien": LINK_BLANK}
_LONGEST_SUBJECT = 120
WORDED = ("sms", "voice", "email_subject", "email_body")
"""The texts of one language, as `Wording` names them."""


def blanks_for(
    plan: Plan,
    sectors: tuple[str, ...],
    given: Mapping[str, str],
    *,
    moment: Moment | None = None,
) -> dict[str, str]:
    """Return what fills the blanks: what was given, else what is known of sectors and moment."""
    known = known_blanks(plan, sectors, moment)
    return {**{name: one.value for name, one in known.items()}, **given, **_KEPT}


def worded(
    template: MessageTemplate, blanks: Mapping[str, str], *, prefix: str
) -> dict[str, Texts]:
    """Fill a template in each of its languages; `prefix` is forced first (EXERCICE).

    Raises NotSo naming the blank that nothing fills, or the brace that opens none.
    """
    return {
        language: _filled(template, language, wording, blanks=blanks, prefix=prefix)
        for language, wording in template.texts.items()
    }


def written_over(
    template: MessageTemplate, words: Mapping[str, Mapping[str, str]]
) -> MessageTemplate:
    """Return the template with these words in the place of its own, blanks still open."""
    languages = dict.fromkeys((*template.texts, *words))
    texts = {
        language: replace(
            template.texts.get(language, Wording()),
            **{
                medium: text
                for medium, text in words.get(language, {}).items()
                if medium in WORDED and text.strip()
            },
        )
        for language in languages
    }
    return replace(template, texts={name: one for name, one in texts.items() if one.texts})


def _filled(
    template: MessageTemplate,
    language: str,
    wording: Wording,
    *,
    blanks: Mapping[str, str],
    prefix: str,
) -> Texts:
    try:
        return _texts(wording, blanks, prefix)
    except MissingBlank as missing:
        raise NotSo(
            "Le modèle « {id} » attend une valeur qui manque : {name}. Donnez-la "
            "dans les champs de l'alerte (--blank {name}=…).",
            id=template.id,
            name=missing.name,
        ) from missing
    except StrayBrace as stray:
        raise NotSo(
            "Le texte ({language}) a une accolade qui n'ouvre aucun blanc (signe "
            "{value}) : retirez-la, ou doublez-la.",
            language=language,
            value=stray.position + 1,
        ) from stray


def _texts(wording: Wording, blanks: Mapping[str, str], prefix: str) -> Texts:
    """Fill one language; a medium without words of its own takes the nearest there are."""
    sms = wording.sms or wording.email_body or wording.voice or ""
    voice = wording.voice or wording.email_body or sms
    body = wording.email_body or sms
    silent = {**blanks, "lien": ""}
    return Texts(
        sms=prefix + fill(sms, blanks),
        voice=prefix + fill(voice, silent).strip(),
        email_subject=prefix + _subject(wording.email_subject or sms, silent),
        email_body=prefix + fill(body, blanks),
    )


def _subject(text: str, blanks: Mapping[str, str]) -> str:
    """Return one line: a heading with a line break is refused to every reader by the channel."""
    plain = "".join(sign if sign.isprintable() else " " for sign in fill(text, blanks))
    return shorten(plain, _LONGEST_SUBJECT, placeholder="…")
