"""What Twilio tells by itself: signed callbacks, checked before anything in them is believed."""

from collections.abc import Collection, Mapping, Sequence
from urllib.parse import urlsplit

from twilio.request_validator import RequestValidator

from channels.contract import Receipt, Status
from channels.twilio_codes import CALL_FIELDS, MESSAGE_FIELDS, STATUSES


class Forged(ValueError):
    """A callback that Twilio did not make, or not for this address."""


def verify(
    url: str,
    form_pairs: Sequence[tuple[str, str]],
    signature: str,
    auth_token: str,
    *,
    known_fields: Collection[str] = MESSAGE_FIELDS | CALL_FIELDS,
) -> Mapping[str, str]:
    """Return the fields of a callback that Twilio signed. Raises Forged (SECURITY T9).

    `url` is the configured public URL with the path of this request, never what a header says;
    `form_pairs` the decoded form. The signature joins names and values without a mark between
    them, and takes repeated values once: only known names, each once, leave no second reading.
    """
    if not auth_token:  # anyone can sign with no secret at all
        raise Forged("No secret is configured: no callback is genuine.")
    form = dict(form_pairs)
    if len(form) != len(form_pairs) or not form:
        raise Forged("The form is empty or repeats a field.")
    if not form.keys() <= set(known_fields):
        raise Forged("The form holds a field that Twilio does not send here.")
    if "@" in urlsplit(url).netloc:
        raise Forged("The public URL holds a user name.")
    if not signature.isascii() or not RequestValidator(auth_token).validate(url, form, signature):
        raise Forged("The signature does not match.")
    return form


def read_message_callback(form: Mapping[str, str]) -> Receipt:
    """Read the status callback of a message. Raises ValueError on one that says nothing."""
    return _callback(form.get("MessageSid"), form.get("MessageStatus"), form.get("ErrorCode"))


def read_call_callback(form: Mapping[str, str]) -> Receipt:
    """Read the status callback of a call. Raises ValueError on one that says nothing."""
    status = form.get("CallStatus", "")
    failed = STATUSES.get(status) in (Status.UNDELIVERED, Status.FAILED)
    code = form.get("ErrorCode") or form.get("AnsweredBy")
    receipt = _callback(form.get("CallSid"), status, code or (status if failed else None))
    if receipt.status is Status.FAILED:  # the call was made and did not come through
        return Receipt(receipt.reference, Status.UNDELIVERED, receipt.detail)
    return receipt


def _callback(sid: str | None, status: str | None, detail: str | None) -> Receipt:
    if not sid or status is None or status not in STATUSES:
        raise ValueError(f"Twilio's callback holds no identifier or an unknown status {status!r}.")
    return Receipt(sid, STATUSES[status], detail or None)
