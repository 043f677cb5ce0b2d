"""Is the logbook whole? Each line is checked against its key and against the line before."""

import hmac
from collections.abc import AsyncIterable, AsyncIterator, Iterable
from dataclasses import dataclass

from dispatcher.store import logbook
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import BEGINNING, Head, Line


@dataclass(frozen=True)
class Verdict:
    """What the check found: how many lines were read, and the first number that is not right."""

    entries: int
    valid: bool
    first_bad: int | None


async def verify(
    lines: AsyncIterable[Line] | Iterable[Line], key: bytes, *, heads: Iterable[Head] = ()
) -> Verdict:
    """Check the lines of one commune, in order, against the key.

    A changed, removed, inserted or moved line breaks the chain at its number. Lines cut from the
    end, or a logbook written anew with its key, are right in themselves: only `heads` that were
    kept elsewhere show that.
    """
    kept: dict[int, set[str]] = {}
    for head in heads:
        kept.setdefault(head.number, set()).add(head.digest)
    entries, end, bad = 0, Head(), None
    strange = [0] if kept.pop(0, {BEGINNING}) != {BEGINNING} else []
    async for line in _in_turn(lines):
        entries += 1
        if bad is None and not _follows(line, end, key=key):
            bad = end.number + 1
        end = Head(end.number + 1, line.digest)
        if kept.pop(end.number, {line.digest}) != {line.digest}:
            strange.append(end.number)
    if bad is None and (strange or kept):  # what is still kept lies behind the end
        bad = min([*strange, *([entries + 1] if kept else [])])
    return Verdict(entries, valid=bad is None, first_bad=bad)


async def verify_ledger(
    ledger: Ledger, commune: str, *, key: bytes, heads: Iterable[Head] = ()
) -> Verdict:
    """Check the whole logbook of a commune; see `verify`."""
    return await verify(logbook.read_all(ledger, commune), key, heads=heads)


def _follows(line: Line, end: Head, *, key: bytes) -> bool:
    if line.number != end.number + 1 or line.previous != end.digest:
        return False
    return hmac.compare_digest(logbook.digest_of(logbook.signed_values(line), key), line.digest)


async def _in_turn(lines: AsyncIterable[Line] | Iterable[Line]) -> AsyncIterator[Line]:
    if isinstance(lines, AsyncIterable):
        async for line in lines:
            yield line
        return
    for line in lines:
        yield line
