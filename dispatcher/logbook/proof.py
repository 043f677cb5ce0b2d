"""Is the proof whole? Each seal's hash is made again from its rows, and none may be beside it.

What is found: a row changed, removed or added, a seal whose line is not there (the end of the
logbook was cut), a line without its rows.
"""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, replace

from dispatcher.logbook.chain import Verdict, verify_ledger
from dispatcher.store import logbook, seals
from dispatcher.store.eliminations import BEGUN, DONE
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Head, Line


@dataclass(frozen=True)
class Proof:
    """What the check of the seals found; `problem` says in French what is not right, and where."""

    seals: int = 0
    deliveries: int = 0
    pending: int = 0  # rows under the open seal, that a line will tell within the minute
    bad_seal: int | None = None  # the first that is not right
    bad_line: int | None = None  # its line in the logbook, where there is one
    problem: str = ""
    eliminated: int = 0  # seals that went by a slip and its visa: their hash is not made again

    @property
    def valid(self) -> bool:
        """Whether every seal holds what its line says."""
        return self.bad_seal is None


@dataclass(frozen=True)
class Checked:
    """The logbook and its proof, checked together."""

    chain: Verdict
    proof: Proof

    @property
    def valid(self) -> bool:
        """Whether both are whole."""
        return self.chain.valid and self.proof.valid

    @property
    def first_bad(self) -> int | None:
        """Return the first line that is not right, or whose seal is not."""
        found = [one for one in (self.chain.first_bad, self.proof.bad_line) if one is not None]
        return min(found, default=None)


async def verify_all(
    ledger: Ledger, commune: str, *, key: bytes, heads: Iterable[Head] = ()
) -> Checked:
    """Check the chain of a commune's logbook, with heads kept elsewhere, and every seal in it."""
    chain = await verify_ledger(ledger, commune, key=key, heads=heads)
    return Checked(chain, await verify_seals(ledger, commune))


async def verify_seals(ledger: Ledger, commune: str) -> Proof:
    """Make the hash of each seal again; the chain says that the lines themselves are right.

    The shelf is read first: a worker that goes on sealing meanwhile is no fault.
    """
    shelf = await seals.shelf(ledger, commune)
    lines, gone = list[Line](), dict[int, bool]()
    async for line in logbook.read_all(ledger, commune):
        if line.kind == seals.SEALED:
            lines.append(line)
        elif line.kind in (BEGUN, DONE):  # by a slip that the archivist signed
            gone |= dict.fromkeys(line.data["seals"], line.kind == DONE)
    sealed = sum(int(line.data["count"]) for line in lines)
    good = Proof(len(lines), sealed, shelf.counted.get(shelf.seal, 0), eliminated=len(gone))
    for expected, line in enumerate(lines, 1):
        left = shelf.counted.get(expected, 0)
        if expected in gone:
            problem = _not_gone(expected, left) if gone[expected] else ""
        else:
            problem = await _problem(ledger, line, expected=expected)
        if problem:
            return _bad(good, expected, line.number, problem)
    return _beside(good, shelf)


async def _problem(ledger: Ledger, line: Line, *, expected: int) -> str:
    """Say what is not right with a seal; empty where it is whole."""
    seal = int(line.data["seal"])
    if seal != expected:
        return f"la ligne {line.number} annonce le scellé {seal} au lieu du {expected}"
    tally = seals.Tally()
    async for row in seals.rows_under(ledger, line.commune, seal):
        tally.add(row)
    if tally.rows != line.data["count"]:
        return f"le scellé {seal} (ligne {line.number}) a {tally.rows} envois au lieu de " + str(
            line.data["count"]
        )
    if not hmac.compare_digest(tally.whole.hexdigest(), str(line.data["sha256"])):
        return f"un envoi du scellé {seal} (ligne {line.number}) n'est plus celui d'alors"
    return ""


def _not_gone(seal: int, left: int) -> str:
    return f"le scellé {seal} est éliminé et il en reste {left} envois" if left else ""


def _beside(good: Proof, shelf: seals.Shelf) -> Proof:
    """Look for rows that no line vouches for, and for seals whose line is not there."""
    missing = good.seals + 1
    if shelf.seal > missing:
        return _bad(good, missing, None, f"la ligne du scellé {missing} n'est plus là")
    strange = [seal for seal in shelf.counted if not 1 <= seal <= shelf.seal]
    if strange:
        seal = min(strange)
        return _bad(good, seal, None, f"des envois sont sous un scellé {seal} qui n'existe pas")
    if good.pending != shelf.filled:
        said = f"le scellé ouvert {shelf.seal} a {good.pending} envois au lieu de {shelf.filled}"
        return _bad(good, shelf.seal, None, said)
    return good


def _bad(good: Proof, seal: int, line: int | None, problem: str) -> Proof:
    return replace(good, bad_seal=seal, bad_line=line, problem=problem)
