"""`team link TEAM`: a link for a team's phones made, listed or revoked, by a named user.

`register(app)` adds the subcommand to the group of a team's commands.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import segno
import typer

from dispatcher.alerts.office import Actor, Office
from dispatcher.cli.acting import Asked, User, act
from dispatcher.cli.speaking import Json
from dispatcher.settings import PlaceSettings
from dispatcher.teams import phone_links
from dispatcher.teams.phone_links import HOURS, MAY
from dispatcher.teams.phone_links_shown import shown

app = typer.Typer(help="Teams: the links of their phones.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep `link` a word of its own, alone or beside others."""


def register(group: typer.Typer) -> None:
    """Add `link` to a group of commands."""
    group.command("link")(link)


@app.command()
def link(  # noqa: PLR0913 - one parameter an option
    team: Annotated[str, typer.Argument(metavar="TEAM", help="a team's id or call sign")],
    *,
    user: User,
    hours: Annotated[float, typer.Option(help="how long it opens")] = HOURS,
    revoke: Annotated[bool, typer.Option("--revoke", help="cut all of its links")] = False,
    listed: Annotated[bool, typer.Option("--list", help="list its links")] = False,
    as_json: Json = False,
) -> None:
    """Make a link that opens the team's page on its phones, and show it once; or cut them all."""

    async def done(office: Office, actor: Actor) -> Mapping[str, object]:
        if revoke:
            return {"revoked": await phone_links.revoke_links(office, team, actor=actor)}
        if listed:
            found = await phone_links.links_of(office, team)
            return {"links": [shown(one) for one in found]}
        made = await phone_links.make_link(office, team, actor=actor, hours=hours)
        return {"team": made.team.team, "link": made.link, "url": _address(office) + made.path}

    act(Asked(user, "team.read" if listed else MAY, as_json), done, told=_lines)


def _address(office: Office) -> str:
    place = PlaceSettings()
    return office.public_url or f"http://{place.host}:{place.port}"


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    """Return the lines that people read."""
    if "url" in document:
        yield f"Lien de l'équipe {document['team']}, montré cette fois seulement :"
        yield document["url"]
        yield from _picture(document["url"])
    elif "revoked" in document:
        yield f"{document['revoked']} liens coupés."
    for one in document.get("links", ()):
        seen = one["seen_at"] or "jamais ouvert"
        yield f"  {one['link']} · {one['state']} · jusqu'à {one['ends_at']} · {seen}"


def _picture(address: str) -> Iterator[str]:
    """Draw what a phone reads, two rows of squares a line."""
    rows = [list(row) for row in segno.make(address, error="l").matrix_iter(border=2)]
    blocks = {(1, 1): " ", (1, 0): "▄", (0, 1): "▀", (0, 0): "█"}  # on a dark screen
    for above, below in zip(rows[::2], [*rows[1::2], [1] * len(rows[0])], strict=False):
        yield "".join(blocks[bool(up), bool(down)] for up, down in zip(above, below, strict=True))
