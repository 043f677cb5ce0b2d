"""Marks: where a logbook ended at a moment, signed, kept elsewhere, a JSON document a line.

A chain alone cannot show that its end was cut, or that who has its key wrote it anew; a mark that
was out of reach by then does.
"""

import json
from collections.abc import Iterable
from datetime import datetime

from dispatcher.logbook.signature import is_signed, signed
from dispatcher.sentences import Sentence
from dispatcher.store.logbook import Head, canonical

KIND = "logbook head"  # a signature over something else is no mark


class MarksRefused(Sentence):
    """Marks that cannot be compared with, said in a sentence."""


def mark(head: Head, *, commune: str, key: bytes, now: datetime) -> bytes:
    """Return a head as a signed line."""
    fields = {
        "kind": KIND,
        "commune": commune,
        "number": head.number,
        "digest": head.digest,
        "at": now.isoformat(timespec="seconds"),
    }
    return canonical(signed(fields, key=key)) + b"\n"


def read_marks(written: Iterable[bytes], *, commune: str, trusted_key: str) -> list[Head]:
    """Return the heads that were kept of a commune; other communes' are passed over.

    Raises MarksRefused for a line that is no mark or was changed, and where there is none at all.
    """
    heads = []
    for number, line in enumerate(written, 1):
        try:
            document = json.loads(line)
            head = Head(int(document["number"]), str(document["digest"]))
            of, kind = str(document["commune"]), document.get("kind")
        except (ValueError, TypeError, KeyError, AttributeError) as fault:
            raise MarksRefused("Ligne {line} : ce n'est pas un repère.", line=number) from fault
        if of != commune:
            continue
        if kind != KIND or not is_signed(document, trusted_key=trusted_key):
            raise MarksRefused(
                "Ligne {line} : ce repère n'est pas signé par la clé de ce registre.",
                line=number,
            )
        heads.append(head)
    if not heads:
        raise MarksRefused("Aucun repère de la commune {commune}.", commune=commune)
    return heads
