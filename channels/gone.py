"""Which of a provider's codes say that a contact is nobody's: no such number, no such mailbox.

A telephone that is off, a full mailbox, a filter, an account without credit say nothing of the
contact. SMTP by RFC 5321 and RFC 3463; Twilio as `twilio_codes` has them. A provider of SMS by HTTP
has words of its own, which nobody can know: none of them is in here.
"""

from collections.abc import Mapping
from typing import Final

NO_NUMBER, NO_SMS, NO_MAILBOX, BOUNCED = "no_number", "no_sms", "no_mailbox", "bounced"
_NUMBERS: Final = dict.fromkeys(("21211", "21214", "21217", "21604", "30005"), NO_NUMBER)
_MAILBOXES: Final = dict.fromkeys(
    ("550", "551", "553", "bad-address", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"),
    NO_MAILBOX,
)
CODES: Final[Mapping[str, Mapping[str, str]]] = {
    "sms": {**_NUMBERS, "21614": NO_SMS, "21635": NO_SMS},
    "voice": {**_NUMBERS, "failed": NO_NUMBER},  # « could not be completed as dialed »
    "email": {**_MAILBOXES, **dict.fromkeys(("5.0.0", "5.4.4", "5.5.0"), BOUNCED)},
}


def gone(medium: str, code: str | None) -> str:
    """Return why a contact is known to be nobody's, by the code of a failure; empty: it is not."""
    return CODES.get(medium, {}).get(code or "", "")
