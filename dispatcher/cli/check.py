"""`check`: format, lint, types, import contracts."""

import asyncio

import typer

from dispatcher.cli.speaking import Json, say, told
from dispatcher.suite.check import check as checked

app = typer.Typer(add_completion=False)


@app.command()
def check(*, as_json: Json = False) -> None:
    """Run every check, and end with 1 if one of them fails."""
    outcomes = asyncio.run(checked(say=told))
    failed = [one.name for one in outcomes if one.code]
    say(
        {"failed": failed},
        as_json=as_json,
        lines=["All checks passed." if not failed else f"Failed: {', '.join(failed)}."],
    )
    if failed:
        raise typer.Exit(1)
