"""`alert return|refuse|ask-again|override|stop`: what is decided beside an approval."""

from typing import Annotated

import typer

from dispatcher.alerts import judging
from dispatcher.cli.acting import Asked, User, act
from dispatcher.cli.speaking import Json
from dispatcher.crisis import overriding
from dispatcher.crisis.overriding import Emergency

Ident = Annotated[str, typer.Argument(metavar="ID", help="the alert", show_default=False)]
Reason = Annotated[str, typer.Option(help="why; whoever wrote it reads it")]
AtNight = Annotated[
    bool, typer.Option("--at-night", help="it threatens no life, and leaves at night")
]


def send_back(ident: Ident, *, user: User, reason: Reason, as_json: Json = False) -> None:
    """Return what was submitted to its author, with the reason (DOS, deputy or RAC)."""
    act(
        Asked(user, "alert.approve", as_json),
        lambda office, actor: judging.send_back(office, ident, actor=actor, reason=reason),
        then=ident,
    )


def refuse(ident: Ident, *, user: User, reason: Reason, as_json: Json = False) -> None:
    """Refuse what was submitted, for good, with the reason (DOS, deputy or RAC)."""
    act(
        Asked(user, "alert.approve", as_json),
        lambda office, actor: judging.refuse(office, ident, actor=actor, reason=reason),
        then=ident,
    )


def ask_again(
    ident: Ident, *, user: User, at_night: AtNight = False, as_json: Json = False
) -> None:
    """Ask for the approval again, with the head-count of now; the approvers are rung again."""
    act(
        Asked(user, "alert.submit", as_json),
        lambda office, actor: judging.ask_again(
            office, ident, actor=actor, night_confirmed=at_night
        ),
        then=ident,
        ring=True,
    )


def override(  # noqa: PLR0913 - one parameter an option
    template: Annotated[str, typer.Argument(help="a pre-approved message", show_default=False)],
    *,
    user: User,
    sector: Annotated[list[str], typer.Option(help="sector; may be repeated")],
    reason: Annotated[str, typer.Option(help="why without a second person")],
    mode: Annotated[str, typer.Option(help="real, rehearsal, exercise")] = "real",
    player: Annotated[list[str] | None, typer.Option(help="person of an exercise")] = None,
    at_night: AtNight = False,
    as_json: Json = False,
) -> None:
    """Hold a pre-approved message for 60 seconds, then it leaves alone (DOS or deputy).

    Everybody of the crisis cell is told at once, and anybody of it stops it: `alert stop ID`.
    """
    asked = Emergency(template, tuple(sector), reason, mode, tuple(player or ()), at_night)
    act(
        Asked(user, "alert.override", as_json),
        lambda office, actor: overriding.hold(office, asked, actor=actor),
        ring=True,
    )


def stop(ident: Ident, *, user: User, as_json: Json = False) -> None:
    """Stop an emergency sending before it leaves."""
    act(
        Asked(user, "alert.stop_override", as_json),
        lambda office, actor: overriding.stop(office, ident, actor=actor),
        then=ident,
    )
