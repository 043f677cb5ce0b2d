"""The words of an alert read over: what they leave out, what cannot work, what could be better.

A finding never changes a word. `missing` and `advice` are told; `cannot_work` keeps an alert from
being submitted, because people would act on what nobody answers.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

from channels.call_words import phrases_of, primary
from dispatcher.alerts.clues import PHONE, READ, Said, digits_of
from dispatcher.alerts.drafting import PREFIXED, issuer_of
from dispatcher.alerts.judge_sentences import ELSEWHERE, MEDIA, NONE, RESPONSES, SAID, SAYS
from dispatcher.alerts.plain_reading import any_of, composed, plainly
from dispatcher.alerts.promises import Means, broken_promises
from dispatcher.alerts.style_advice import advice
from dispatcher.alerts.tongues import disagreements
from dispatcher.delivery.content import LINK_BLANK, Texts
from plans.alerting import MediumPolicy, MessageTemplate
from plans.faults import Language, Sentence
from plans.plan import Plan

Level = Literal["missing", "cannot_work", "advice"]
ELEMENTS: Final = ("who", "what", "where", "act", "until", "verify")
_WORDED: Final = ("sms", "voice", "email")
_NOTHING_TO_DO: Final = ("AllClear", "None")
_ARTICLE: Final = re.compile(r"^(?:le|la|les)\s+|^l['’]", re.IGNORECASE)
_SHOWN: Final = 60  # characters of a text quoted in a sentence


@dataclass(frozen=True)
class Finding:
    """One thing to tell the author; `medium` is "" where it concerns a language as a whole.

    `span` are positions in the text of `field`, as it was judged: filled, its letters composed.
    """

    kind: str
    level: Level
    medium: str
    language: str
    field: str = ""
    span: tuple[int, int] | None = None
    words: str = ""
    about: str = ""
    elsewhere: tuple[str, ...] = ()

    def said(self, language: Language) -> str:
        """Say it in the author's language."""
        asked = RESPONSES.get(self.about)
        values = {
            "medium": _in(language, MEDIA.get(self.medium, NONE)),
            "says": _in(language, SAYS[self.medium == ""]),
            "words": self.words[:_SHOWN],
            "other": self.about,
            "asked": _in(language, asked) if asked else self.about,
        }
        said = _in(language, SAID[self.kind]).format(**values)
        if self.elsewhere:
            media = _in(language, MEDIA[self.elsewhere[0]])
            said = said.rstrip(".") + _in(language, ELSEWHERE).format(media=media)
        return said[:1].upper() + said[1:]

    def as_lack(self) -> str:
        """Return the French sentence with `%(about)s` for its words, as a catalogue has it."""
        return SAID[self.kind].fr.format(words="%(about)s")


def _in(language: Language, sentence: Sentence) -> str:
    return sentence.fr if language == "fr" else sentence.en


@dataclass(frozen=True)
class Facts:
    """What the judge knows besides the texts: who speaks, where, by which means, at what hour."""

    issuers: tuple[str, ...]
    issuer: str
    places: tuple[str, ...]
    personal: frozenset[str]
    means: Means
    media: tuple[str, ...]
    language: str
    response: tuple[str, ...]
    segments_max: int
    page: str
    prefix: str
    now: datetime


@dataclass(frozen=True)
class Carried:
    """How the words go out: the mode, the media, a sample of an answering page's address."""

    mode: str
    media: tuple[str, ...]
    page: str


def facts_of(plan: Plan, template: MessageTemplate, carried: Carried, *, now: datetime) -> Facts:
    """Return what is known of a message made from a template."""
    policy = plan.policy
    given = (plan.commune.information_phone, policy.caller_number)
    own = frozenset(digits_of(one) for one in given if one)
    people = {digits_of(phone) for one in plan.contacts for phone in one.phones}
    rules = policy.media.get("sms", MediumPolicy())
    return Facts(
        issuers=_issuers(plan),
        issuer=issuer_of(plan),
        places=place_names(plan),
        personal=frozenset(people - own),
        means=Means(policy.two_way, policy.offers_help, policy.caller_number is not None),
        media=tuple(one for one in carried.media if one in _WORDED),
        language=policy.language,
        response=template.cap.response_type,
        segments_max=rules.segments_max,
        page=carried.page,
        prefix=policy.exercise_prefix if carried.mode in PREFIXED else "",
        now=now.astimezone(ZoneInfo(plan.commune.timezone)),
    )


def place_names(plan: Plan) -> tuple[str, ...]:
    """Return the names of places that the plan writes, with and without their article.

    No letter of them changes unasked (DOMAIN §4.4).
    """
    named = (
        *(one.name for one in plan.sectors),
        *(one.label for one in plan.assembly_points),
        *(one.label for one in plan.centres),
        *(one.name for one in plan.assets),
    )
    bare = (_ARTICLE.sub("", name) for name in named)
    return tuple(dict.fromkeys((*named, *bare, plan.commune.name)))


def _issuers(plan: Plan) -> tuple[str, ...]:
    """Return the commune's names: whole, without its river (Vaubrenne-sur-Sérolle), its sender."""
    name = plan.commune.name
    head = name.split("-sur-")[0].split("-lès-")[0].split("-en-")[0].split("-sous-")[0]
    return (name, head, plan.policy.sender)


def judge(texts: Mapping[str, Texts], facts: Facts) -> tuple[Finding, ...]:
    """Return what is to be told of these texts, {lien} still open, by language and medium."""
    found: list[Finding] = []
    for language, one in texts.items():
        found += _of_language(language, _composed(one), facts)
    found += [
        Finding("disagrees", "advice", medium, language, words=words, about=other)
        for medium, language, words, other in disagreements(texts, facts.media, facts.language)
    ]
    first = {(one.kind, one.medium, one.language, one.words): one for one in reversed(found)}
    return tuple(reversed(first.values()))  # what is said again is told once


def stopping(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return those that keep an alert from being submitted."""
    return tuple(one for one in found if one.level == "cannot_work")


def _composed(texts: Texts) -> Texts:
    return replace(texts, **{name: composed(text) for name, text in vars(texts).items()})


def _of_language(language: str, texts: Texts, facts: Facts) -> Iterator[Finding]:
    lacks: dict[str, list[str]] = {}
    for medium in facts.media:
        for kind in _lacking(medium, language, texts, facts):
            lacks.setdefault(kind, []).append(medium)
    for kind, media in lacks.items():
        elsewhere = tuple(one for one in reversed(facts.media) if one not in media)
        for medium in media if elsewhere or len(media) == 1 else ("",):  # said once for them all
            yield Finding(kind, "missing", medium, language, elsewhere=elsewhere)
    for medium in facts.media:
        for field, text in _fields(medium, texts):
            yield from _of_text(medium, language, (field, text), facts)
    if primary(language) not in READ:
        yield Finding("unread", "advice", "", language)


def _fields(medium: str, texts: Texts) -> tuple[tuple[str, str], ...]:
    if medium == "email":
        return (("email_subject", texts.email_subject), ("email_body", texts.email_body))
    return ((medium, texts.sms if medium == "sms" else texts.voice),)


def _of_text(
    medium: str, language: str, text_of: tuple[str, str], facts: Facts
) -> Iterator[Finding]:
    field, text = text_of
    one = Finding("", "cannot_work", medium, language, field)
    means = facts.means
    for broken in broken_promises(medium, text, means):
        level: Level = "advice" if broken.kind == "help_by_link" else "cannot_work"
        span = (broken.start, broken.end)
        words = text[broken.start : broken.end].strip()
        yield replace(one, kind=broken.kind, level=level, span=span, words=words)
    for tip in advice(medium, text, primary(language), facts):
        level = "cannot_work" if tip.kind == "past" else "advice"
        yield replace(
            one, kind=tip.kind, level=level, span=tip.span, words=tip.words, about=tip.about
        )


def _lacking(medium: str, language: str, texts: Texts, facts: Facts) -> Iterator[str]:
    """Name what a reader of this medium is not told; what is around the words counts as told."""
    written = "\n".join(text.removeprefix(facts.prefix) for _, text in _fields(medium, texts))
    if medium == "voice":  # the call opens with who calls
        written = f"{phrases_of(language).caller.format(issuer=facts.issuer)} {written}"
    if medium == "email":  # and the mail is signed
        written = f"{written}\n{facts.issuer}"
    plain = plainly(composed(written))
    issuers, places = any_of(facts.issuers), any_of(facts.places)
    if issuers and not issuers.search(plain):
        yield "who"
    rest = issuers.sub(" ", plain) if issuers else plain
    known = Said(written, plain, primary(language)) if primary(language) in READ else None
    if not _placed(known, places.search(_unnamed(plain, facts)) is not None if places else False):
        yield "where"
    if not _verified(medium, plain, known, facts):
        yield "verify"
    if known is not None:
        yield from _unsaid(replace(known, plain=rest), facts)


def _unnamed(plain: str, facts: Facts) -> str:
    """Return the text after the words that name who speaks: « mairie de X » is no place."""
    names = any_of(facts.issuers)
    first = names.search(plain) if names else None
    return plain[: first.start()] + plain[first.end() :] if first else plain


def _placed(known: Said | None, named: bool) -> bool:
    return named or (known is not None and known.place())


def _verified(medium: str, plain: str, known: Said | None, facts: Facts) -> bool:
    if LINK_BLANK in plain or PHONE.search(plain):
        return True
    if medium == "voice" and facts.means.shows_number:  # the number that calls can be called
        return True
    return known is not None and known.verifies()


def _unsaid(known: Said, facts: Facts) -> Iterator[str]:
    if not known.danger():
        yield "what"
    if set(facts.response) & set(_NOTHING_TO_DO):  # over, or nothing to do
        return
    if not known.act():
        yield "act"
    if not known.until():
        yield "until"
