"""`desk …`: what came under a name that nobody knew, from the command line."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from dispatcher.alerts.office import Actor, Office
from dispatcher.cli.acting import Asked, User, act
from dispatcher.cli.speaking import Json
from dispatcher.teams import desking
from dispatcher.teams.desking import Choice
from dispatcher.teams.showing import desk_listed, item_shown

app = typer.Typer(help="What nobody could place.", no_args_is_help=True)
Ident = Annotated[str, typer.Argument(metavar="ITEM", help="the item", show_default=False)]
READ, ACT = "team.read", "team.order"


@app.command("list")
def list_items(*, user: User, as_json: Json = False) -> None:
    """List what waits to be placed, the oldest first."""
    act(
        Asked(user, READ, as_json),
        lambda office, actor: desk_listed(office, seen_by=actor.function),
        told=_lines,
    )


@app.command()
def place(  # noqa: PLR0913 - one parameter an option
    ident: Ident,
    *,
    user: User,
    team: Annotated[str, typer.Option(help="whose it is, by id or call sign")] = "",
    mission: Annotated[str, typer.Option(help="which mission")] = "",
    status: Annotated[str, typer.Option(help="the status or event that it means")] = "",
    remember: Annotated[bool, typer.Option("--remember", help="keep the partner's name")] = False,
    as_json: Json = False,
) -> None:
    """File an item as the report that it is; again, nothing more."""
    choice = Choice(team, mission, status, remember)

    async def placed(office: Office, actor: Actor) -> Mapping[str, object]:
        done = await desking.place(office, ident, choice, actor=actor)
        shown = item_shown(await desking.find_item(office, ident))
        return {**shown, "placed_now": done.ended, "state": done.filed and done.filed.state}

    act(Asked(user, ACT, as_json), placed)


@app.command()
def aside(
    ident: Ident,
    *,
    user: User,
    reason: Annotated[str, typer.Option(help="why")],
    as_json: Json = False,
) -> None:
    """Set an item aside."""

    async def done(office: Office, actor: Actor) -> Mapping[str, object]:
        await desking.set_aside(office, ident, reason, actor=actor)
        return item_shown(await desking.find_item(office, ident))

    act(Asked(user, ACT, as_json), done)


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    yield f"{len(document['items'])} messages à placer."
    for one in document["items"]:
        told = (one["item"], one["happened_at"], f"{one['source']}:{one['author']}", one["why"])
        yield "  " + " · ".join((*told, one["named"]))
