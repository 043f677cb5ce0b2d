"""`bench`: benchmarks of the clone, ours and the peer in one run."""

import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from dispatcher.cli.speaking import Json, refuse, say, stderr

app = typer.Typer(add_completion=False)
ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "tests" / "bench"


@app.command()
def bench(
    names: Annotated[list[str] | None, typer.Argument(help="all, when none is named")] = None,
    *,
    as_json: Json = False,
) -> None:
    """Measure; a goal that is missed is told, and is no failure of the command."""
    known = sorted(path.stem for path in FOLDER.glob("*.py"))
    if not known:
        refuse("The benchmarks live in a clone: run this from one.", as_json=as_json)
    unknown = [name for name in names or () if name not in known]
    if unknown:
        told = f"There is no benchmark '{unknown[0]}': choose among {', '.join(known)}."
        refuse(told, as_json=as_json)
    sys.path.insert(0, str(ROOT))
    results = []
    for name in names or known:
        stderr.print(f"measuring {name} …")
        results.append(dict(import_module(f"tests.bench.{name}").run()))
    say(
        {"benchmarks": results},
        as_json=as_json,
        lines=[
            f"{one['name']}: {one['value']} {one['unit']}"
            f" (goal {one['goal']}: {'met' if one['met'] else 'missed'})"
            for one in results
        ],
    )
