"""The import of a file of residents, sealed or in clear, in a process of its own: time and memory.

In clear it is the same pipeline, with a ring that seals nothing and marks each value by itself.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
from typing_extensions import override

from dispatcher.ciphers import Ring
from dispatcher.residents.importing import Source, import_residents
from dispatcher.store.ledger import opened
from dispatcher.store.migrate import migrate
from tests.keyring import RING

COMMUNE = "99117"
EARLY = 100_000  # people written when memory is looked at first
HEADERS = "id,nom,prenom,langue,numero,voie,lon,lat,tel_mobile,email,canaux"


@dataclass(frozen=True)
class Imported:
    """One import: how long reading and writing took, and the process's memory as it went on."""

    lines: int
    people: int
    reading_s: float
    writing_s: float
    early_mb: float  # the peak until EARLY people were written
    peak_mb: float

    @property
    def seconds(self) -> float:
        """How long it took in all."""
        return self.reading_s + self.writing_s


class InClear(Ring):
    """Seals nothing: the peer."""

    @override
    def seal(self, value: bytes, *, place: str) -> bytes:
        return value

    @override
    def unseal(self, sealed: bytes, *, place: str) -> bytes:
        return sealed

    @override
    def mark(self, what: str, value: str) -> str:
        return value


def imported(lines: int, *, sealed: bool) -> Imported:
    """Import so many lines in a process of its own; raises CalledProcessError where it fails."""
    command = [sys.executable, "-m", "tests.bench.parts.importing", str(lines), str(int(sealed))]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    return Imported(**json.loads(done.stdout))


def write_file(path: Path, lines: int) -> None:
    """Write a file of so many residents: two in five with a mobile, the others with a mail box."""
    with path.open("w", encoding="utf-8") as file:
        file.write(f"{HEADERS}\n")
        for n in range(lines):
            mobile = f"0612{n % 1_000_000:06d}" if n % 5 < 2 else ""
            mail = "" if mobile else f"p{n}@valombre.example"
            place = f"{4 + n % 997 / 1000:.4f},{45 + n % 991 / 1000:.4f}"
            street = f"{n % 90 + 1},rue {n % 2000}"
            file.write(
                f"P{n},NOM{n % 5000},Prenom{n % 300},fr,{street},{place},{mobile},{mail},"
                f"{'sms' if mobile else 'email'}\n"
            )


async def _measured(lines: int, ring: Ring) -> Imported:
    early, begun = [0.0], [0.0]

    def progress(what: str, done: int, _total: int) -> None:
        if what == "writing":
            begun[0] = begun[0] or time.perf_counter()
            if done <= EARLY:
                early[0] = _peak_mb()

    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "habitants.csv"
        write_file(path, lines)
        url = f"sqlite+aiosqlite:///{place}/ledger.db"
        await migrate(url, ring=ring)
        async with opened(url, ring=ring) as ledger:
            source = Source(path, COMMUNE)
            start = time.perf_counter()
            summary = await import_residents(
                ledger, source, author="ccas", key=b"k" * 32, progress=progress
            )
            end = time.perf_counter()
    if summary.people.added != lines:
        raise RuntimeError(f"{summary.people} of {lines} lines, {summary.rejected[:3]}.")
    reading_s, writing_s = begun[0] - start, end - begun[0]
    return Imported(lines, lines, reading_s, writing_s, early[0], _peak_mb())


def _peak_mb() -> float:
    status = Path(f"/proc/{psutil.Process().pid}/status").read_text()
    line = next(one for one in status.splitlines() if one.startswith("VmHWM"))
    return int(line.split()[1]) / 1000


if __name__ == "__main__":
    ring = RING if sys.argv[2] == "1" else InClear(RING.keys)
    sys.stdout.write(json.dumps(asdict(asyncio.run(_measured(int(sys.argv[1]), ring)))))
