"""What the ledger holds of residents under seal, each for its own row; found again by its mark.

Names, contacts and street text are sealed with the residents' ring (`ciphers.py`), bound to column
and row, so that none can be moved to somebody else. What has to be looked for stands beside them as
a mark: a contact, a door. Coordinates stay clear, under an id that names nobody, so that who stands
in an area is found without a key. Sealed values are kept as base64: rows travel as JSON
(`listed.py`).
"""

import binascii
import hashlib
from collections.abc import Iterable
from typing import NamedTuple, Protocol

import structlog

from dispatcher.ciphers import Ring

MARK_CHARS = 32  # 128 bits
MOST_WORDS = 8  # of a name, that somebody is found by
log = structlog.get_logger(__name__)


def contact_mark(ring: Ring, value: str) -> str:
    """Return the mark of a number, a mail address or an URL; empty for none."""
    return _mark(ring, "contact", value)


def place_mark(ring: Ring, place_key: str) -> str:
    """Return the mark of a door, by its normalised label; empty for none."""
    return _mark(ring, "place", place_key)


def word_marks(ring: Ring, name_key: str) -> list[str]:
    """Return the marks of the words of a normalised name, each once, the first MOST_WORDS."""
    words = sorted(set(name_key.split()))[:MOST_WORDS]
    return [_mark(ring, "name", word) for word in words]


def door_name_mark(place_mark: str, words: Iterable[str]) -> str:
    """Return the mark of a name at a door, of the marks of both; empty where one is not known."""
    said = sorted(words)
    if not place_mark or not said:
        return ""
    return hashlib.sha256("\n".join((place_mark, *said)).encode()).hexdigest()[:MARK_CHARS]


def _mark(ring: Ring, what: str, value: str) -> str:
    return ring.mark(what, value)[:MARK_CHARS] if value else ""


def name_at(commune: str, person_id: str) -> str:
    """Return the place of a person's name."""
    return f"persons.name.{commune}.{person_id}"


def contact_at(commune: str, person_id: str, mark: str) -> str:
    """Return the place of a person's contact of this mark."""
    return f"contacts.value.{commune}.{person_id}.{mark}"


def home_at(commune: str, person_id: str, number: int) -> str:
    """Return the place of the label of a person's home."""
    return f"homes.label.{commune}.{person_id}.{number}"


class SaidHome(NamedTuple):
    """A home in words: as written, and normalised."""

    label: str
    place_key: str


def sealed_home(ring: Ring, said: SaidHome, place: str) -> str:
    """Return the words of a home sealed for its place."""
    return sealed(ring, "\n".join(said), place)


def read_home(ring: Ring, kept: str, place: str) -> SaidHome:
    """Return the words of a home; empty where nothing opens them."""
    label, _, place_key = read(ring, kept, place).partition("\n")
    return SaidHome(label, place_key)


def delivery_at(commune: str, delivery_id: str) -> str:
    """Return the place of the contact that a delivery goes to."""
    return f"deliveries.contact.{commune}.{delivery_id}"


def reply_at(column: str, commune: str, sid: str, kind: str) -> str:
    """Return the place of the number, or of the words, of what was sent to us."""
    return f"replies.{column}.{commune}.{sid}.{kind}"


def door_at(column: str, commune: str, mission: str, door: str) -> str:
    """Return the place of the street, of the label, or of the note, of a door of a mission."""
    return f"mission_doors.{column}.{commune}.{mission}.{door}"


def mission_at(column: str, commune: str, mission: str) -> str:
    """Return the place of the title, or of the text, of a mission."""
    return f"missions.{column}.{commune}.{mission}"


def found_at(commune: str, report_id: str) -> str:
    """Return the place of the words in which a team says what it found at a door."""
    return f"door_results.note.{commune}.{report_id}"


def report_at(commune: str, report_id: str) -> str:
    """Return the place of the words of a report from the field."""
    return f"field_reports.note.{commune}.{report_id}"


def signup_at(commune: str, signup_id: str) -> str:
    """Return the place of what somebody said who waits for her code."""
    return f"signups.told.{commune}.{signup_id}"


def code_at(commune: str, version_id: str) -> str:
    """Return the place of the code that a message brings."""
    return f"versions.code.{commune}.{version_id}"


def guest_at(column: str, commune: str, event_id: str, person_id: str) -> str:
    """Return the place of what somebody told of herself in a reception centre."""
    return f"centre_people.{column}.{commune}.{event_id}.{person_id}"


def kin_at(column: str, commune: str, person_id: str, mark: str) -> str:
    """Return the place of the name, or of the contact, of whom somebody has told."""
    return f"kin.{column}.{commune}.{person_id}.{mark}"


def sealed(ring: Ring, text: str, place: str) -> str:
    """Return a text sealed for its place."""
    return binascii.b2a_base64(ring.seal(text.encode(), place=place), newline=False).decode()


def sealed_words(ring: Ring, said: str, place: str) -> str:
    """Return words sealed for their place; none stay none."""
    return sealed(ring, said, place) if said else ""


class Sent(Protocol):
    """A delivery as a row of the ledger has it: its contact sealed."""

    @property
    def commune(self) -> str:
        """Whose it is."""

    @property
    def delivery_id(self) -> str:
        """Which one."""

    @property
    def contact(self) -> str:
        """Where it goes to, sealed."""


def contact_of(ring: Ring, kept: Sent) -> str:
    """Return where a delivery goes to; empty where it was erased, or nothing opens it."""
    return read(ring, kept.contact, delivery_at(kept.commune, kept.delivery_id))


def read(ring: Ring, kept: str | None, place: str) -> str:
    """Return what was sealed for this place; empty where nothing is, or where nothing opens it.

    A value that was moved or changed on the disk must not stop an alert to everybody else. Runbook:
    `personal.not_opened` tells the place; the line of the last backup has it, by its ids.
    """
    if not kept:
        return ""
    found = ring.opened(_bytes(kept), place=place)
    if found is None:
        log.error("personal.not_opened", place=place)
        return ""
    return found.decode()


def sure(ring: Ring, kept: str, place: str) -> str:
    """Return what was sealed for this place, for who would write it anew; raises NotOpened."""
    return ring.unseal(_bytes(kept), place=place).decode() if kept else ""


def _bytes(kept: str) -> bytes:
    try:
        return binascii.a2b_base64(kept)
    except ValueError:  # cut, or never one of ours: nothing opens it
        return b""
