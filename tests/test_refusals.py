"""What refuses an act says so in the reader's language, names and figures in their places."""

import ast
import string
from collections.abc import Iterator
from pathlib import Path

from starlette.requests import Request

from dispatcher.alerts.refusals import NotSo, NotThere
from operator_ui.crisis import told
from operator_ui.words import sentence, translations

ROOT = Path(__file__).parents[1]
REFUSALS = {"NotSo", "NotThere", "NotNow", "NotYou", "AlertRefused", "LineRefused"}


def raised() -> Iterator[tuple[str, ast.Call]]:
    """Give each refusal of the code, with where it stands."""
    for floor in ("dispatcher", "operator_ui"):
        for path in (ROOT / floor).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in REFUSALS:
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_each_refusal_can_be_told_in_english() -> None:
    found, english = 0, translations("en")
    for where, node in raised():
        first = node.args[0] if node.args else None
        assert not isinstance(first, ast.JoinedStr), f"{where}: give its values by name"
        if not isinstance(first, ast.Constant):
            continue
        said = str(first.value)
        if not node.keywords:
            assert sentence(said, "en") != said, f"{where}: « {said} » has no English"
            continue
        given = {one.arg for one in node.keywords}
        assert blanks(said) == given, where
        assert blanks(english.gettext(said)) == given, where
        assert english.gettext(said) != said, f"{where}: « {said} » has no English"
        found += 1
    assert found > 50


def test_a_refusal_is_told_in_the_language_of_the_page() -> None:
    refusal = NotThere("Le plan n'a pas de secteur « {unknown} ».", unknown="{0} 12")
    assert str(refusal) == "Le plan n'a pas de secteur « {0} 12 »."
    assert sentence(refusal, "fr") == str(refusal)
    assert sentence(refusal, "en") == "The plan has no sector “{0} 12”."


def test_braces_of_a_sentence_without_values_are_left_alone() -> None:
    assert str(NotSo("Le blanc {secteur} manque.")) == "Le blanc {secteur} manque."


def test_a_page_marks_the_language_that_a_refusal_is_in() -> None:
    request = Request(
        {"type": "http", "headers": [(b"cookie", b"tocsin-lang=en")], "query_string": b""}
    )
    assert told(request, NotThere("Le plan n'a pas de secteur « {unknown} ».", unknown="x")) == {
        "said": "The plan has no sector “x”.",
        "lang": "en",
    }
    assert told(request, NotSo("Une phrase sans anglais."))["lang"] == "fr"
