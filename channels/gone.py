"""Which of a provider's codes say that a contact is nobody's: no such number, no such mailbox.

A telephone that is off, a full mailbox, a filter, an account without credit say nothing of the
contact. Twilio as `twilio_codes` has them. A provider of SMS by HTTP has words of its own: its
account's description names those that say so (`gone`), and they come marked as such.

Mail by RFC 3463, where the server gave such a code: 5.1.1 « bad destination mailbox address » says
so, 5.7.x (security or policy) never does. A bare 550, 551 or 553 of RFC 5321 counts as the answer
to RCPT alone: after DATA it is of what the mail says, and `email` tells it apart.
"""

from collections.abc import Mapping
from typing import Final

from channels.contract import NOBODYS

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
    if medium == "sms" and code and code.startswith(NOBODYS):
        return NO_NUMBER
    return CODES.get(medium, {}).get(code or "", "")
