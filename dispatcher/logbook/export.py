"""The logbook as a signed file: one JSON document a line, then a seal that anybody can check.

The seal is signed (`signature`): who holds the public key sees any change of the file, without
being able to make one. The head that it names, kept elsewhere, shows a logbook that was cut later
(`chain.verify`).
"""

import hashlib
import hmac
import json
from collections.abc import AsyncIterable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from dispatcher.logbook.signature import is_signed, signed
from dispatcher.store.logbook import Head, Line, canonical, written_values


class Paper(Protocol):
    """Where the export is written: an open file, in bytes."""

    def write(self, content: bytes, /) -> object:
        """Take these bytes."""


@dataclass(frozen=True)
class Seal:
    """The last line of an export: where the logbook ended, and the signature of it all."""

    commune: str
    entries: int
    head: str  # digest of the last line
    sha256: str  # of all bytes above the seal
    exported_at: str  # ISO 8601, UTC
    public_key: str  # hex
    signature: str  # hex, over the canonical JSON of the other fields

    @property
    def reached(self) -> Head:
        """Return the head to compare a later logbook with."""
        return Head(self.entries, self.head)


class ExportRefused(Exception):
    """A file that is not a whole, unchanged export, said in a sentence."""


async def export(
    lines: AsyncIterable[Line], paper: Paper, *, commune: str, key: bytes, now: datetime
) -> Seal:
    """Write every line and then the seal; return the seal."""
    whole, end = hashlib.sha256(), Head()
    async for line in lines:
        written = canonical(written_values(line)) + b"\n"
        whole.update(written)
        paper.write(written)
        end = Head(line.number, line.digest)
    unsigned: dict[str, Any] = {
        "commune": commune,
        "entries": end.number,
        "head": end.digest,
        "sha256": whole.hexdigest(),
        "exported_at": now.isoformat(),
    }
    sealed = signed(unsigned, key=key)
    paper.write(canonical(sealed) + b"\n")
    return Seal(**sealed)


def check_export(written: Iterable[bytes], *, trusted_key: str) -> Seal:
    """Return the seal of an export whose bytes are as they were signed with the trusted key.

    Raises ExportRefused when a line was changed, removed, added, or signed with another key.
    """
    whole, last = hashlib.sha256(), b""
    for line in written:
        whole.update(last)
        last = line
    try:
        seal = Seal(**json.loads(last))
    except (ValueError, TypeError) as fault:
        raise ExportRefused("The last line is not a seal: the file is not whole.") from fault
    if not is_signed(vars(seal), trusted_key=trusted_key):
        raise ExportRefused("The seal was not signed with the key that is trusted.")
    if not hmac.compare_digest(seal.sha256, whole.hexdigest()):
        raise ExportRefused("The lines are not those that were signed: some were changed.")
    return seal
