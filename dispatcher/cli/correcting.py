"""`alert correct …`: new instructions, the end, or a false alarm, told to whoever may have been."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from dispatcher.alerts import correcting
from dispatcher.alerts.correcting import Asked as Correction
from dispatcher.cli.acting import Asked, User, act
from dispatcher.cli.drawing import drawn, marked, pair
from dispatcher.cli.speaking import Json, refuse

Ident = Annotated[str, typer.Argument(metavar="ID", help="the alert", show_default=False)]


def correct(  # noqa: PLR0913 - one parameter an option
    ident: Ident,
    *,
    user: User,
    false_alarm: Annotated[
        bool, typer.Option(help="send at once the text approved with the alert, and stop it")
    ] = False,
    all_clear: Annotated[bool, typer.Option(help="the danger is over")] = False,
    template: Annotated[str, typer.Option(help="another template than the one prepared")] = "",
    blank: Annotated[list[str] | None, typer.Option(help="name=value of a blank")] = None,
    sector: Annotated[list[str] | None, typer.Option(help="sector; may be repeated")] = None,
    area: Annotated[Path | None, typer.Option(help="GeoJSON drawn by hand")] = None,
    margin_m: Annotated[
        float | None, typer.Option(min=0, max=10_000, help="metres of grace round it")
    ] = None,
    danger: Annotated[str, typer.Option(metavar="FILE|LON,LAT", help="where it comes from")] = "",
    hours: Annotated[float, typer.Option(min=0, max=72, help="until it expires")] = 6.0,
    as_json: Json = False,
) -> None:
    """Draft a correction, to be submitted, approved and launched as the alert was.

    It goes to everyone to whom something of the alert may have left, and new instructions also to
    those newly in the area. --false-alarm alone takes one person, and leaves at once.
    """
    if false_alarm and all_clear:
        refuse("Fausse alerte ou fin d'alerte : choisissez.", as_json=as_json)
    altered = template or blank or sector or area or danger or margin_m is not None
    if false_alarm and not altered:
        act(
            Asked(user, "alert.take_back", as_json),
            lambda office, actor: correcting.take_back(office, ident, actor=actor),
            then=ident,
            ring=True,
        )
        return
    wanted = Correction(
        kind="false_alarm" if false_alarm else "all_clear" if all_clear else "update",
        template=template or None,
        blanks=dict(pair(one, as_json=as_json) for one in blank or ()),
        sectors=tuple(sector or ()),
        area=drawn(area, as_json=as_json) if area else None,
        margin_m=margin_m,
        danger=marked(danger, as_json=as_json) if danger else None,
        expires_at=datetime.now(UTC) + timedelta(hours=hours),
    )
    act(
        Asked(user, "alert.draft", as_json),
        lambda office, actor: correcting.correct(office, ident, wanted, actor=actor),
        then=ident,
    )


def withdraw(ident: Ident, *, user: User, as_json: Json = False) -> None:
    """Set aside what is being prepared of an alert; what runs goes on."""
    act(
        Asked(user, "alert.withdraw", as_json),
        lambda office, actor: correcting.withdraw(office, ident, actor=actor),
        then=ident,
    )
