"""`alert …`: the life of an alert from the command line, each act by a named user."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from dispatcher.alerts import life
from dispatcher.alerts.drafting import Wanted
from dispatcher.alerts.life import cancel as cancelled
from dispatcher.alerts.preview import preview as previewed
from dispatcher.alerts.showing import show as shown
from dispatcher.cli.acting import Asked, User, act
from dispatcher.cli.call_list import lines_of, listed
from dispatcher.cli.correcting import correct, withdraw
from dispatcher.cli.deciding import AtNight, ask_again, override, refuse, send_back, stop
from dispatcher.cli.drawing import drawn, marked, pair
from dispatcher.cli.replies import lines_of_replies, replies_of
from dispatcher.cli.speaking import Json

app = typer.Typer(help="The life of an alert.", no_args_is_help=True)
Ident = Annotated[str, typer.Argument(metavar="ID", help="the alert", show_default=False)]


@app.command()
def draft(  # noqa: PLR0913 - one parameter an option
    *,
    user: User,
    template: Annotated[str, typer.Option(help="message template of the plan")] = "",
    scenario: Annotated[str, typer.Option(help="scenario of the plan")] = "",
    sector: Annotated[list[str] | None, typer.Option(help="sector; may be repeated")] = None,
    area: Annotated[Path | None, typer.Option(help="GeoJSON drawn by hand")] = None,
    margin_m: Annotated[
        float, typer.Option(min=0, max=10_000, help="metres of grace round it")
    ] = 0.0,
    mode: Annotated[str, typer.Option(help="real, rehearsal, exercise, public_test")] = "real",
    medium: Annotated[list[str] | None, typer.Option(help="only this medium")] = None,
    blank: Annotated[list[str] | None, typer.Option(help="name=value of a blank")] = None,
    player: Annotated[list[str] | None, typer.Option(help="person of an exercise")] = None,
    hours: Annotated[float, typer.Option(min=0, max=72, help="until it expires")] = 6.0,
    public_informed: Annotated[bool, typer.Option(help="the population was told")] = False,
    danger: Annotated[
        str, typer.Option(metavar="FILE|LON,LAT", help="where it comes from: the nearest go first")
    ] = "",
    as_json: Json = False,
) -> None:
    """Write an alert from a template and an area; nothing leaves."""
    wanted = Wanted(
        template=template or None,
        scenario=scenario or None,
        sectors=tuple(sector or ()),
        area=drawn(area, as_json=as_json) if area else None,
        margin_m=margin_m,
        mode=mode,
        media=tuple(medium or ()),
        blanks=dict(pair(one, as_json=as_json) for one in blank or ()),
        expires_at=datetime.now(UTC) + timedelta(hours=hours),
        players=tuple(player or ()),
        public_informed=public_informed,
        danger=marked(danger, as_json=as_json) if danger else None,
    )
    act(
        Asked(user, "alert.draft", as_json),
        lambda office, actor: life.make_draft(office, wanted, actor=actor),
    )


@app.command()
def preview(ident: Ident, *, user: User = "", as_json: Json = False) -> None:
    """Tell who would get it, how, at what cost, in what time, and who would not."""
    act(Asked(user, "alert.read", as_json), lambda office, _actor: previewed(office, ident))


@app.command()
def submit(
    ident: Ident,
    *,
    user: User,
    at_night: AtNight = False,
    as_json: Json = False,
) -> None:
    """Ask for the approval of a draft; the approvers are rung."""
    act(
        Asked(user, "alert.submit", as_json),
        lambda office, actor: life.submit(office, ident, actor=actor, night_confirmed=at_night),
        then=ident,
        ring=True,
    )


@app.command()
def approve(  # noqa: PLR0913 - one parameter an option
    ident: Ident,
    *,
    user: User,
    digest: Annotated[str, typer.Option(help="of what was read, as preview shows it")] = "",
    people: Annotated[int | None, typer.Option(help="the head-count that was read")] = None,
    launching: Annotated[
        bool, typer.Option("--launch", help="and launch it, in the same act")
    ] = False,
    at_night: AtNight = False,
    as_json: Json = False,
) -> None:
    """Approve what another person submitted (DOS or deputy; RAC where the policy names it)."""
    if launching:
        read = life.Read(digest, people)
        act(
            Asked(user, "alert.launch", as_json, also="alert.approve"),
            lambda office, actor: life.launch(
                office, ident, actor=actor, approving=read, night_confirmed=at_night
            ),
            then=ident,
            ring=True,
        )
        return
    act(
        Asked(user, "alert.approve", as_json),
        lambda office, actor: life.approve(
            office, ident, actor=actor, digest=digest, people=people
        ),
        then=ident,
    )


@app.command()
def launch(
    ident: Ident,
    *,
    user: User,
    key: Annotated[str, typer.Option(help="the same key again is the same launch")] = "",
    at_night: AtNight = False,
    as_json: Json = False,
) -> None:
    """Launch an approved alert."""
    act(
        Asked(user, "alert.launch", as_json),
        lambda office, actor: life.launch(
            office, ident, actor=actor, launch_key=key, night_confirmed=at_night
        ),
        then=ident,
        ring=True,
    )


@app.command()
def show(ident: Ident, *, user: User = "", as_json: Json = False) -> None:
    """Tell what became of an alert."""
    act(Asked(user, "alert.read", as_json), lambda office, _actor: shown(office, ident))


@app.command()
def cancel(ident: Ident, *, user: User, as_json: Json = False) -> None:
    """Stop an alert: nothing more leaves after the window in flight."""
    act(
        Asked(user, "alert.cancel", as_json),
        lambda office, actor: cancelled(office, ident, actor=actor),
        then=ident,
    )


app.command(name="return")(send_back)
app.command()(refuse)
app.command()(ask_again)
app.command()(override)
app.command()(stop)
app.command()(correct)
app.command()(withdraw)


@app.command()
def unreached(
    ident: Ident,
    *,
    user: User,
    csv: Annotated[Path | None, typer.Option(help="write a spreadsheet's file there")] = None,
    as_json: Json = False,
) -> None:
    """List whom it did not reach, by sector and street; each reading is in the logbook."""
    act(
        Asked(user, "alert.unreached", as_json),
        lambda office, actor: listed(office, ident, actor=actor, file=csv),
        told=lines_of,
    )


@app.command()
def replies(ident: Ident, *, user: User, as_json: Json = False) -> None:
    """List the SMS and calls of residents that no counter holds: somebody has to read them."""
    act(
        Asked(user, "alert.replies", as_json),
        lambda office, _actor: replies_of(office, ident),
        told=lines_of_replies,
    )
