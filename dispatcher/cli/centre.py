"""`centre …`: reception centres of an event from the command line, each act by a named user."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from dispatcher.alerts.office import Actor, Office
from dispatcher.cli.acting import Asked, User, act
from dispatcher.cli.speaking import Json
from dispatcher.crisis.steps import Asked as Step
from dispatcher.shelter import counting, names, opening, unplanned
from dispatcher.shelter.counting import Count, Departure, Name
from dispatcher.shelter.showing import shown, shown_all, shown_names
from dispatcher.shelter.sight import centres_seen
from dispatcher.shelter.unplanned import NewCentre

app = typer.Typer(help="Reception centres of an event.", no_args_is_help=True)
Event = Annotated[str, typer.Argument(help="the event", show_default=False)]
Centre = Annotated[str, typer.Argument(help="id of the plan's centre", show_default=False)]
Click = Annotated[str, typer.Option(help="the same key again changes nothing")]
Figure = Annotated[int | None, typer.Option(min=0)]
Counted = Annotated[bool, typer.Option("--counted", help="is counted already")]
MAY, NAMES = "event.task", counting.MAY_NAME


@app.command("list")
def list_centres(event: Event, *, user: User, as_json: Json = False) -> None:
    """List them: people, places, dangers, where else; without a name."""

    async def listed(office: Office, _actor: Actor) -> object:
        return shown_all(await centres_seen(office, event))

    act(Asked(user, "event.read", as_json), listed, told=_lines)


@app.command("open")
def open_centre(
    event: Event,
    centre: Centre,
    *,
    user: User,
    reason: Annotated[str, typer.Option(help="why, where it lies in danger")] = "",
    as_json: Json = False,
) -> None:
    """Open one; a centre that lies in danger only with the reason."""

    async def opened(office: Office, actor: Actor) -> object:
        asked = Step(actor, reason=reason)
        return shown(await opening.open_centre(office, event, centre, asked=asked))

    act(Asked(user, MAY, as_json), opened)


@app.command("open-unplanned")
def open_unplanned(  # noqa: PLR0913 - one parameter an option
    event: Event,
    name: Annotated[str, typer.Argument(help="what it is called", show_default=False)],
    *,
    user: User,
    address: Annotated[str, typer.Option(help="where it is")] = "",
    surface: Annotated[int | None, typer.Option(min=1, help="in m²")] = None,
    as_json: Json = False,
) -> None:
    """Open one that the plan does not have."""
    new = NewCentre(name, address, surface)

    async def opened(office: Office, actor: Actor) -> object:
        return shown(await unplanned.open_unplanned(office, event, new, asked=Step(actor)))

    act(Asked(user, MAY, as_json), opened)


@app.command("close")
def close_centre(event: Event, centre: Centre, *, user: User, as_json: Json = False) -> None:
    """Close one where nobody is counted any more."""

    async def closed(office: Office, actor: Actor) -> object:
        return shown(await opening.close_centre(office, event, centre, asked=Step(actor)))

    act(Asked(user, MAY, as_json), closed)


@app.command()
def places(  # noqa: PLR0913 - one parameter an option
    event: Event,
    centre: Centre,
    *,
    user: User,
    reason: Annotated[str, typer.Option(help="why")],
    reception: Figure = None,
    lodging: Figure = None,
    meals: Figure = None,
    as_json: Json = False,
) -> None:
    """Adjust its places for the event; what is left out stays as it is."""
    told = {"reception": reception, "lodging": lodging, "meals": meals}
    wanted = {name: value for name, value in told.items() if value is not None}

    async def adjusted(office: Office, actor: Actor) -> object:
        asked = Step(actor, reason=reason)
        return shown(await opening.adjust(office, event, centre, places=wanted, asked=asked))

    act(Asked(user, MAY, as_json), adjusted)


@app.command()
def count(  # noqa: PLR0913 - one parameter an option
    event: Event,
    centre: Centre,
    kind: Annotated[str, typer.Argument(help="arrival, departure, recount")],
    people: Annotated[int | None, typer.Argument(min=0, help="how many")] = None,
    *,
    user: User,
    adults: Figure = None,
    children: Figure = None,
    key: Click = "",
    as_json: Json = False,
) -> None:
    """Count people in, out, or all who are there anew."""
    wanted = Count(kind, people, adults, children)

    async def counted(office: Office, actor: Actor) -> object:
        asked = Step(actor, key)
        return shown(await counting.count(office, event, centre, wanted=wanted, asked=asked))

    act(Asked(user, MAY, as_json), counted)


@app.command()
def people(event: Event, centre: Centre, *, user: User, as_json: Json = False) -> None:
    """Show who gave a name there; the reading is in the logbook."""

    async def looked(office: Office, actor: Actor) -> object:
        return shown_names(*await names.look(office, event, centre, asked=Step(actor)))

    act(Asked(user, NAMES, as_json), looked)


@app.command()
def arrive(  # noqa: PLR0913 - one parameter an option
    event: Event,
    centre: Centre,
    name: Annotated[str, typer.Argument(help="who gives her name; nothing of her health")],
    *,
    user: User,
    household: Annotated[int, typer.Option(min=1, help="people, herself among them")] = 1,
    comes_from: Annotated[str, typer.Option("--from", help="address or sector")] = "",
    phone: Annotated[str, typer.Option(help="where to reach her")] = "",
    counted: Counted = False,
    key: Click = "",
    as_json: Json = False,
) -> None:
    """Note who arrives by name."""
    who = Name(name, household, comes_from, phone, counted)

    async def arrived(office: Office, actor: Actor) -> object:
        asked = Step(actor, key)
        return shown(await counting.arrive(office, event, centre, who=who, asked=asked))

    act(Asked(user, NAMES, as_json), arrived)


@app.command()
def leave(  # noqa: PLR0913 - one parameter an option
    event: Event,
    centre: Centre,
    person: Annotated[str, typer.Argument(help="as `people` names her")],
    *,
    user: User,
    to: Annotated[str, typer.Option(help="where she goes")] = "",
    counted: Counted = False,
    as_json: Json = False,
) -> None:
    """Note that somebody leaves with her household."""
    who = Departure(person, to, counted)

    async def left(office: Office, actor: Actor) -> object:
        return shown(await counting.leave(office, event, centre, who=who, asked=Step(actor)))

    act(Asked(user, NAMES, as_json), left)


@app.command("erase-names")
def erase_names(event: Event, *, user: User, as_json: Json = False) -> None:
    """Erase every name once the event is stood down (DOS or deputy)."""

    async def erased(office: Office, actor: Actor) -> object:
        return {"households_erased": await names.erase(office, event, actor=actor)}

    act(Asked(user, names.MAY_ERASE, as_json), erased)


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    """Return the lines that people read: one a centre."""
    yield f"{document['people']} personnes dans les centres."
    for one in document["centres"]:
        free = "places inconnues" if one["free"] is None else f"{one['free']} places libres"
        yield f"  {one['centre']} · {one['label']} · {one['state']} · {one['people']} · {free}"
        for danger in one["dangers"]:
            yield f"    DANGER : {danger}"
        if one["fallback"]:
            yield f"    repli : {one['fallback']['label']}"
