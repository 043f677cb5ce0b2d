"""What the ground says of a faulty layer is said in French, whichever sentence it is."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import zones
from plans.layer_sentences import in_french

_ROOMS = (
    "document", "outlines", "positions", "soundness", "geojson", "atlas", "archive", "reprojection",
    "drawing", "metres",
)  # fmt: skip
# Said of an area or of an archive, which a plan's layers never are.
_ELSEWHERE = (
    "Say which layer", "Areas are read from", "There is no layer",
    "The file holds no layer of polygons", "The layer holds no feature", "The zip ", "the zip ",
    "Two layers of the zip", "a name in the zip", "it unpacks", "the gzip", "it holds X files",
    "A geometry is not read here", "Longitudes and latitudes must be two columns",
)  # fmt: skip
_WRAPPED = {"archive": "The file cannot be read: ", "atlas": "Feature 1 of 3 in layer 'secteurs': "}


def _sentences(room: str) -> Iterator[str]:
    tree = ast.parse((Path(zones.__file__).parent / f"{room}.py").read_text(encoding="utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    inner = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)
             for part in node.values}  # fmt: skip
    for node in ast.walk(tree):
        if id(node) in docstrings or id(node) in inner:
            continue
        parts = node.values if isinstance(node, ast.JoinedStr) else [node]
        words = [str(part.value) if isinstance(part, ast.Constant) else "X" for part in parts]
        text = "".join(words)
        if isinstance(node, ast.Constant | ast.JoinedStr) and text.endswith(".") and " " in text:
            yield text


_SAID = [
    (room, text)
    for room in _ROOMS
    for text in _sentences(room)
    if not text.startswith(_ELSEWHERE)
]  # fmt: skip


def test_the_sentences_of_the_ground_are_found() -> None:
    assert len(_SAID) >= 35


@pytest.mark.parametrize(("room", "text"), _SAID)
def test_every_sentence_of_the_ground_has_its_french(room: str, text: str) -> None:
    wrapped = text
    if text[0].islower() or text.startswith("XX;"):
        wrapped = _WRAPPED.get(room, "Feature 1 of 3: ") + text
    assert "en anglais" not in in_french(wrapped), wrapped


def test_a_fault_keeps_its_figures_and_its_place() -> None:
    said = in_french(
        "Feature 2 of 3 in layer 'secteurs': the outline crosses or touches itself near longitude "
        "4.595, latitude 45.525; correct the drawing."
    )
    assert said.startswith("objet 2 sur 3 de la couche « secteurs » : le contour se croise")
    assert "longitude 4.595, latitude 45.525" in said


def test_a_sentence_nobody_translated_is_kept_and_said_to_be_english() -> None:
    assert in_french("Something new.") == "Something new. (détail en anglais)"
