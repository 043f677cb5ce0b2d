"""What the zone's page refuses and what its map says are said in both languages."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import operator_ui
from operator_ui.words import translations
from operator_ui.zone_words import DRAW_WORDS

HERE = Path(operator_ui.__file__).parent
FILES = ("zone_tools.py", "zone_proposals.py", "zone_step.py")


def _refusals() -> Iterator[str]:
    calls = (
        node
        for name in FILES
        for node in ast.walk(ast.parse((HERE / name).read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    )
    for call in calls:
        refuses = getattr(call.func, "id", "") in ("ZoneRefused", "NotNow")
        if refuses and isinstance(call.args[0], ast.Constant):
            yield str(call.args[0].value)


REFUSALS = list(_refusals())


def test_the_refusals_are_found() -> None:
    assert len(REFUSALS) >= 20


@pytest.mark.parametrize("said", [*REFUSALS, *DRAW_WORDS.values()])
def test_each_has_its_english_with_the_same_blanks(said: str) -> None:
    english = translations("en").gettext(said)
    assert english != said
    assert set(re.findall(r"\{\w+\}|%\(\w+\)s", english)) == set(
        re.findall(r"\{\w+\}|%\(\w+\)s", said)
    )


def test_the_map_says_nothing_that_has_no_words() -> None:
    script = (HERE / "frontend" / "src" / "draw.ts").read_text("utf-8")
    keys = set(re.findall(r'told\("(\w+)"', script)) | {"polygon", "circle", "line"}
    assert keys == set(DRAW_WORDS)
