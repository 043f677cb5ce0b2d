"""`privacy …`: the law at work: what is kept and why, its end, holds, the evidence, slips."""

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import AlertRefused
from dispatcher.ciphers import Ring
from dispatcher.cli import evidence, slips
from dispatcher.cli.acting import Asked, User, act
from dispatcher.cli.opening import NoCommune, opened_office
from dispatcher.cli.speaking import Json, refuse, say
from dispatcher.crisis import steps
from dispatcher.delivery.accounts import live_routes
from dispatcher.keys import ring
from dispatcher.privacy import holding, periods, purging
from dispatcher.privacy.about import about as told_about
from dispatcher.privacy.impact import impact_of, register_of
from dispatcher.privacy.kinds import KINDS
from dispatcher.privacy.processors import Processor, of_accounts, of_settings
from dispatcher.settings import PlaceSettings
from dispatcher.vulnerable.register import RING, Register

app = typer.Typer(help="What is kept, why, and until when.", no_args_is_help=True)
app.add_typer(evidence.app, name="evidence")
app.add_typer(slips.app, name="slip")
KEEP, RULE = holding.KEEP, periods.RULE
Reason = Annotated[str, typer.Option("--reason", help="why, in a sentence")]
Reference = Annotated[str, typer.Option("--reference", help="who asks: the letter, its number")]


@app.command()
def about(
    who: Annotated[str, typer.Argument(help="an id of the register, a number, a mail address")],
    *,
    user: User,
    as_json: Json = False,
) -> None:
    """Answer what is kept about this person, from every table (GDPR, article 15)."""

    async def told(office: Office, actor: Actor) -> object:
        keys = await asyncio.to_thread(ring, PlaceSettings().data_dir, RING)
        second = Register(office, Ring(keys), ZoneInfo("UTC"))
        return await told_about(office, who, actor=actor, second=second)

    act(Asked(user, KEEP, as_json), told)


@app.command()
def clocks(*, as_json: Json = False) -> None:
    """Show how long each kind of data stays, and what would end now; nothing ends by it."""
    _say(_clocks, as_json=as_json)


async def _clocks(office: Office) -> dict[str, Any]:
    days, set_ = await periods.days_of(office), await periods.decided(office)
    due = {one.kind: one for one in await purging.foreseen(office)}
    return {
        one.kind: {
            "said": one.said,
            "from": one.since,
            "days": days[one.kind],
            "bounds": [one.least, one.most],
            "decided": set_[one.kind].reference if one.kind in set_ else None,
            "due": due[one.kind].left if one.kind in due else None,
        }
        for one in KINDS
    }


@app.command()
def period(
    kind: Annotated[str, typer.Argument(help="a kind, as `privacy clocks` names it")],
    days: Annotated[int, typer.Argument(help="how many days")],
    *,
    reference: Reference,
    user: User,
    as_json: Json = False,
) -> None:
    """Set how long a kind of data stays: the data protection officer's decision."""

    async def decided(office: Office, actor: Actor) -> object:
        await periods.decide(office, kind, days, reference=reference, actor=actor)
        return {"kind": kind, "days": days}

    act(Asked(user, RULE, as_json), decided)


@app.command()
def purge(*, as_json: Json = False) -> None:
    """End now what has had its time, as a worker does each day; the logbook proves what."""

    async def purged(office: Office) -> dict[str, Any]:
        return {one.kind: asdict(one) for one in await purging.purge(office)}

    _say(purged, as_json=as_json)


@app.command()
def hold(
    *,
    alert: Annotated[str, typer.Option("--alert", help="an alert's id; none: everything")] = "",
    reason: Reason,
    reference: Reference,
    user: User,
    as_json: Json = False,
) -> None:
    """Hold an alert's data, or all: nothing of it ends until two people let it go."""

    async def held(office: Office, actor: Actor) -> object:
        ident = await holding.hold(
            office, alert, reason=reason, reference=reference, asked=steps.Asked(actor)
        )
        return {"hold": ident}

    act(Asked(user, KEEP, as_json), held)


@app.command()
def lift(
    ident: Annotated[str, typer.Argument(metavar="HOLD", help="as `privacy hold` named it")],
    *,
    user: User,
    as_json: Json = False,
) -> None:
    """Ask to let a hold go, or agree to it as the second person."""

    async def lifted(office: Office, actor: Actor) -> object:
        return {"lifted": await holding.lift(office, ident, asked=steps.Asked(actor))}

    act(Asked(user, KEEP, as_json), lifted)


@app.command()
def register(*, as_json: Json = False) -> None:
    """Write the register of processing (GDPR, art. 30) from the schema as it is."""

    async def written(office: Office) -> dict[str, Any]:
        return await register_of(office, _processors())

    _say(written, as_json=as_json)


@app.command()
def impact(
    file: Annotated[Path, typer.Argument(help="where the starter is written (Markdown)")],
    *,
    as_json: Json = False,
) -> None:
    """Write a starter of the impact assessment (GDPR, art. 35)."""

    async def written(office: Office) -> dict[str, Any]:
        text = await impact_of(office, _processors())
        await asyncio.to_thread(file.write_text, text, encoding="utf-8")
        return {"file": str(file), "characters": len(text)}

    _say(written, as_json=as_json)


def _processors() -> list[Processor]:
    return [*of_accounts(live_routes()), *of_settings()]


def _say(done: Any, *, as_json: bool) -> None:  # noqa: ANN401
    async def answered() -> dict[str, Any]:
        async with opened_office() as office:
            answer: dict[str, Any] = await done(office)
            return answer

    try:
        answer = asyncio.run(answered())
    except (AlertRefused, NoCommune, OSError) as refusal:
        refuse(str(refusal), as_json=as_json)
    say(answer, as_json=as_json)
