"""Copying a binder off the server: into a folder, or to an https address; the old ones leave."""

import asyncio
import os
import re
from datetime import date, timedelta
from pathlib import Path

import httpx

from dispatcher.binder.making import Binder

PUT_S = 120.0
_DATED = re.compile(r"classeur-(?P<commune>[0-9AB]{5})-(?P<day>\d{4}-\d\d-\d\d)\.tocsin")


class NotShelved(Exception):
    """The binder could not be copied; a sentence of French without secrets."""


async def shelve(binder: Binder, to: str, *, keep_days: int) -> str:
    """Copy a binder to its place; return where it is, without secrets. Raises NotShelved."""
    if to.startswith("https://"):
        return await _put(binder, to)
    if to.startswith("http://"):
        raise NotShelved("TOCSIN_BINDER_TO : une adresse s'écrit en https, ou nommez un dossier.")
    try:
        return await asyncio.to_thread(_keep, binder, Path(to), keep_days)
    except OSError as error:
        raise NotShelved(
            f"Le classeur de crise ne s'écrit pas dans le dossier de TOCSIN_BINDER_TO"
            f" ({error.strerror or type(error).__name__})."
        ) from error


def _keep(binder: Binder, folder: Path, keep_days: int) -> str:
    """Write it whole or not at all: aside, to the disk, then under its name."""
    if not folder.is_dir():  # a share that is not mounted must not become a folder of this disk
        raise NotADirectoryError(20, "ce dossier n'est pas là", str(folder))
    place = folder / binder.name
    aside = folder / f".{binder.name}.part"
    with aside.open("wb") as file:
        file.write(binder.sealed)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(place)
    _forget(folder, binder.name, keep_days)
    return str(place)


def _forget(folder: Path, newest: str, keep_days: int) -> None:
    """Remove the commune's binders that are older than what is kept, never the newest."""
    now = _DATED.fullmatch(newest)
    if now is None:
        return
    oldest = date.fromisoformat(now["day"]) - timedelta(days=keep_days)
    for one in folder.iterdir():
        found = _DATED.fullmatch(one.name)
        if found is None or found["commune"] != now["commune"] or one.name == newest:
            continue
        if date.fromisoformat(found["day"]) < oldest:
            one.unlink()


async def _put(binder: Binder, to: str) -> str:
    where = httpx.URL(to if to.endswith("/") else f"{to}/").join(binder.name)
    try:
        async with httpx.AsyncClient(timeout=PUT_S, follow_redirects=False) as client:
            answer = await client.put(where, content=binder.sealed)
            answer.raise_for_status()
    except httpx.HTTPStatusError as error:
        code = error.response.status_code
        raise NotShelved(f"L'adresse de TOCSIN_BINDER_TO refuse le classeur ({code}).") from error
    except httpx.TransportError as error:
        why = type(error).__name__
        raise NotShelved(f"L'adresse de TOCSIN_BINDER_TO ne répond pas ({why}).") from error
    return f"https://{where.host}/…/{binder.name}"
