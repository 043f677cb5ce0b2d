"""`chaos`: random faults against a running fan-out, from a clone."""

import asyncio
import secrets
import sys
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from dispatcher.cli.speaking import Json, refuse, say, told

app = typer.Typer(add_completion=False)
ROOT = Path(__file__).parents[2]
BENCH = ROOT / "tests" / "chaos"


class Kind(StrEnum):
    """A database to break."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


@app.command()
def chaos(  # noqa: PLR0913 - one parameter an option
    *,
    rows: Annotated[int, typer.Option(min=100, max=5_000_000, help="people to warn")] = 20_000,
    faults: Annotated[int, typer.Option(min=0, max=10_000, help="faults, one by one")] = 25,
    database: Annotated[Kind, typer.Option(help="of the ledger")] = Kind.SQLITE,
    no_lookup: Annotated[
        bool, typer.Option("--no-lookup", help="the provider's records cannot be read")
    ] = False,
    seed: Annotated[int, typer.Option(help="which faults, when; 0 draws one")] = 0,
    as_json: Json = False,
) -> None:
    """Warn many people while workers, Redis, database, line and provider fail; judge the provider.

    Ends with 0 when it was judged, whatever the judgement; with 1 when it could not run.
    """
    if not BENCH.is_dir():
        refuse("The fault bench lives in a clone: run this from one.", as_json=as_json)
    sys.path.insert(0, str(ROOT))
    bench = import_module("tests.chaos.fan_out")
    wanted = bench.Wanted(
        rows, faults, database.value, not no_lookup, seed or secrets.randbelow(10**9) + 1
    )
    try:
        verdict = asyncio.run(bench.chaos(wanted, say=told))
    except (OSError, TimeoutError, AssertionError) as error:
        refuse(f"The fault bench could not run: {error!r}.", as_json=as_json)
    say(verdict, as_json=as_json)
