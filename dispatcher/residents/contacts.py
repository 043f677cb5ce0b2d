"""Cells that reach a person: telephones, e-mail, the https address of a machine."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from dispatcher.residents.columns import parts_of
from dispatcher.residents.phones import PhoneRefused, read_phone
from dispatcher.store.people import Contact

# What mail servers take in practice: RFC 5321 without quotes, comments or bare hosts.
_MAIL = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]{1,64}(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?"
)
_MAIL_LENGTH, _LOCAL_LENGTH, _URL_LENGTH = 254, 64, 2048


@dataclass(frozen=True)
class Note:
    """A thing to tell about a line: a key of `sentences.py`, and the value that it speaks of."""

    reason: str
    value: str = ""


@dataclass(frozen=True)
class ContactsRead:
    """The contacts in order, each once, ranked from 0; what held none; what is worth telling."""

    contacts: tuple[Contact, ...]
    faults: tuple[Note, ...]
    notes: tuple[Note, ...]


def read_contacts(cells: Mapping[str, str], *, region: str) -> ContactsRead:
    """Read the cells of telephones, e-mail and webhook, several values in one parted by `|`.

    A telephone is filed by what it is, whatever its column: a landline gets no SMS.
    """
    found: dict[tuple[str, str], None] = {}
    faults: list[Note] = []
    notes: list[Note] = []
    for column, expected in (("tel_mobile", "mobile"), ("tel_fixe", "fixed")):
        for text in parts_of(cells.get(column, "")):
            try:
                phone = read_phone(text, region=region, unsure=expected)
            except PhoneRefused as fault:
                faults.append(Note(fault.reason, text))
                continue
            found[phone.kind, phone.e164] = None
            if phone.kind != expected:
                notes.append(Note(f"{phone.kind}_as_{expected}", text))
    for kind, read in (("email", read_email), ("webhook", read_webhook)):
        for text in parts_of(cells.get(kind, "")):
            value = read(text)
            if value:
                found[kind, value] = None
            else:
                faults.append(Note(f"{kind}_invalid", text))
    ranked = (Contact(kind, value, rank) for rank, (kind, value) in enumerate(found))
    return ContactsRead(tuple(ranked), tuple(faults), tuple(notes))


def read_email(text: str) -> str:
    """Return the address in lower case, its host in ASCII; empty when it is none."""
    local, _, host = text.lower().rpartition("@")
    try:
        address = f"{local}@{host if host.isascii() else host.encode('idna').decode()}"
    except UnicodeError:
        return ""
    short = len(address) <= _MAIL_LENGTH and len(local) <= _LOCAL_LENGTH
    return address if short and _MAIL.fullmatch(address) else ""


def read_webhook(text: str) -> str:
    """Return the address as it is, when it is https, to a named host, without a password."""
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError:
        return ""
    if url.scheme != "https" or not url.hostname or port == 0:
        return ""
    if url.username or url.password or url.fragment:
        return ""
    return text if text.isascii() and " " not in text and len(text) <= _URL_LENGTH else ""
