"""What the pretend providers were handed: the sandbox's newest messages, for people to read."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from dispatcher.delivery.accounts import NoSandbox, sandbox_doors

OF_EACH = 3
PATIENCE_S = 1.0


@dataclass(frozen=True)
class Bubble:
    """One message as its reader would have had it: a phone, a voice, a mail, a panel."""

    id: int
    medium: str
    to: str
    sender: str
    at: datetime
    status: str
    subject: str
    text: str
    pressed: str
    copies: int


class Outbox:
    """Reads the sandbox of this installation; an installation without one shows nothing."""

    def __init__(self, data_dir: Path | None, client: httpx.AsyncClient) -> None:
        """Read the sandbox that writes into a data folder; None when every provider is real."""
        self._data_dir = data_dir
        self._client = client

    @classmethod
    @asynccontextmanager
    async def opened(cls, data_dir: Path | None) -> AsyncIterator["Outbox"]:
        """Hold one connection to the sandbox, closed on the way out."""
        async with httpx.AsyncClient(timeout=PATIENCE_S, trust_env=False) as client:
            yield cls(data_dir, client)

    async def samples(self) -> tuple[Bubble, ...] | None:
        """Return the newest few of each medium; None when no sandbox answers."""
        return await self._asked({"each": OF_EACH})

    async def newest(self, limit: int, *, medium: str = "") -> tuple[Bubble, ...] | None:
        """Return the newest messages, of one medium or of all; None when no sandbox answers."""
        return await self._asked({"limit": limit, "medium": medium})

    async def _asked(self, wanted: dict[str, str | int]) -> tuple[Bubble, ...] | None:
        if self._data_dir is None:
            return None
        try:
            doors = await asyncio.to_thread(sandbox_doors, self._data_dir)
            answer = await self._client.get(
                f"{doors['http']}/sandbox/outbox",
                params=wanted,
                auth=(str(doors["api_key"]), str(doors["api_secret"])),
            )
            answer.raise_for_status()
            return tuple(_bubble(item) for item in answer.json()["items"])
        except (NoSandbox, httpx.HTTPError, KeyError, ValueError):
            return None  # the page says so in words


def _bubble(item: dict[str, Any]) -> Bubble:
    return Bubble(
        id=int(item["id"]),
        medium=str(item["medium"]),
        to=str(item["to"]),
        sender=str(item.get("from") or ""),
        at=datetime.fromisoformat(item["at"]),
        status=str(item["status"]),
        subject=str(item.get("subject") or ""),
        text=str(item.get("text") or ""),
        pressed=str(item.get("pressed") or ""),
        copies=int(item.get("copies") or 1),
    )
