"""What a version of an alert holds once it is drafted: frozen, digested, the same for everyone."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime

from pydantic import TypeAdapter

from channels.contract import Message
from channels.segments import measure


@dataclass(frozen=True)
class Texts:
    """The words of one language, blanks filled but `{lien}`, which is each reader's own page."""

    sms: str
    voice: str
    email_subject: str
    email_body: str


@dataclass(frozen=True)
class Escalation:
    """How people are pursued until they confirm, from the plan's policy at drafting.

    `waits_s` are the seconds of silence before each next step: as many steps as waits. What stops
    them is an answer (`acknowledged`) or a receipt (`delivered`). `second_contacts` are left in
    peace in an exercise; `landlines_only` keeps calls away from mobiles.
    """

    waits_s: tuple[float, ...]
    confirmation: str = "acknowledged"
    second_contacts: bool = True
    landlines_only: bool = False


@dataclass(frozen=True)
class Content:
    """All that approval binds, beside expiry and head-count.

    `area` is a GeoJSON geometry (WGS 84, lon first), `margin_m` metres of grace round it; `chains`
    the media of each target in order of escalation; `route` says whether it leaves the house;
    `danger` is a GeoJSON Point or LineString: who lives nearest to it is warned first. Without
    `escalation` each person is tried by her first media and no further.
    """

    mode: str
    route: str
    title: str
    issuer: str
    sender: str
    language: str
    texts: Mapping[str, Texts]
    area: Mapping[str, object]
    margin_m: float
    media: tuple[str, ...]
    plan_digest: str
    template: str
    scenario: str | None = None
    sectors: tuple[str, ...] = ()
    players: tuple[str, ...] = ()
    cap: Mapping[str, object] = field(default_factory=dict)
    danger: Mapping[str, object] | None = None
    escalation: Escalation | None = None

    def as_json(self) -> dict[str, object]:
        """Return JSON-able values, as the ledger keeps them."""
        return asdict(self)

    @staticmethod
    def of(values: Mapping[str, object]) -> "Content":
        """Read what `as_json` made."""
        return _CONTENT.validate_python(values)

    def words(self, language: str) -> tuple[str, Texts]:
        """Return the texts for a reader, in the commune's language where hers is not written."""
        if language in self.texts:
            return language, self.texts[language]
        return self.language, self.texts[self.language]


_CONTENT = TypeAdapter(Content)
LINK_BLANK = "{lien}"
LINK_CHARS = 22  # of a token: all links have the same length, so one measure serves for all


def page_of(public_url: str, token: str) -> str:
    """Return the address of the page where a reader answers."""
    return f"{public_url}/a/{token}"


def sms_units(content: Content, language: str, public_url: str) -> int:
    """Return the segments of one SMS in this language, link included."""
    _, texts = content.words(language)
    return measure(texts.sms.replace(LINK_BLANK, page_of(public_url, "x" * LINK_CHARS))).segments


@dataclass(frozen=True)
class Reader:
    """Who a message is for: the medium that reaches her, her language, her own page."""

    medium: str
    language: str
    answer_url: str


def message_for(content: Content, reader: Reader, *, alert: str, expires_at: datetime) -> Message:
    """Word the message of one reader on one medium."""
    language, texts = content.words(reader.language)
    text = {"sms": texts.sms, "voice": texts.voice, "email": texts.email_body}.get(
        reader.medium, texts.email_subject
    )
    return Message(
        alert=alert,
        text=text.replace(LINK_BLANK, reader.answer_url),
        issuer=content.issuer,
        expires_at=expires_at,
        language=language,
        subject=texts.email_subject,
        sender=content.sender,
        answer_url=reader.answer_url,
        data=_public_data(content, texts, alert) if reader.medium == "webhook" else {},
    )


def _public_data(content: Content, texts: Texts, alert: str) -> dict[str, object]:
    """Return what a panel or a neighbour's system receives: nothing of any reader."""
    return {
        "type": "alert",
        "alert": alert,
        "mode": content.mode,
        "issuer": content.issuer,
        "headline": texts.email_subject,
        "description": texts.email_body.replace(LINK_BLANK, "").strip(),
        "area": content.area,
        "cap": dict(content.cap),
    }
