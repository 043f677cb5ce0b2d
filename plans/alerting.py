"""How the population is alerted: the alert policy and the message templates."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from plans.ground import SENSITIVE_KINDS

MEDIA = ("sms", "voice", "email", "webhook")
DEFAULT_ESCALATION_MIN = (5, 10, 15)


@dataclass(frozen=True)
class MediumPolicy:
    """How one medium is used; a field that the medium does not know keeps its default."""

    active: bool = True
    encoding: str = "gsm7_preferred"
    segments_max: int = 3
    repeats: int = 2
    tries: int = 3
    retry_delay_s: int = 300
    understood_key: str = "1"
    landlines_only: bool = False
    formats: tuple[str, ...] = ("json",)


@dataclass(frozen=True)
class AlertTarget:
    """Some people to reach. Priority 1 goes first; the order of `media` is that of escalation.

    `assets` are kinds of assets; `sectors` is "scenario", "all", or the ids of sectors.
    """

    id: str
    priority: int
    media: tuple[str, ...]
    assets: tuple[str, ...] = ()
    sectors: str | tuple[str, ...] = ()


DEFAULT_TARGETS = (
    AlertTarget("sensibles", 1, media=("voice", "sms", "email"), assets=SENSITIVE_KINDS),
    AlertTarget("habitants", 2, media=("sms", "voice", "email"), sectors="scenario"),
)


@dataclass(frozen=True)
class AlertPolicy:
    """The rules for the use of the alert means (R731-2 CSI).

    `sender` is the name an SMS comes from, one-way unless `two_way`; `caller_number` the E.164
    number a call shows. `approvers` are role codes. A medium missing from `media` is not used.
    `escalation_min` are the waits before the second, third and fourth medium (DELIVERY §4): as
    many steps as waits. `confirmation` says what stops them: that the person answered
    (acknowledged), or that the operator handed the message over (delivered). Unless it
    `offers_help`, answers are "understood" alone and requests for help go to 18 or 112.
    """

    sender: str
    two_way: bool = False
    caller_number: str | None = None
    language: str = "fr"
    approvers: tuple[str, ...] = ("DOS",)
    exercise_prefix: str = "EXERCICE "
    media: Mapping[str, MediumPolicy] = field(
        default_factory=lambda: {medium: MediumPolicy() for medium in MEDIA}
    )
    targets: tuple[AlertTarget, ...] = DEFAULT_TARGETS
    information_every_min: int = 30
    goal_reached_pct: int = 80
    goal_delay_min: int = 20
    confirmation: str = "acknowledged"
    escalation_min: tuple[int, ...] = DEFAULT_ESCALATION_MIN
    offers_help: bool = True

    def uses(self, medium: str) -> bool:
        """Whether the commune alerts by this medium."""
        return medium in self.media and self.media[medium].active


@dataclass(frozen=True)
class Wording:
    """A template in one language, by medium; None where it has no words for it."""

    sms: str | None = None
    voice: str | None = None
    email_subject: str | None = None
    email_body: str | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        """Every text it holds."""
        held = (self.sms, self.voice, self.email_subject, self.email_body)
        return tuple(text for text in held if text is not None)


@dataclass(frozen=True)
class CapHeader:
    """The CAP 1.2 words of a template (OASIS CAP 1.2 §3.2.2)."""

    category: tuple[str, ...] = ()
    event: str | None = None
    response_type: tuple[str, ...] = ()
    urgency: str | None = None
    severity: str | None = None
    certainty: str | None = None


@dataclass(frozen=True)
class Sequels:
    """The templates, by id, that are ready for what may follow a message once it has left."""

    false_alarm: str | None = None
    correction: str | None = None
    all_clear: str | None = None


@dataclass(frozen=True)
class MessageTemplate:
    """A message with blanks: `texts` by language, the policy's language first.

    `level` is a level's code, or "levee" for the end of an alert. `preapproved` words were agreed
    on beforehand, with the plan: an emergency may use them without a second person.
    """

    id: str
    texts: Mapping[str, Wording]
    level: str | None = None
    cap: CapHeader = field(default_factory=CapHeader)
    variables: tuple[str, ...] = ()
    sequels: Sequels = field(default_factory=Sequels)
    preapproved: bool = False

    def wording(self, language: str) -> Wording:
        """Find the words in this language; else those of the template's first language."""
        return self.texts.get(language) or next(iter(self.texts.values()))
