"""A resident's own copy of all that the commune holds of her, for machines (GDPR, art. 15, 20)."""

from collections.abc import Sequence
from datetime import UTC, datetime

from dispatcher.signup.history import Line
from dispatcher.signup.own_page import Page
from dispatcher.store.kin import Kin

FORMAT = "tocsin-resident-1"


def copy_of(
    page: Page, lines: Sequence[Line], *, kin: Sequence[Kin], at: datetime
) -> dict[str, object]:
    """Return it as values of JSON; instants are ISO 8601, coordinates WGS 84 degrees."""
    her, kept = page.resident, page.kept
    hours = her.information.hours
    return {
        "format": FORMAT,
        "made_at": at.astimezone(UTC).isoformat(),
        "register": "registre d'alerte de la commune",
        "commune": page.own.commune,
        "id": page.own.person_id,
        "source": kept.source,
        "file_id": her.external_id,
        "name": her.name,
        "languages": list(her.languages),
        "contacts": [
            {
                "kind": one.kind,
                "value": one.value,
                "confirmed_at": _instant(sure),
                "fails_since": _instant(fails[1]) if fails else None,
                "fails_why": fails[0] if fails else None,
            }
            for one, sure, fails in zip(her.contacts, kept.confirmed, kept.failing, strict=True)
        ],
        "places": [
            {"kind": one.kind, "label": one.label, "lon": one.lon, "lat": one.lat}
            for one in page.places
        ],
        "media": list(her.chosen_media),
        "warn_first": her.warn_first,
        "help_to_leave": her.help_to_leave,
        "household": her.household,
        "information": {
            "topics_off": list(her.information.off),
            "hours": None if hours is None else hours._asdict(),
        },
        "kin": [{"name": one.name, "contact": one.contact.value} for one in kin],
        "consented_at": _instant(her.consented_at),
        "left_at": _instant(kept.left_at),
        "messages": [_message(one) for one in lines],
    }


def _message(line: Line) -> dict[str, object]:
    sent = line.sent
    return {
        "title": sent.title,
        "mode": sent.mode,
        "kind": sent.kind,
        "sent_at": _instant(sent.launched_at),
        "places": list(line.places),
        "sectors": list(line.sectors),
        "drawn_zone": not line.sectors,
        "drawn_as": line.sent.zone or None,
        "not_sent_because": sent.reason or None,
        "ways": [
            {"medium": one.medium, "contact": one.contact, "result": one.state,
             "answers": list(one.answered)}
            for one in sent.messages
        ],
    }  # fmt: skip


def _instant(at: float | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat()
