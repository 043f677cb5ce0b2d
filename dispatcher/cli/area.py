"""`area count`: how many addresses lie inside an area."""

from pathlib import Path
from typing import Annotated

import typer

from dispatcher.cli.failing import said
from dispatcher.cli.speaking import Json, refuse, say, told
from zones.area import AreaFault, AreaRefused
from zones.counting import count as counted

_MOST_TOLD = 20  # lines of an address file; a wrong column makes thousands

app = typer.Typer(help="Areas and addresses.", no_args_is_help=True)


@app.callback()
def _family() -> None:
    """Keep `count` a verb of its own."""


@app.command()
def count(
    area: Annotated[Path, typer.Argument(help="GeoJSON (.gz too), GeoPackage, Shapefile")],
    addresses: Annotated[Path, typer.Argument(help="BAL, BAN or any CSV with lon and lat")],
    *,
    margin_m: Annotated[float, typer.Option(help="metres of grace round the area")] = 0.0,
    without_invalid: Annotated[bool, typer.Option(help="leave invalid features out")] = False,
    as_json: Json = False,
) -> None:
    """Count addresses inside an area, outside, and without coordinates."""
    try:
        found = counted(area, addresses, margin_m=margin_m, without_invalid=without_invalid)
    except (AreaRefused, AreaFault, OSError) as error:
        refuse(said(error), as_json=as_json)
    for fault in found.left_out:
        told(f"left out: {fault}")
    for fault in found.rejected[:_MOST_TOLD]:
        told(f"without coordinates: {fault}")
    if len(found.rejected) > _MOST_TOLD:
        told(f"without coordinates: {len(found.rejected) - _MOST_TOLD} more lines like these")
    if len(found.layers) > 1:
        told(f"layers counted together: {', '.join(found.layers)}")
    say(
        {
            "inside": found.inside,
            "outside": found.outside,
            "unlocated": found.unlocated,
            "margin_m": found.margin_m,
            "left_out": [str(fault) for fault in found.left_out],
        },
        as_json=as_json,
    )
