"""What a version of an alert holds once it is drafted: frozen, digested, the same for everyone."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

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

    `kind` says what it is to the versions before it; `references` are those, by CAP's extended
    identifiers ("sender,identifier,sent"); `false_alarm` the words, approved with the alert, that
    take it back unaltered.

    `two_way` says that the sender of the SMS receives answers; `offers_help` that the commune takes
    requests for help. `asks` is what people of the plan are called for, beside coming: an approval
    (`dispatcher/alerts/ringing.py`).
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
    two_way: bool = False
    offers_help: bool = True
    kind: str = "alert"
    cap_sender: str = ""
    references: tuple[str, ...] = ()
    false_alarm: Mapping[str, Texts] = field(default_factory=dict)
    asks: str = ""

    @property
    def is_summons(self) -> bool:
        """Whether it calls people of the plan up: they say yes or no, and nobody else sees it."""
        return self.kind == SUMMONS

    @property
    def msg_type(self) -> str:
        """CAP's word for what this version is to the earlier ones (CAP 1.2 §3.2.1, msgType)."""
        return MSG_TYPES[self.kind]

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

    def taken_back(self) -> "Content":
        """Return the content that takes this one back, in the words approved with it."""
        texts = self.false_alarm
        language = self.language if self.language in texts else next(iter(texts))
        return replace(
            self,
            kind="false_alarm",
            language=language,
            texts=texts,
            title=texts[language].email_subject,
            escalation=None,
        )


_CONTENT = TypeAdapter(Content)
MSG_TYPES = {
    "alert": "Alert",
    "update": "Update",
    "all_clear": "Update",  # with the response type AllClear
    "false_alarm": "Cancel",
}
SUMMONS = "summons"  # of no alert, so without a word of CAP's
LINK_BLANK = "{lien}"
LINK_CHARS = 22  # of a token: all links have the same length, so one measure serves for all


def page_of(public_url: str, token: str) -> str:
    """Return the address of the page where a reader answers."""
    return f"{public_url}/a/{token}"


def cap_identifier(commune: str, version_id: str) -> str:
    """Return the CAP identifier of a version: unique, and without the signs CAP forbids in it."""
    return f"FR.{commune}.{version_id}"


def sms_units(content: Content, language: str, public_url: str) -> int:
    """Return the segments of one SMS in this language, link included."""
    _, texts = content.words(language)
    return measure(texts.sms.replace(LINK_BLANK, page_of(public_url, "x" * LINK_CHARS))).segments


class Reader(NamedTuple):
    """Who a message is for: the medium that reaches her, her language, her own page."""

    medium: str
    language: str
    answer_url: str


def message_for(
    content: Content, reader: Reader, *, alert: str, expires_at: datetime, identifier: str = ""
) -> Message:
    """Word the message of one reader on one medium; `identifier` is CAP's, for machines."""
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
        offers_help=content.offers_help,
        summons=content.is_summons,
        asks=content.asks,
        data=_public_data(content, texts, alert, identifier) if reader.medium == "webhook" else {},
    )


def _public_data(content: Content, texts: Texts, alert: str, identifier: str) -> dict[str, object]:
    """Return what a panel or a neighbour's system receives: nothing of any reader."""
    return {
        "type": "alert",
        "alert": alert,
        "identifier": identifier,
        "msgType": content.msg_type,
        "references": list(content.references),
        "mode": content.mode,
        "issuer": content.issuer,
        "headline": texts.email_subject,
        "description": texts.email_body.replace(LINK_BLANK, "").strip(),
        "area": content.area,
        "cap": dict(content.cap),
    }
