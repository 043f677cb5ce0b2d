"""How a message will be received: the bubble of a phone, the steps of a call, the mail opened."""

import re
from dataclasses import dataclass
from typing import Final

from channels.call_twiml import TIME_TO_ANSWER_S
from channels.call_words import phrases_of
from channels.segments import Measured, measure, pieces
from dispatcher.delivery.content import LINK_BLANK, Texts, page_of

SAMPLE_LINK: Final = "votre-lien-personnel-x"  # as long as those of readers
TIMES_SAID: Final = 2


@dataclass(frozen=True)
class Bubble:
    """An SMS as a phone shows it, cut where its segments end, with what it costs."""

    pieces: tuple[str, ...]
    measured: Measured
    room: int

    @property
    def left(self) -> int:
        """How many signs still go into the last segment."""
        return self.room - self.measured.units


@dataclass(frozen=True)
class Call:
    """What a call says: who calls, the words, the keys; then what each key is answered."""

    opening: str
    text: str
    menu: str
    keys: tuple[tuple[str, str], ...]
    wait_s: int = TIME_TO_ANSWER_S
    times: int = TIMES_SAID

    @property
    def said(self) -> str:
        """All that is heard before a key is pressed."""
        return " ".join((self.opening, self.text, self.menu))


@dataclass(frozen=True)
class Mail:
    """A mail as a mailbox opens it: paragraphs of lines, signed by the issuer."""

    subject: str
    issuer: str
    paragraphs: tuple[tuple[str, ...], ...]


def bubble_of(texts: Texts, *, public_url: str) -> Bubble:
    """Return the SMS with a sample of a reader's link, as it will be sent and counted."""
    text = texts.sms.replace(LINK_BLANK, page_of(public_url, SAMPLE_LINK))
    counted = measure(text)
    single, joined = (160, 153) if counted.encoding == "GSM-7" else (70, 67)
    room = single if counted.segments == 1 else joined * counted.segments
    return Bubble(pieces(text), counted, room)


def call_of(texts: Texts, language: str, *, issuer: str, offers_help: bool) -> Call:
    """Return what the call says, in the phrases that the channel adds."""
    phrases = phrases_of(language)
    helped = (("2", phrases.help),) if offers_help else ()
    return Call(
        opening=phrases.caller.format(issuer=issuer),
        text=texts.voice,
        menu=phrases.menu if offers_help else phrases.menu_one_key,
        keys=(("1", phrases.understood), *helped, ("0", "")),
    )


def mail_of(texts: Texts, *, issuer: str, public_url: str) -> Mail:
    """Return the mail as `channels/mime.py` lays it out: a blank line ends a paragraph."""
    body = texts.email_body.replace(LINK_BLANK, page_of(public_url, SAMPLE_LINK))
    parts = re.split(r"\n\s*\n", body.replace("\r\n", "\n").strip())
    return Mail(texts.email_subject, issuer, tuple(tuple(part.split("\n")) for part in parts))
