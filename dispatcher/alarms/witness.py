"""Each minute, where the logbook ends is told off the server: then nobody can cut it unseen.

Every worker tells what it sees; that several tell the same harms nothing, and none waits for the
others.

Runbook: `witness.failed` tells why marks do not leave; the alarm on the console says what to do,
and ends with the next one that is taken. `tocsin log verify --marks FILE` compares.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
import structlog
from sqlalchemy.exc import SQLAlchemyError

from dispatcher.alarms.daily import Round, report
from dispatcher.alarms.guarding import rounds
from dispatcher.logbook.marks import mark
from dispatcher.settings import PlaceSettings, WitnessSettings
from dispatcher.store import logbook, plans
from dispatcher.store.alarms import Raised
from dispatcher.store.logbook import Head

EVERY_S = 60.0  # SECURITY.md T20
TOLD_WITHIN_S = 10.0
SUBJECT = "witness:"
REMEDY = (
    "Montez le partage ou rétablissez l'adresse de TOCSIN_WITNESS_TO : d'ici là, rien hors de ce"
    " serveur ne prouve où finit la main courante."
)

log = structlog.get_logger(__name__)


@dataclass
class Witness:
    """Where marks are told, and the last of each commune that was."""

    round: Round
    to: str
    last: dict[str, Head] = field(default_factory=dict)


class NotTaken(Exception):
    """A mark that was not taken; a sentence of French without secrets."""


async def step(witness: Witness, *, now: datetime) -> list[str]:
    """Tell the heads that have moved; return the communes whose mark was taken."""
    one, told = witness.round, []
    for commune in await plans.communes(one.ledger):
        head = await logbook.head(one.ledger, commune)
        if head == witness.last.get(commune):
            continue
        line = mark(head, commune=commune, key=one.logbook_key, now=now)
        try:
            await _tell(witness.to, f"reperes-{commune}-{now:%Y-%m}.jsonl", line)
        except NotTaken as refused:
            log.error("witness.failed", commune=commune)  # noqa: TRY400 - the sentence may name a path
            raised = [Raised(f"{SUBJECT}{commune}", "witness", str(refused), REMEDY)]
            await report(one, raised, within=f"{SUBJECT}{commune}")
            continue
        witness.last[commune] = head
        await report(one, [], within=f"{SUBJECT}{commune}")
        told.append(commune)
    return told


async def _tell(to: str, name: str, line: bytes) -> None:
    """Put a mark behind those of its month in a folder, or send it. Raises NotTaken."""
    if to.startswith("https://"):
        await _send(to, line)
        return
    if to.startswith("http://"):
        raise NotTaken("TOCSIN_WITNESS_TO : une adresse s'écrit en https, ou nommez un dossier.")
    try:
        await asyncio.to_thread(_append, Path(to), name, line)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise NotTaken(
            f"Les repères ne s'écrivent pas dans le dossier de TOCSIN_WITNESS_TO ({why})."
        ) from error


def _append(folder: Path, name: str, line: bytes) -> None:
    if not folder.is_dir():  # a share that is not mounted must not become a folder of this disk
        raise NotADirectoryError(20, "ce dossier n'est pas là", str(folder))
    with (folder / name).open("ab") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


async def _send(to: str, line: bytes) -> None:
    try:
        async with httpx.AsyncClient(timeout=TOLD_WITHIN_S, follow_redirects=False) as client:
            kind = {"content-type": "application/json"}
            (await client.post(to, content=line, headers=kind)).raise_for_status()
    except httpx.HTTPStatusError as error:
        code = error.response.status_code
        raise NotTaken(f"L'adresse de TOCSIN_WITNESS_TO refuse les repères ({code}).") from error
    except (httpx.TransportError, httpx.InvalidURL) as error:
        why = type(error).__name__
        raise NotTaken(f"L'adresse de TOCSIN_WITNESS_TO ne répond pas ({why}).") from error


async def go_on(witness: Witness) -> None:
    """Tell each minute, until cancelled; a ledger out of reach is asked again."""
    while True:
        try:
            await step(witness, now=datetime.now(UTC))
        except (SQLAlchemyError, OSError) as error:
            log.warning("witness.ledger", error=type(error).__name__)
        await asyncio.sleep(EVERY_S)


@asynccontextmanager
async def witnessed(place: PlaceSettings) -> AsyncIterator[None]:
    """Have the logbook's end told while the block runs; nothing where no place is named."""
    to = WitnessSettings().to.get_secret_value()
    if not to:
        yield
        return
    async with rounds(place) as one:
        going = asyncio.create_task(go_on(Witness(one, to)))
        try:
            yield
        finally:
            going.cancel()
            await asyncio.wait({going})
