"""The words of an alert: a template with its blanks filled, per language, and the mode's prefix."""

from collections.abc import Mapping
from dataclasses import replace
from textwrap import shorten

from dispatcher.alerts.refusals import NotSo
from dispatcher.delivery.content import LINK_BLANK, Texts
from plans.alerting import MessageTemplate, Wording
from plans.plan import Plan
from plans.words import MissingBlank, StrayBrace, fill

# Its own blank: each reader's page is known only when her message leaves.
_KEPT = {"lien": LINK_BLANK}
_LONGEST_SUBJECT = 120


def blanks_for(plan: Plan, sectors: tuple[str, ...], given: Mapping[str, str]) -> dict[str, str]:
    """Return what fills the blanks: what was given, else what the plan knows of these sectors."""
    named = [plan.sector(ident) for ident in sectors]
    points = {one.id: one for one in plan.assembly_points}
    meeting = [
        points[sector.assembly_point].label for sector in named if sector.assembly_point in points
    ]
    centres = [centre.label for centre in plan.centres if centre.kind == "CARE"]
    known = {
        "commune": plan.commune.name,
        "secteur": ", ".join(sector.name for sector in named),
        "point": ", ".join(dict.fromkeys(meeting)),
        "centre": centres[0] if centres else "",
        # Never a number of the directory: those are people's own.
        "tel": national(plan.policy.caller_number or ""),
    }
    return {**{name: value for name, value in known.items() if value}, **given, **_KEPT}


def national(phone: str) -> str:
    """Write a French number as people read it: 01 99 00 12 12."""
    if not (phone.startswith("+33") and len(phone) == len("+33199001212")):
        return phone
    digits = "0" + phone.removeprefix("+33")
    return " ".join(digits[start : start + 2] for start in range(0, len(digits), 2))


def worded(
    template: MessageTemplate, blanks: Mapping[str, str], *, prefix: str
) -> dict[str, Texts]:
    """Fill a template in each of its languages; `prefix` is forced first (EXERCICE).

    Raises NotSo naming the blank that nothing fills, or the brace that opens none.
    """
    try:
        return {
            language: _texts(wording, blanks, prefix)
            for language, wording in template.texts.items()
        }
    except MissingBlank as missing:
        raise NotSo(
            f"Le modèle « {template.id} » attend une valeur qui manque : {missing.name}."
            f" Donnez-la dans les champs de l'alerte (--blank {missing.name}=…)."
        ) from missing
    except StrayBrace as stray:
        raise NotSo(
            "Une accolade du texte n'ouvre aucun champ : écrivez-la deux fois, {{ ou }}, ou"
            " retirez-la."
        ) from stray


def written_over(
    template: MessageTemplate, words: Mapping[str, Mapping[str, str]]
) -> MessageTemplate:
    """Return a template with what its author wrote in the place of its own words, blanks and all.

    `words` are texts by language and medium (`sms`, `voice`, `email_subject`, `email_body`); what
    is left out stays the template's.
    """
    texts = dict(template.texts)
    for language, written in words.items():
        kept = texts.get(language, Wording())
        texts[language] = replace(kept, **{name: text for name, text in written.items() if text})
    return replace(template, texts={code: one for code, one in texts.items() if one.texts})


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
