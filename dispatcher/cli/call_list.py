"""`alert unreached`: the call list on the screen, or in a file that only its owner reads."""

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dispatcher.alerts.call_list import call_list
from dispatcher.alerts.call_list_csv import as_csv
from dispatcher.alerts.office import Actor, Office


async def listed(
    office: Office, alert: str, *, actor: Actor, file: Path | None
) -> Mapping[str, object]:
    """Return the list, or where it was written; raises NotThere, OSError."""
    if file is None:
        return (await call_list(office, alert, actor=actor, form="json")).as_json()
    await asyncio.to_thread(private, file)  # before the list is taken out: the file may be refused
    found = await call_list(office, alert, actor=actor, form="csv")
    await asyncio.to_thread(file.write_bytes, as_csv(found).encode())
    return {"alert": alert, "people": len(found.lines), "file": str(file)}


def private(file: Path) -> None:
    """Make a file that only its owner reads, before anything is in it."""
    file.touch(mode=0o600)
    file.chmod(0o600)  # names and numbers: a file that was there may have been open to all


def lines_of(document: Mapping[str, Any]) -> Iterator[str]:
    """Return the lines that people read: one a person, under her sector."""
    if "file" in document:
        yield f"{document['people']} personnes à joindre autrement : {document['file']}"
        return
    yield f"{document['people']} personnes à joindre autrement."
    sector = None
    for one in document["unreached"]:
        if one["sector"] != sector:
            sector = one["sector"]
            yield f"\n{sector or 'Hors secteur'}"
        marks = "  AIDE DEMANDÉE" if one["help_asked"] else ""
        where = one["address"] or "sans adresse"
        yield f"  {where} · {one['name']} · {', '.join(one['phones'])} · {one['reason']}{marks}"
