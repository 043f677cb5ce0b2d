"""`sms measure`: encoding and segments of a text, and what to write instead."""

from typing import Annotated

import typer

from channels.segments import measure as measured
from dispatcher.cli.speaking import Json, say

app = typer.Typer(help="Measure SMS texts.", no_args_is_help=True)


@app.callback()
def _family() -> None:
    """Keep `measure` a verb of its own."""


@app.command()
def measure(text: Annotated[str, typer.Argument()], *, as_json: Json = False) -> None:
    """Count the segments of a text, and name the characters that make it dearer."""
    found = measured(text)
    say(
        {
            "encoding": found.encoding,
            "segments": found.segments,
            "units": found.units,
            "offending": list(found.offending),
            "suggestion": found.suggestion,
        },
        as_json=as_json,
    )
