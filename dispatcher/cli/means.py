"""`means …`: means of an event from the command line, each act by a named user."""

import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.plan_in_force import in_force
from dispatcher.cli.acting import Asked, User, act
from dispatcher.cli.speaking import Json, refuse
from dispatcher.crisis.steps import Asked as Step
from dispatcher.lending import lending
from dispatcher.lending.lending import SOURCES, Coming, Lending, Return
from dispatcher.lending.showing import as_csv, shown
from dispatcher.lending.stock import stock

app = typer.Typer(help="Means of an event: lent and brought back.", no_args_is_help=True)
Event = Annotated[str, typer.Argument(help="the event", show_default=False)]
Quantity = Annotated[float, typer.Argument(help="how many")]
Click = Annotated[str, typer.Option(help="the same key again changes nothing")]
MAY = "event.task"


@app.command("list")
def list_means(
    event: Event,
    *,
    user: User,
    csv: Annotated[bool, typer.Option("--csv", help="a table for a spreadsheet")] = False,
    as_json: Json = False,
) -> None:
    """Tell where everything is, and what is overdue."""

    async def listed(office: Office, _actor: Actor) -> object:
        found = await stock(office, event)
        if csv:
            zone = ZoneInfo((await in_force(office)).plan.commune.timezone)
            return {"csv": as_csv(found, zone)}
        return shown(found)

    if csv and not as_json:
        act(Asked(user, "event.read", as_json), listed, told=_table)
    else:
        act(Asked(user, "event.read", as_json), listed, told=_lines)


@app.command()
def lend(  # noqa: PLR0913 - one parameter an option
    event: Event,
    means: Annotated[str, typer.Argument(help="id of the plan's means, or of an added one")],
    quantity: Quantity,
    to: Annotated[str, typer.Argument(help="team:ID, centre:ID, cell:CODE or other:WORDS")],
    *,
    user: User,
    due: Annotated[str, typer.Option(help="when it is expected back, ISO 8601")] = "",
    given: Annotated[bool, typer.Option("--given", help="consumed: nothing comes back")] = False,
    note: Annotated[str, typer.Option(help="what for")] = "",
    key: Click = "",
    as_json: Json = False,
) -> None:
    """Lend a quantity: never more than there is."""
    wanted = Lending(means, quantity, to, note, _instant(due, as_json=as_json), given)

    async def lent(office: Office, actor: Actor) -> object:
        return shown(await lending.lend(office, event, wanted, asked=Step(actor, key)))

    act(Asked(user, MAY, as_json), lent, told=_lines)


@app.command("return")
def take_back(  # noqa: PLR0913 - one parameter an option
    event: Event,
    loan: Annotated[str, typer.Argument(help="the loan, as `list --json` names it")],
    returned: Quantity = 0.0,
    *,
    user: User,
    lost: Annotated[float, typer.Option(min=0, help="lost or broken")] = 0.0,
    condition: Annotated[str, typer.Option(help="in which condition; needed for a loss")] = "",
    key: Click = "",
    as_json: Json = False,
) -> None:
    """Note what comes back of a loan, whole or in part, and what is lost of it."""
    back = Return(returned, lost, condition)

    async def taken(office: Office, actor: Actor) -> object:
        asked = Step(actor, key)
        return shown(await lending.take_back(office, event, loan, back=back, asked=asked))

    act(Asked(user, MAY, as_json), taken, told=_lines)


@app.command()
def add(  # noqa: PLR0913 - one parameter an option
    event: Event,
    label: Annotated[str, typer.Argument(help="what comes")],
    quantity: Quantity,
    *,
    user: User,
    unit: Annotated[str, typer.Option(help="u, l, repas…")] = "u",
    source: Annotated[str, typer.Option(help=", ".join(SOURCES))] = "private",
    from_whom: Annotated[str, typer.Option("--from", help="who brings it")] = "",
    key: Click = "",
    as_json: Json = False,
) -> None:
    """Note a means that comes for the event."""
    coming = Coming(label, quantity, unit, source, from_whom)

    async def added(office: Office, actor: Actor) -> object:
        return shown(await lending.add(office, event, coming, asked=Step(actor, key)))

    act(Asked(user, MAY, as_json), added, told=_lines)


def _instant(given: str, *, as_json: bool) -> datetime | None:
    if not given:
        return None
    try:
        at = datetime.fromisoformat(given)
    except ValueError:
        refuse(f"« {given} » n'est pas une heure : 2026-11-27T03:12+01:00.", as_json=as_json)
    return at.astimezone()


def _table(document: Mapping[str, Any]) -> Iterator[str]:
    sys.stdout.write(document["csv"])
    yield from ()


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    """Return the lines that people read: each means, then who has some of it."""
    for one in document["means"]:
        yield f"{one['means']} · {one['label']} · {one['available']:g} sur {one['quantity']:g}"
        for loan in one["loans"]:
            late = " EN RETARD" if loan["overdue"] else ""
            yield f"  {loan['loan']} · {loan['to_label']} · {loan['left']:g} {one['unit']}{late}"
