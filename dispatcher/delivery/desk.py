"""The desk of a worker: words each delivery from its version, read once and kept a while."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from channels.contract import Message, Unit
from dispatcher.delivery.content import (
    Content,
    Reader,
    cap_identifier,
    message_for,
    page_of,
    sms_units,
)
from dispatcher.delivery.mission_words import filled
from dispatcher.delivery.tokens import TokenKeys, answer_token
from dispatcher.store.claims import Claimed
from dispatcher.store.code_messages import CODE_BLANK, CODE_FIELD
from dispatcher.store.ledger import Ledger
from dispatcher.store.lookups import Doubtful
from dispatcher.store.personal import code_at, read
from dispatcher.store.versions import version_by_id

KEPT = 64  # versions; a version never changes once launched


@dataclass(frozen=True)
class _Launched:
    alert_id: str
    content: Content
    expires_at: datetime
    secret: str = ""  # the code that it brings, sealed


class VersionDesk:
    """Words and costs of deliveries, from the versions of the ledger."""

    def __init__(self, ledger: Ledger, keys: TokenKeys, *, public_url: str) -> None:
        """Read from `ledger`; readers' pages are under `public_url`."""
        self._ledger = ledger
        self._keys = keys
        self._public_url = public_url
        self._kept: dict[tuple[str, str], _Launched] = {}
        self._units: dict[tuple[str, str, str], int] = {}

    async def message(self, claimed: Claimed | Doubtful) -> Message:
        """Word this delivery for its reader."""
        launched = await self._launched(claimed.commune, claimed.version_id)
        token = answer_token(self._keys, claimed.delivery_id)
        reader = Reader(claimed.medium, claimed.language, page_of(self._public_url, token))
        message = message_for(
            launched.content,
            reader,
            alert=launched.alert_id,
            expires_at=launched.expires_at,
            identifier=cap_identifier(claimed.commune, claimed.version_id),
        )
        if not launched.secret:
            return message
        place = code_at(claimed.commune, claimed.version_id)
        code = read(self._ledger.ring, launched.secret, place)
        if claimed.medium == "voice":
            code = ", ".join(code)  # figure by figure
        text, subject = message.text, message.subject or ""
        return replace(
            message,
            text=text.replace(CODE_BLANK, code),
            subject=subject.replace(CODE_BLANK, code),
        )

    async def text(self, row: Doubtful) -> str:
        """Return the text that an attempt carried."""
        return (await self.message(row)).text

    async def cost(self, claimed: Claimed, *, unit: Unit) -> float:
        """Return what this delivery takes of a pace: its segments, or one.

        Its version is read by then: no message waits for the ledger at its place, behind others.
        """
        key = (claimed.commune, claimed.version_id, claimed.language)
        if key not in self._units:
            launched = await self._launched(claimed.commune, claimed.version_id)
            units = 1
            if unit is Unit.SEGMENTS:
                units = sms_units(launched.content, claimed.language, self._public_url)
            self._units[key] = units
        return float(self._units[key])

    async def _launched(self, commune: str, version_id: str) -> _Launched:
        kept = self._kept.get((commune, version_id))
        if kept is not None:
            return kept
        version = await version_by_id(self._ledger, commune, version_id)
        if version is None:
            raise LookupError(f"version {version_id} of a delivery is not in the ledger")
        if len(self._kept) >= KEPT:
            self._kept.clear()
            self._units.clear()
        content = Content.of(version.content)
        read = _Launched(
            version.alert_id,
            await filled(self._ledger, commune, version.alert_id, content),
            datetime.fromtimestamp(version.expires_at, UTC),
            str(version.content.get(CODE_FIELD, "")),
        )
        self._kept[commune, version_id] = read
        return read
