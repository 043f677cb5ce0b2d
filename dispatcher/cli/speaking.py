"""How commands speak: one JSON document or readable lines on stdout, all else on stderr."""

import json
import sys
from collections.abc import Callable, Coroutine, Iterable, Mapping
from functools import wraps
from typing import Annotated, Any, NoReturn, ParamSpec, TypeVar

import anyio
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

Json = Annotated[bool, typer.Option("--json", help="one JSON document on stdout")]

stderr = Console(stderr=True)
stdout = Console(highlight=False)


def say(document: Mapping[str, object], *, as_json: bool, lines: Iterable[str] = ()) -> None:
    """Print the answer of a command: the document, or its lines for people."""
    if as_json:
        sys.stdout.write(json.dumps(document, ensure_ascii=False, default=str) + "\n")
        return
    for line in lines or (f"{name}: {value}" for name, value in document.items()):
        stdout.print(line, markup=False, soft_wrap=True)


def refuse(sentence: str, *, as_json: bool, **more: object) -> NoReturn:
    """Say in a sentence why the command was refused, and end with exit code 1."""
    if as_json:
        sys.stdout.write(json.dumps({"refused": sentence, **more}, ensure_ascii=False) + "\n")
    else:
        stderr.print(sentence, markup=False, soft_wrap=True)
    raise typer.Exit(1)


def told(line: str) -> None:
    """Say a line on stderr as it is."""
    typer.echo(line, err=True)


def progress() -> Progress:
    """Return a progress bar for long work, on stderr; it is still where there is no terminal."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=stderr,
        transient=True,
        disable=not stderr.is_terminal,
    )


P = ParamSpec("P")
R = TypeVar("R")


def coroutine(command: Callable[P, Coroutine[Any, Any, R]]) -> Callable[P, R]:
    """Let typer run a command that awaits."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        async def begun() -> R:
            return await command(*args, **kwargs)

        return anyio.run(begun)

    return run
