"""`event …`: a crisis from the command line, each act by a named user."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import typer

from dispatcher.alerts.office import Actor, Office
from dispatcher.cli.acting import Act, Asked, User, act
from dispatcher.cli.speaking import Json, refuse
from dispatcher.crisis import deciding, opening, relief, standing_down
from dispatcher.crisis.deciding import RampUp
from dispatcher.crisis.opening import Received
from dispatcher.crisis.showing import listed
from dispatcher.crisis.showing import show as shown
from dispatcher.crisis.steps import Asked as Step
from dispatcher.store.crises import Event

app = typer.Typer(help="A crisis: opened, decided, stood down.", no_args_is_help=True)
Ident = Annotated[str, typer.Argument(metavar="ID", help="the event", show_default=False)]
Reason = Annotated[str, typer.Option(help="why, in a sentence")]
Click = Annotated[str, typer.Option(help="the same key again changes nothing")]
Call = Annotated[bool, typer.Option("--call/--no-call", help="call people of the plan up")]
Scenario = Annotated[str, typer.Option(help="scenario of the plan")]
Mode = Annotated[str, typer.Option(help="real, exercise, rehearsal")]


def _told(done: Callable[[Office, Actor], Awaitable[Event]]) -> Act:
    """Return the same act, answered by the state of its event."""

    async def and_shown(office: Office, actor: Actor) -> object:
        event = await done(office, actor)
        return await shown(office, event.event_id)

    return and_shown


@app.command()
def receive(  # noqa: PLR0913 - one parameter an option
    *,
    user: User,
    sender: Annotated[str, typer.Option("--from", help="who alerts the town hall")],
    text: Annotated[str, typer.Option(help="what is said")],
    code: Annotated[str, typer.Option(help="acknowledgement code")] = "",
    mode: Mode = "real",
    call: Call = True,
    key: Click = "",
    as_json: Json = False,
) -> None:
    """Note an alert received, open its event, ring whoever is on call."""
    received = Received(sender, text, code)
    act(
        Asked(user, "event.open", as_json),
        _told(
            lambda office, actor: opening.receive(
                office, received, asked=Step(actor, key), mode=mode, call=call
            )
        ),
        ring=True,
    )


@app.command("open")
def open_event(  # noqa: PLR0913 - one parameter an option
    title: Annotated[str, typer.Argument(help="what happens, in two words")],
    *,
    user: User,
    scenario: Scenario = "",
    mode: Mode = "real",
    key: Click = "",
    as_json: Json = False,
) -> None:
    """Open an event; nobody is called."""
    act(
        Asked(user, "event.open", as_json),
        _told(
            lambda office, actor: opening.open_event(
                office, title, asked=Step(actor, key), mode=mode, scenario=scenario or None
            )
        ),
    )


@app.command()
def assess(ident: Ident, *, user: User, key: Click = "", as_json: Json = False) -> None:
    """Say that somebody looks into what was signalled."""
    act(
        Asked(user, "event.open", as_json),
        _told(lambda office, actor: deciding.assess(office, ident, asked=Step(actor, key))),
    )


@app.command("no-follow-up")
def no_follow_up(
    ident: Ident, *, user: User, reason: Reason, key: Click = "", as_json: Json = False
) -> None:
    """Set aside what was signalled."""
    act(
        Asked(user, "event.pre_alert", as_json),
        _told(
            lambda office, actor: deciding.no_follow_up(
                office, ident, asked=Step(actor, key, reason)
            )
        ),
    )


@app.command()
def prealert(  # noqa: PLR0913 - one parameter an option
    ident: Ident,
    *,
    user: User,
    call: Call = True,
    scenario: Scenario = "",
    key: Click = "",
    as_json: Json = False,
) -> None:
    """Decide pre-alert (RAC, DOS, deputy)."""
    ramp = RampUp(call, scenario or None)
    act(
        Asked(user, "event.pre_alert", as_json),
        _told(
            lambda office, actor: deciding.pre_alert(
                office, ident, asked=Step(actor, key), ramp=ramp
            )
        ),
        ring=True,
    )


@app.command()
def activate(  # noqa: PLR0913 - one parameter an option
    ident: Ident,
    *,
    user: User,
    call: Call = True,
    scenario: Scenario = "",
    key: Click = "",
    as_json: Json = False,
) -> None:
    """Activate the plan in one act (DOS or deputy)."""
    ramp = RampUp(call, scenario or None)
    act(
        Asked(user, "event.activate", as_json),
        _told(
            lambda office, actor: deciding.activate(
                office, ident, asked=Step(actor, key), ramp=ramp
            )
        ),
        ring=True,
    )


@app.command()
def level(  # noqa: PLR0913 - one parameter an option
    ident: Ident,
    code: Annotated[str, typer.Argument(help="level of the plan")],
    *,
    user: User,
    reason: Reason,
    key: Click = "",
    as_json: Json = False,
) -> None:
    """Change the level of the plan."""
    act(
        Asked(user, "event.pre_alert", as_json),
        _told(
            lambda office, actor: deciding.change_level(
                office, ident, code, asked=Step(actor, key, reason)
            )
        ),
    )


@app.command()
def phase(  # noqa: PLR0913 - one parameter an option
    ident: Ident,
    name: Annotated[str, typer.Argument(help="urgence, post_urgence, retour_normale")],
    *,
    user: User,
    sign: Annotated[list[str] | None, typer.Option(help="sign seen; may be repeated")] = None,
    reason: Reason = "",
    key: Click = "",
    as_json: Json = False,
) -> None:
    """Change the phase, with the signs seen of the end of the emergency."""
    act(
        Asked(user, "event.activate", as_json),
        _told(
            lambda office, actor: deciding.change_phase(
                office, ident, name, asked=Step(actor, key, reason), signs=tuple(sign or ())
            )
        ),
    )


@app.command()
def direct(  # noqa: PLR0913 - one parameter an option
    ident: Ident,
    who: Annotated[str, typer.Argument(help="prefect or mayor")],
    *,
    user: User,
    reason: Reason = "",
    key: Click = "",
    as_json: Json = False,
) -> None:
    """Record who directs: a prefect who takes over blocks nothing of the mayor's."""
    verbs: dict[str, Any] = {"prefect": deciding.take_over, "mayor": deciding.give_back}
    if who not in verbs:
        refuse("Qui dirige ? Écrivez prefect ou mayor.", as_json=as_json)
    act(
        Asked(user, "event.pre_alert", as_json),
        _told(lambda office, actor: verbs[who](office, ident, asked=Step(actor, key, reason))),
    )


@app.command()
def hold(
    ident: Ident,
    post: Annotated[str, typer.Argument(help="code of a function or a cell")],
    holder: Annotated[str, typer.Argument(help="contact:ID or user:LOGIN")],
    *,
    user: User,
    as_json: Json = False,
) -> None:
    """Put someone at a post, relieving whoever is there, with a hand-over sheet."""

    async def held(office: Office, actor: Actor) -> object:
        await relief.hold(office, ident, post, holder=holder, asked=Step(actor))
        return await shown(office, ident)

    act(Asked(user, "event.relieve", as_json), held)


@app.command()
def standdown(  # noqa: PLR0913 - one parameter an option
    ident: Ident,
    *,
    user: User,
    knows: Annotated[list[str] | None, typer.Option(help="warning read; repeat")] = None,
    reason: Reason = "",
    key: Click = "",
    as_json: Json = False,
) -> None:
    """Stand an event down, its warnings known."""
    act(
        Asked(user, "event.stand_down", as_json),
        _told(
            lambda office, actor: standing_down.stand_down(
                office, ident, asked=Step(actor, key, reason), knows=tuple(knows or ())
            )
        ),
    )


@app.command()
def close(
    ident: Ident, *, user: User, reason: Reason, key: Click = "", as_json: Json = False
) -> None:
    """Close an event once its review is filed."""
    act(
        Asked(user, "event.stand_down", as_json),
        _told(
            lambda office, actor: standing_down.close(office, ident, asked=Step(actor, key, reason))
        ),
    )


@app.command()
def show(ident: Ident, *, user: User = "", as_json: Json = False) -> None:
    """Tell where an event stands."""
    act(Asked(user, "event.read", as_json), lambda office, _actor: shown(office, ident))


@app.command("list")
def list_events(*, user: User = "", as_json: Json = False) -> None:
    """List the commune's events, the newest first."""
    act(Asked(user, "event.read", as_json), lambda office, _actor: listed(office))
