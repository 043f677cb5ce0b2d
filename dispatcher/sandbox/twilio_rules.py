"""What Twilio refuses, with its own codes: recipients, senders, bodies, callbacks."""

import re
from collections.abc import Mapping
from typing import Final

# Error code: HTTP status and Twilio's sentence.
CODES: Final[Mapping[int, tuple[int, str]]] = {
    20003: (401, "Authenticate"),
    20404: (404, "The requested resource {} was not found"),
    20429: (429, "Too Many Requests"),
    20500: (500, "An internal server error has occurred"),
    21201: (400, "No 'To' number is specified"),
    21205: (400, "Url is not a valid URL: {}"),
    21210: (400, "The source phone number provided, {}, is not yet verified for your account."),
    21211: (400, "Invalid 'To' Phone Number: {}"),
    21212: (400, "Invalid From Number (caller ID): {}"),
    21213: (400, "No 'From' number is specified"),
    21602: (400, "Message body is required."),
    21603: (400, "A 'From' phone number is required."),
    21604: (400, "A 'To' phone number is required."),
    21606: (400, "The 'From' phone number provided {} is not a valid message-capable number."),
    21609: (400, "The 'StatusCallback' URL {} is not a valid URL."),
    21610: (400, "Attempt to send to unsubscribed recipient {}"),
    21614: (400, "'To' number is not a valid mobile number: {}"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit"),
    30045: (400, "Validity Period is less than zero or greater than maximum allowed: {}"),
}

E164 = re.compile(r"\+[1-9]\d{6,14}")
# Fixed lines of France by their first digit (1–5, and 9 for boxes), and of its overseas lands.
LANDLINE = re.compile(r"\+(33[1-59]\d{8}|262(262|263|269)\d{6}|(590590|594594|596596)\d{6})")
# The account owns the numbers of the blocks that no real person has, but for the magic callees.
OWNED = re.compile(r"\+33(63998|19900|26191|35301|46571|53649)(?!99)\d{4}")
NAME_SENDER = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 +\-_&.]{1,11}")
SERVICE_SID = re.compile(r"MG[0-9a-fA-F]{32}")
WEB_ADDRESS = re.compile(r"https?://[^/?#\s]+\S*")
MAX_BODY = 1600
MAX_VALIDITY_S = 36_000


class TwilioRefusal(Exception):
    """A request refused as Twilio does: its code, its HTTP status, its sentence."""

    def __init__(self, code: int, what: str = "") -> None:
        """Take the sentence from the table; `what` fills its blank."""
        self.code = code
        self.status, sentence = CODES[code]
        self.sentence = sentence.format(what)
        super().__init__(f"{code} {self.sentence}")

    @property
    def body(self) -> dict[str, object]:
        """The JSON body of the answer."""
        more = f"https://www.twilio.com/docs/errors/{self.code}"
        return {
            "code": self.code,
            "message": self.sentence,
            "more_info": more,
            "status": self.status,
        }


def check_sms(form: Mapping[str, str]) -> None:
    """Raise TwilioRefusal unless these fields make a message."""
    to = form.get("To", "")
    if not to:
        raise TwilioRefusal(21604)
    if not E164.fullmatch(to):
        raise TwilioRefusal(21211, to)
    if LANDLINE.fullmatch(to):
        raise TwilioRefusal(21614, to)
    _check_sms_sender(form)
    body = form.get("Body", "")
    if not body:
        raise TwilioRefusal(21602)
    if len(body) > MAX_BODY:
        raise TwilioRefusal(21617)
    _check_callback(form)
    _check_validity(form)


def check_call(form: Mapping[str, str]) -> None:
    """Raise TwilioRefusal unless these fields make a call."""
    to, sender = form.get("To", ""), form.get("From", "")
    if not to:
        raise TwilioRefusal(21201)
    if not sender:
        raise TwilioRefusal(21213)
    if not E164.fullmatch(to):
        raise TwilioRefusal(21211, to)
    if not E164.fullmatch(sender):
        raise TwilioRefusal(21212, sender)
    if not OWNED.fullmatch(sender):
        raise TwilioRefusal(21210, sender)
    url = form.get("Url", "")
    if not form.get("Twiml") and not WEB_ADDRESS.fullmatch(url):
        raise TwilioRefusal(21205, url)
    _check_callback(form)


def _check_sms_sender(form: Mapping[str, str]) -> None:
    service, sender = form.get("MessagingServiceSid", ""), form.get("From", "")
    if service:
        if not SERVICE_SID.fullmatch(service):
            raise TwilioRefusal(20404, service)
        return
    if not sender:
        raise TwilioRefusal(21603)
    if E164.fullmatch(sender):
        if not OWNED.fullmatch(sender):
            raise TwilioRefusal(21606, sender)
    elif not NAME_SENDER.fullmatch(sender):
        raise TwilioRefusal(21212, sender)


def _check_callback(form: Mapping[str, str]) -> None:
    url = form.get("StatusCallback", "")
    if url and not WEB_ADDRESS.fullmatch(url):
        raise TwilioRefusal(21609, url)


def _check_validity(form: Mapping[str, str]) -> None:
    value = form.get("ValidityPeriod")
    if value is None:
        return
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= MAX_VALIDITY_S:
        raise TwilioRefusal(30045, value)
