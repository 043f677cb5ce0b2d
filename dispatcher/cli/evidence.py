"""`privacy evidence …`: the sealed evidence, opened by two with a reason, for a day."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from dispatcher.alerts.office import Actor, Office
from dispatcher.cli.acting import Asked, User, act
from dispatcher.cli.speaking import Json
from dispatcher.crisis import steps
from dispatcher.privacy import opening
from dispatcher.privacy.holding import KEEP
from dispatcher.store.evidence_openings import Proven

app = typer.Typer(help="The sealed evidence of who was warned.", no_args_is_help=True)
Opening = Annotated[str, typer.Argument(metavar="OPENING", help="as `evidence ask` named it")]


@app.command()
def ask(
    *,
    reason: Annotated[str, typer.Option("--reason", help="why, in a sentence")],
    reference: Annotated[str, typer.Option("--reference", help="who asks: the letter, its number")],
    user: User,
    as_json: Json = False,
) -> None:
    """Ask that the evidence be opened."""

    async def asked(office: Office, actor: Actor) -> object:
        ident = await opening.ask(
            office, reason=reason, reference=reference, asked=steps.Asked(actor)
        )
        return {"opening": ident}

    act(Asked(user, KEEP, as_json), asked)


@app.command()
def agree(ident: Opening, *, user: User, as_json: Json = False) -> None:
    """Agree, as the second person: it is open for a day."""

    async def agreed(office: Office, actor: Actor) -> object:
        await opening.agree(office, ident, actor=actor)
        return {"open": ident}

    act(Asked(user, KEEP, as_json), agreed)


@app.command()
def close(ident: Opening, *, user: User, as_json: Json = False) -> None:
    """Close it before its day is over, or refuse it."""

    async def closed(office: Office, actor: Actor) -> object:
        await opening.close(office, ident, actor=actor)
        return {"closed": ident}

    act(Asked(user, KEEP, as_json), closed)


@app.command()
def look(
    ident: Opening,
    *,
    contact: Annotated[str, typer.Option("--contact", help="a number or mail address")] = "",
    alert: Annotated[str, typer.Option("--alert", help="an alert's id: all of it")] = "",
    user: User,
    as_json: Json = False,
) -> None:
    """Show what was sent to a contact, or for an alert; the look is told in the logbook."""

    async def looked(office: Office, actor: Actor) -> object:
        found: Sequence[Proven] = (
            await opening.sent_for(office, ident, alert, actor=actor)
            if alert
            else await opening.sent_to(office, ident, contact, actor=actor)
        )
        return {"messages": [asdict(one) for one in found]}

    act(Asked(user, KEEP, as_json), looked)
