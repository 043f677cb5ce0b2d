"""Twilio's JSON: the Message and Call resources, pages of them, the account."""

from collections.abc import Mapping, Sequence
from email.utils import formatdate
from urllib.parse import urlencode

from dispatcher.sandbox.ledger import Entry

API = "2010-04-01"
GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENDED = frozenset("\f^{}\\[~]|€")


def segment_count(body: str) -> int:
    """Count the parts an SMS is billed and carried in (GSM 03.38: 160/153 and 70/67 units)."""
    if all(letter in GSM_BASIC or letter in GSM_EXTENDED for letter in body):
        widths = [2 if letter in GSM_EXTENDED else 1 for letter in body]
        single, multiple = 160, 153
    else:
        widths = [len(letter.encode("utf-16-le")) // 2 for letter in body]
        single, multiple = 70, 67
    if sum(widths) <= single:
        return 1
    parts, room = 1, multiple
    for width in widths:  # an escaped letter or a surrogate pair is never cut in two
        if width > room:
            parts, room = parts + 1, multiple
        room -= width
    return parts


def message_resource(entry: Entry, account_sid: str) -> dict[str, object]:
    """Show an SMS as Twilio does."""
    uri = f"/{API}/Accounts/{account_sid}/Messages/{entry.sid}"
    detail = entry.detail
    return {
        "account_sid": account_sid,
        "api_version": API,
        "body": entry.content,
        "date_created": _date(entry.at),
        "date_sent": _date(detail.get("sent_at")),
        "date_updated": _date(entry.updated_at or entry.at),
        "direction": "outbound-api",
        "error_code": entry.error_code,
        "error_message": detail.get("error_message"),
        "from": entry.sender or None,
        "messaging_service_sid": detail.get("messaging_service_sid"),
        "num_media": "0",
        "num_segments": str(segment_count(entry.content)),
        "price": None,
        "price_unit": "USD",
        "sid": entry.sid,
        "status": entry.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": entry.to,
        "uri": f"{uri}.json",
    }


def call_resource(entry: Entry, account_sid: str) -> dict[str, object]:
    """Show a call as Twilio does."""
    uri = f"/{API}/Accounts/{account_sid}/Calls/{entry.sid}"
    detail = entry.detail
    return {
        "account_sid": account_sid,
        "answered_by": detail.get("answered_by"),
        "api_version": API,
        "caller_name": None,
        "date_created": _date(entry.at),
        "date_updated": _date(entry.updated_at or entry.at),
        "direction": "outbound-api",
        "duration": detail.get("duration"),
        "end_time": _date(detail.get("ended_at")),
        "forwarded_from": None,
        "from": entry.sender,
        "from_formatted": entry.sender,
        "group_sid": None,
        "parent_call_sid": None,
        "phone_number_sid": None,
        "price": None,
        "price_unit": "USD",
        "queue_time": "0",
        "sid": entry.sid,
        "start_time": _date(detail.get("started_at")),
        "status": entry.status,
        "subresource_uris": {"notifications": f"{uri}/Notifications.json"},
        "to": entry.to,
        "to_formatted": entry.to,
        "trunk_sid": None,
        "uri": f"{uri}.json",
    }


def page_of(
    name: str, items: Sequence[Mapping[str, object]], *, path: str, query: Mapping[str, str]
) -> dict[str, object]:
    """Wrap one page; `items` holds one more than the page when another page follows."""
    number, size = int(query["Page"]), int(query["PageSize"])
    shown = items[:size]

    def link(page: int) -> str:
        return f"{path}?{urlencode({**query, 'Page': str(page)})}"

    return {
        name: shown,
        "page": number,
        "page_size": size,
        "start": number * size,
        "end": number * size + max(len(shown) - 1, 0),
        "uri": link(number),
        "first_page_uri": link(0),
        "previous_page_uri": link(number - 1) if number else None,
        "next_page_uri": link(number + 1) if len(items) > size else None,
    }


def account_resource(account_sid: str) -> dict[str, object]:
    """Show the account; a sandbox is a full account that reaches nobody."""
    uri = f"/{API}/Accounts/{account_sid}"
    return {
        "sid": account_sid,
        "friendly_name": "Tocsin sandbox",
        "status": "active",
        "type": "Full",
        "owner_account_sid": account_sid,
        "date_created": _date(0.0),
        "date_updated": _date(0.0),
        "auth_token": None,
        "uri": f"{uri}.json",
        "subresource_uris": {
            "messages": f"{uri}/Messages.json",
            "calls": f"{uri}/Calls.json",
            "balance": f"{uri}/Balance.json",
            "incoming_phone_numbers": f"{uri}/IncomingPhoneNumbers.json",
        },
    }


def number_resource(account_sid: str, number: str) -> dict[str, object]:
    """Show a number of the account, able to speak and to text."""
    sid = "PN" + number.lstrip("+").rjust(32, "0")
    return {
        "sid": sid,
        "account_sid": account_sid,
        "api_version": API,
        "friendly_name": number,
        "phone_number": number,
        "capabilities": {"voice": True, "sms": True, "mms": False, "fax": False},
        "status": "in-use",
        "uri": f"/{API}/Accounts/{account_sid}/IncomingPhoneNumbers/{sid}.json",
    }


def _date(seconds: float | None) -> str | None:
    """Write a moment as RFC 2822, as Twilio does."""
    return None if seconds is None else formatdate(seconds).replace("-0000", "+0000")
