"""What the page of a message shows: each text, what is told of it, and how it will be received."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from channels.segments import measure
from dispatcher.alerts.drafting import MEDIA, PREFIXED, issuer_of
from dispatcher.alerts.known_blanks import Known, known_blanks
from dispatcher.alerts.odd_signs import OddSign, odd_signs
from dispatcher.alerts.proofreading import (
    Carried,
    Facts,
    Finding,
    Level,
    facts_of,
    judge,
    place_names,
)
from dispatcher.alerts.received import (
    SAMPLE_LINK,
    Bubble,
    Call,
    Mail,
    bubble_of,
    call_of,
    mail_of,
)
from dispatcher.alerts.refusals import NotSo
from dispatcher.alerts.sketch import Sketch
from dispatcher.alerts.sketch_choices import ground_of, moment_of, sketched_template
from dispatcher.alerts.wording import blanks_for, worded
from dispatcher.delivery.content import Texts, page_of
from plans.alerting import MessageTemplate, Wording
from plans.plan import Plan
from plans.words import StrayBrace, blanks_of

PARTS: Mapping[str, tuple[str, ...]] = {
    "sms": ("sms",),
    "voice": ("voice",),
    "email": ("email_subject", "email_body"),
}
_RANK: Mapping[Level, int] = {"cannot_work": 0, "missing": 1, "advice": 2}


@dataclass(frozen=True)
class FieldShown:
    """One text as its author edits it; `own` where it is no longer the template's."""

    name: str
    typed: str
    own: bool


@dataclass(frozen=True)
class PartShown:
    """The words of one medium in one language; None for what it is not."""

    language: str
    medium: str
    used: bool
    fields: tuple[FieldShown, ...]
    told: tuple[Finding, ...] = ()
    bubble: Bubble | None = None
    odd: tuple[OddSign, ...] = ()
    call: Call | None = None
    mail: Mail | None = None

    @property
    def ident(self) -> str:
        """How its place on the page is named."""
        return f"{self.language}-{self.medium}"

    @property
    def replaceable(self) -> bool:
        """Whether some sign can be replaced without asking about a place."""
        return any(one.free and one.twin is not None for one in self.odd)


@dataclass(frozen=True)
class LanguageShown:
    """A language with its media, what is told of it as a whole, and what keeps it from filling."""

    code: str
    parts: tuple[PartShown, ...]
    told: tuple[Finding, ...] = ()
    refused: str = ""


@dataclass(frozen=True)
class BlankShown:
    """A blank of the message: what was given, what is known, from whom."""

    name: str
    given: str
    known: Known | None
    dear: bool = False

    @property
    def missing(self) -> bool:
        """Whether nothing fills it."""
        return not self.given and self.known is None


@dataclass(frozen=True)
class MessageShown:
    """The whole message."""

    template: MessageTemplate
    prefix: str
    blanks: tuple[BlankShown, ...]
    languages: tuple[LanguageShown, ...]

    def part(self, ident: str) -> PartShown | None:
        """Find the part of this name."""
        parts = (part for language in self.languages for part in language.parts)
        return next((part for part in parts if part.ident == ident), None)


@dataclass(frozen=True)
class Around:
    """What a message is looked at with: the plan, names of streets, our address, the hour."""

    plan: Plan
    streets: tuple[str, ...]
    public_url: str
    now: datetime

    @property
    def names(self) -> tuple[str, ...]:
        """Names of places, of which no letter changes unasked."""
        return (*place_names(self.plan), *self.streets)


def message_of(sketch: Sketch, around: Around) -> MessageShown:
    """Return what is shown of a sketch's message; blanks that nothing fills show as [name]."""
    plan = around.plan
    own = sketched_template(plan, replace(sketch, chosen=replace(sketch.chosen, words={})))
    over = sketched_template(plan, sketch)
    ground = ground_of(plan, sketch)
    sectors = ground.sectors if ground else ()
    given = {name: value for name, value in sketch.chosen.blanks.items() if value.strip()}
    moment = moment_of(plan, sketch, now=around.now)
    names = _blanks_in(over)
    filled = {
        **{name: f"[{name}]" for name in names},  # seen at once, and no sign that costs
        **blanks_for(plan, sectors, given, moment=moment),
    }
    known = known_blanks(plan, sectors, moment)
    prefix = plan.policy.exercise_prefix if sketch.mode in PREFIXED else ""
    asked = [name for name in dict.fromkeys((*names, *given)) if name != "lien"]
    looked = _Looked(sketch, around, own, over, filled)
    return MessageShown(
        over,
        prefix,
        tuple(
            BlankShown(
                name,
                given.get(name, ""),
                known.get(name),
                dear=bool(measure(filled.get(name, "")).offending),
            )
            for name in asked
        ),
        looked.languages(prefix),
    )


def _blanks_in(template: MessageTemplate) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for text in (text for one in template.texts.values() for text in one.texts):
        try:
            names |= dict.fromkeys(blanks_of(text))
        except StrayBrace:  # told beside the text
            continue
    return tuple(names)


@dataclass(frozen=True)
class _Looked:
    """A message under way: the template's words, those written over them, the values of blanks."""

    sketch: Sketch
    around: Around
    own: MessageTemplate
    over: MessageTemplate
    filled: Mapping[str, str]

    def languages(self, prefix: str) -> tuple[LanguageShown, ...]:
        texts: dict[str, Texts] = {}
        refused: dict[str, str] = {}
        for code, wording in self.over.texts.items():
            one = replace(self.over, texts={code: wording})
            try:
                texts |= worded(one, self.filled, prefix=prefix)
            except NotSo as refusal:
                refused[code] = str(refusal)
        found = judge(texts, self._facts())
        return tuple(
            LanguageShown(
                code,
                tuple(self._part(code, medium, texts.get(code), found) for medium in PARTS),
                tuple(one for one in found if one.language == code and not one.medium),
                refused.get(code, ""),
            )
            for code in self.over.texts
        )

    def _media(self) -> tuple[str, ...]:
        policy, chosen = self.around.plan.policy, self.sketch.chosen.media
        return tuple(one for one in chosen or MEDIA if policy.uses(one))

    def _facts(self) -> Facts:
        page = page_of(self.around.public_url, SAMPLE_LINK)
        carried = Carried(self.sketch.mode, self._media(), page)
        return facts_of(self.around.plan, self.over, carried, now=self.around.now)

    def _part(
        self, code: str, medium: str, texts: Texts | None, found: tuple[Finding, ...]
    ) -> PartShown:
        told = [one for one in found if (one.language, one.medium) == (code, medium)]
        part = PartShown(
            code,
            medium,
            medium in self._media(),
            tuple(self._field(code, name) for name in PARTS[medium]),
            tuple(sorted(told, key=lambda one: _RANK[one.level])),
        )
        return part if texts is None else self._received(part, texts)

    def _received(self, part: PartShown, texts: Texts) -> PartShown:
        plan, url = self.around.plan, self.around.public_url
        issuer = issuer_of(plan)
        if part.medium == "voice":
            call = call_of(texts, part.language, issuer=issuer, offers_help=plan.policy.offers_help)
            return replace(part, call=call)
        if part.medium == "email":
            return replace(part, mail=mail_of(texts, issuer=issuer, public_url=url))
        bubble = bubble_of(texts, public_url=url)
        odd = odd_signs(
            part.fields[0].typed, "".join(bubble.pieces), self.filled, names=self.around.names
        )
        return replace(part, bubble=bubble, odd=odd)

    def _field(self, code: str, name: str) -> FieldShown:
        own = getattr(self.own.texts.get(code, Wording()), name) or ""
        typed = getattr(self.over.texts[code], name) or ""
        return FieldShown(name, typed, typed.rstrip() != own.rstrip())
