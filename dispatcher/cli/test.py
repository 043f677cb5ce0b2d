"""`test`: install what the suite needs, real parts included, and run it."""

import asyncio

import typer

from dispatcher.cli.speaking import told
from dispatcher.suite.testing import run_tests

app = typer.Typer(add_completion=False)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def test(context: typer.Context) -> None:
    """Run the suite; arguments go to pytest."""
    raise typer.Exit(asyncio.run(run_tests(context.args, say=told)))
