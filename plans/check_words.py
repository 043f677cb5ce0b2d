"""Checks of the words: blanks that are filled, SMS that are short, no answer nobody receives."""

from collections.abc import Iterator

from plans import word_sentences as say
from plans.alerting import MEDIA, MessageTemplate, Wording
from plans.case import Case, Measured
from plans.faults import Spot, quoted
from plans.forms_policy import MEDIUM_WORDS
from plans.replies import help_offer_in, invitation_in
from plans.words import FOUND_BLANKS, KNOWN_BLANKS, StrayBrace, blanks_of, fill, longest

TEMPLATES_FOLDER = "alerte/modeles/"
POLICY_FILE = "alerte/reglement.yaml"
PLAIN = "GSM-7"

_FRENCH = {code: word for word, code in MEDIUM_WORDS.items()}


def check_templates(case: Case) -> None:
    """Each template has words for the media the policy uses, and blanks that are filled."""
    if not case.plan.templates and not case.unread(TEMPLATES_FOLDER):
        case.findings.fault(Spot(TEMPLATES_FOLDER), say.NO_TEMPLATE)
    for template in case.plan.templates:
        if not any(wording.texts for wording in template.texts.values()):
            spot = case.findings.spot_of("template", template.id)
            case.findings.fault(spot, say.NO_TEXT, ident=template.id)
            continue
        _check_media(template, case)
        _check_false_alarm(template, case)
        if _check_blanks(template, case):
            for language, wording in template.texts.items():
                _check_sms(template, language, wording, case=case)
            _check_help(template, case)


def _check_media(template: MessageTemplate, case: Case) -> None:
    first = next(iter(template.texts.values()))
    held = {"sms": first.sms, "voice": first.voice, "email": first.email_body, "webhook": "cap"}
    wanted = {medium for target in case.plan.policy.targets for medium in target.media}
    for medium in MEDIA:
        if medium in wanted and case.plan.policy.uses(medium) and held[medium] is None:
            spot = case.findings.spot_of("template", template.id, key=_FRENCH[medium])
            word = _FRENCH[medium]
            case.findings.warn(spot, say.NO_WORDS_FOR, ident=template.id, medium=word)


def _check_false_alarm(template: MessageTemplate, case: Case) -> None:
    """Tell a false alarm that waits for a typed word: it leaves as it was approved."""
    named = template.sequels.false_alarm
    found = next((one for one in case.plan.templates if one.id == named), None)
    if found is None:  # none, or an unknown one, told as such
        return
    typed = [name for name in found.variables if name not in FOUND_BLANKS]
    if typed:
        spot = case.findings.spot_of("template", template.id, key="suites")
        blanks = ", ".join(f"{{{name}}}" for name in typed)
        case.findings.warn(spot, say.TYPED_FALSE_ALARM, ident=found.id, blanks=blanks)


def _check_blanks(template: MessageTemplate, case: Case) -> bool:
    """Check every text; tell whether all can be filled."""
    used: dict[str, None] = {}
    sound = True
    for spot, text in _texts(template, case):
        try:
            names = blanks_of(text)
        except StrayBrace as fault:
            case.findings.fault(spot, say.STRAY_BRACE, position=fault.position + 1)
            sound = False
            continue
        used.update(dict.fromkeys(names))
        for name in names:
            if name not in template.variables:
                known = (*template.variables, *KNOWN_BLANKS)
                near = case.findings.near(name, [word for word in known if word != name])
                case.findings.fault(spot, say.UNDECLARED_BLANK, name=name, near=near)
                sound = sound and name in KNOWN_BLANKS
    spot = case.findings.spot_of("template", template.id, key="variables")
    for name in template.variables:
        if name not in used and sound:
            case.findings.warn(spot, say.UNUSED_BLANK, name=name)
    return sound


def _check_help(template: MessageTemplate, case: Case) -> None:
    """No text offers the answer that the commune does not take."""
    if case.plan.policy.offers_help:
        return
    for spot, text in _texts(template, case):
        words = help_offer_in(text)
        if words is not None:
            case.findings.fault(spot, say.OFFERS_HELP, words=quoted(words))


def _texts(template: MessageTemplate, case: Case) -> Iterator[tuple[Spot, str]]:
    own = next(iter(template.texts))
    for language, words in template.texts.items():
        held = (("sms", words.sms), ("voix", words.voice))
        mails = (("email.objet", words.email_subject), ("email.corps", words.email_body))
        for key, text in (*held, *mails):
            if text is not None:
                yield _spot(template, key, case, language="" if language == own else language), text


def _spot(template: MessageTemplate, key: str, case: Case, *, language: str) -> Spot:
    """Say where a text stands: its own key, or the key of the translations with its path."""
    head, _, rest = key.partition(".")
    if language:
        spot = case.findings.spot_of("template", template.id, key="traductions")
        return Spot(spot.file, spot.line, f"traductions.{language}.{key}")
    spot = case.findings.spot_of("template", template.id, key=head)
    return Spot(spot.file, spot.line, f"{head}.{rest}" if rest else head)


def _check_sms(template: MessageTemplate, language: str, wording: Wording, *, case: Case) -> None:
    if wording.sms is None or not case.plan.policy.uses("sms"):
        return
    own = next(iter(template.texts))
    spot = _spot(template, "sms", case, language="" if language == own else language)
    words = None if case.plan.policy.two_way else invitation_in(wording.sms)
    if words is not None:
        case.findings.fault(spot, say.INVITES_REPLY, language=language, words=quoted(words))
    _check_length(template, wording.sms, spot, language=language, case=case)


def _check_length(
    template: MessageTemplate, text: str, spot: Spot, *, language: str, case: Case
) -> None:
    """Measure with the longest names, and with the longest that leave the plain alphabet."""
    rules, names = case.plan.policy.media["sms"], (*template.variables, *blanks_of(text))
    measured = case.measure(fill(text, longest(case.plan, names)))
    own = case.measure(text)
    costly = case.measure(
        fill(text, longest(case.plan, names, among=lambda name: not _plain(name, case)))
    )
    worst = max(measured, costly, key=lambda one: one.segments)
    if worst.segments > rules.segments_max:
        case.findings.warn(
            spot,
            say.LONG_SMS,
            language=language,
            segments=worst.segments,
            most=rules.segments_max,
        )
    if rules.encoding == "gsm7_preferred" and worst.encoding != PLAIN:
        sentence = say.COSTLY_SMS if own.encoding != PLAIN else say.COSTLY_NAMES
        signs = _signs(own if own.encoding != PLAIN else worst)
        case.findings.warn(spot, sentence, language=language, signs=signs, segments=worst.segments)


def _plain(name: str, case: Case) -> bool:
    return bool(name) and case.measure(name).encoding == PLAIN


def _signs(measured: Measured) -> str:
    signs = dict.fromkeys(f"« {getattr(sign, 'char', sign)} »" for sign in measured.offending)
    return ", ".join(list(signs)[:8])
