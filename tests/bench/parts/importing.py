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
    """One import: its time, and the process's memory as it went on."""

    lines: int
    reading_s: float  # until the first people are written
    seconds: float
    cpu_s: float
    early_mb: float  # the peak until EARLY people were written
    peak_mb: float

    @property
    def us_a_line(self) -> float:
        """CPU of one line, all told, in microseconds."""
        return self.cpu_s / self.lines * 1e6


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


def side_by_side(*wanted: tuple[int, bool]) -> list[Imported]:
    """Import so many lines, sealed or not, each in a process of its own and all at once.

    Raises RuntimeError where one fails.
    """
    command = (sys.executable, "-m", "tests.bench.parts.importing")
    running = [
        subprocess.Popen([*command, str(lines), str(int(sealed))], stdout=subprocess.PIPE)
        for lines, sealed in wanted
    ]
    told = [one.communicate()[0] for one in running]
    if any(one.returncode for one in running):
        raise RuntimeError("An import failed.")
    return [Imported(**json.loads(one)) for one in told]


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
            start, cpu = time.perf_counter(), time.process_time()
            summary = await import_residents(
                ledger, source, author="ccas", key=b"k" * 32, progress=progress
            )
            end, spent = time.perf_counter(), time.process_time()
    if summary.people.added != lines:
        raise RuntimeError(f"{summary.people} of {lines} lines, {summary.rejected[:3]}.")
    read_s, all_s = begun[0] - start, end - start
    return Imported(lines, read_s, all_s, spent - cpu, early[0], _peak_mb())


def _peak_mb() -> float:
    status = Path(f"/proc/{psutil.Process().pid}/status").read_text()
    line = next(one for one in status.splitlines() if one.startswith("VmHWM"))
    return int(line.split()[1]) / 1000


if __name__ == "__main__":
    ring = RING if sys.argv[2] == "1" else InClear(RING.keys)
    sys.stdout.write(json.dumps(asdict(asyncio.run(_measured(int(sys.argv[1]), ring)))))
