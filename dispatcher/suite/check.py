"""Format, lint, types and import contracts: what `tocsin check` asks of the code."""

from dispatcher.suite.tools import ENVIRONMENT, ROOT, Outcome, Say, outcome_of

_TOOLS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("format", ("ruff", "format", "--check", ".")),
    ("lint", ("ruff", "check", ".")),
    ("types", ("mypy",)),
    ("import contracts", ("lint-imports", "--no-cache")),
)


async def check(*, say: Say) -> list[Outcome]:
    """Run every check, also after one has failed; the code is sound where all codes are 0."""
    programs = ENVIRONMENT / "bin"
    return [
        await outcome_of(name, (programs / words[0], *words[1:]), say=say, cwd=ROOT)
        for name, words in _TOOLS
    ]
