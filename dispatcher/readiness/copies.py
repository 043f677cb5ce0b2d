"""What of this server is kept elsewhere: its backup, the crisis binder, the logbook's end."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from dispatcher.alarms.witness import SUBJECT
from dispatcher.readiness import judging_machine
from dispatcher.readiness.desk import Desk
from dispatcher.readiness.judging_machine import Copy
from dispatcher.readiness.lines import Line
from dispatcher.store import alarms, readiness_facts
from dispatcher.store.ledger import Ledger

BINDER = "binder:"  # the nightly binder's name among the day's work


async def judge_copies(desk: Desk) -> Sequence[Line]:
    """Judge the backup, the night's binder, and where the logbook's end is told."""
    marker = desk.backup.marker
    hours = None if marker is None else await asyncio.to_thread(hours_of, marker)
    wanted = bool(desk.binder.to.get_secret_value())
    since = await readiness_facts.hours_since(desk.round.ledger, f"{BINDER}{desk.commune}")
    return [
        judging_machine.judge_backup(Copy(marker is not None, hours)),
        judging_machine.judge_binder(Copy(wanted, since)),
        judging_machine.judge_witness(
            wanted=bool(desk.witness.to.get_secret_value()),
            problem=await _untold(desk.round.ledger, desk.commune),
        ),
    ]


async def _untold(ledger: Ledger, commune: str) -> str:
    """Return why the logbook's end is not told elsewhere; empty where no alarm says so."""
    subject = f"{SUBJECT}{commune}"
    standing = [one.raised for one in await alarms.standing(ledger)]
    return next((one.problem for one in standing if one.subject == subject), "")


def hours_of(marker: Path) -> float | None:
    """Return how many hours ago a file, or the newest file of a folder, was written."""
    if not marker.exists():
        return None
    files = [one for one in marker.iterdir() if one.is_file()] if marker.is_dir() else [marker]
    newest = max((one.stat().st_mtime for one in files), default=None)
    return None if newest is None else (datetime.now(UTC).timestamp() - newest) / 3600.0
