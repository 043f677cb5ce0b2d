"""`ready`: would an alert leave tonight; what the page « Prêt ? » shows, for cron and monitors."""

import asyncio
from typing import Annotated

import typer

from dispatcher.alarms.guarding import rounds
from dispatcher.alarms.telling import NotOnCall
from dispatcher.alerts.refusals import NotThere
from dispatcher.cli.opening import NoCommune, opened_office
from dispatcher.cli.speaking import Json, refuse, say
from dispatcher.readiness.lines import READY, filled
from dispatcher.readiness.rounds import Watchman, look
from dispatcher.readiness.showing import Readiness, as_json, headline, readiness_of
from dispatcher.settings import PlaceSettings

app = typer.Typer(add_completion=False)
MARKS = {"ready": "✓", "warning": "!", "unknown": "?", "not_ready": "✗"}


@app.command()
def ready(
    *,
    known: Annotated[
        bool, typer.Option("--known", help="tell what was found last, ask nobody")
    ] = False,
    as_json_: Json = False,
) -> None:
    """Ask everything now and tell it: 0 when all is ready, 1 when something is not."""
    try:
        found = asyncio.run(_found(known=known))
    except (NoCommune, NotThere, NotOnCall) as error:
        refuse(str(error), as_json=as_json_)
    say(as_json(found), as_json=as_json_, lines=_lines(found))
    if not found.ready:
        raise typer.Exit(1)


async def _found(*, known: bool) -> Readiness:
    place = PlaceSettings()
    async with opened_office(place=place) as office:
        if not known:
            async with rounds(place) as one:
                await look(Watchman(one, place.data_dir), office.commune)
        return await readiness_of(office.ledger, office.commune)


def _lines(found: Readiness) -> list[str]:
    lines = [headline(found)]
    for one in found.lines:
        remedy = f" {filled(one.remedy, one)}" if one.state != READY and one.remedy else ""
        lines.append(f"{MARKS[one.state]} {filled(one.said, one)}{remedy}")
    return lines
