"""YAML read with its lines: plain trees only, every refusal with its line, nothing ever raised."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans.faults import Findings
from plans.yaml_lines import DEEPEST, LARGEST, Node, read_yaml


def _read(text: str | bytes) -> tuple[Node | None, Findings]:
    findings = Findings("en")
    raw = text if isinstance(text, bytes) else text.encode()
    return read_yaml("a.yaml", raw, findings), findings


def _lines(findings: Findings) -> list[int]:
    return [fault.line for fault in findings.faults]


def test_a_scalar_keeps_the_text_that_was_typed() -> None:
    tree, findings = _read("code: 01234\nlangue: no\nversion: 2026.10\nheure: 12:30\n")
    assert tree is not None
    assert isinstance(tree.value, dict)
    assert [node.value for node in tree.value.values()] == ["01234", "no", "2026.10", "12:30"]
    assert findings.faults == []


def test_each_value_knows_its_line_and_its_path() -> None:
    tree, _ = _read("a: 1\n\nlist:\n  - x\n  - {deep: y}\n")
    assert tree is not None
    assert isinstance(tree.value, dict)
    items = tree.value["list"].value
    assert isinstance(items, tuple)
    assert isinstance(items[1].value, dict)
    deep = items[1].value["deep"].spot
    assert (deep.file, deep.line, deep.path) == ("a.yaml", 5, "list[1].deep")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: &x [1]\n", 2),
        ("a: 1\nb: *x\n", 2),
        ("a: 1\n\nb: !!python/object/apply:os.system [ls]\n", 3),
        ("a: !secret x\n", 1),
        ("a: !!set {x}\n", 1),
        ("a: 1\nb: 2\na: 3\n", 3),
        ("a: 1\n? [x, y]\n: 2\n", 2),
        ("a: 1\n---\nb: 2\n", 2),
        ("a: 1\nx: [1, 2\n", 2),
        ("a: 'b\n", 1),
        ("a: 1\n\tb: 2\n", 2),
        ("a: b: c\n", 1),
        ("a: \x01\n", 1),
        ("a:\n  b: [1, 2\n  c: 3\n", 2),
        ("a: {b: 1,\n    c: 2\n    d: 3}\n", 2),
        ("a: 1\nb 2\nc: 3\n", 2),
        ("a: 1\n\u00a0 b: 2\nc: 3: 4\n", 2),
        ("a: 1\n<<: {b: 2}\n", 2),
    ],
    ids=[
        "anchor", "alias", "python tag", "own tag", "set tag", "twin key", "list as a key",
        "two documents", "open bracket", "open quote", "tab", "two colons", "control sign",
        "open bracket above", "lacking comma", "lacking colon", "no-break space", "merge",
    ],
)  # fmt: skip
def test_what_a_plan_does_not_need_is_refused_with_its_line(text: str, line: int) -> None:
    _, findings = _read(text)
    assert line in _lines(findings)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("a: 1\n\tb: 2\n", "tabulation"),
        ("a: Crue: centennale\n", "guillemets"),
        ("a 1\nb: 2\n", "deux-points"),
        ("a: [1\nb: 2\n", "crochet"),
        ("a: {b: 1\nc: 2\n", "accolade {"),
        ("a: 'l'eau'\n", "apostrophe"),
        ("a: 'b\n", "guillemet"),
        ("a: @b\n", "guillemets"),
        ("a: *b*\n", "guillemets"),
        ("a: - b\n", "tiret"),
        ('a: "\\q"\n', "doublez-la"),
        ("%YAML 3.0\n---\na: 1\n", "inattendue"),
    ],
)
def test_what_is_malformed_is_said_in_words_a_secretary_knows(text: str, word: str) -> None:
    findings = Findings("fr")
    read_yaml("a.yaml", text.encode(), findings)
    said = findings.faults[0].message
    assert word in said
    assert not {"expected", "found", "mapping", "scalar", "token"} & set(said.split())


def test_bytes_that_are_not_utf8_are_refused_on_their_line() -> None:
    tree, findings = _read(b"a: 1\nb: caf\xe9\n")
    assert tree is None
    assert _lines(findings) == [2]
    assert findings.unread == {"a.yaml"}


def test_a_byte_order_mark_is_no_part_of_the_first_key() -> None:
    tree, findings = _read(b"\xef\xbb\xbfa: 1\n")
    assert tree is not None
    assert isinstance(tree.value, dict)
    assert list(tree.value) == ["a"]
    assert findings.faults == []


def test_a_file_is_read_up_to_its_limit_and_not_beyond() -> None:
    fits = b"a: 1\n" + b"#" * (LARGEST - 5)
    assert _read(fits)[0] is not None
    tree, findings = _read(fits + b"#")
    assert tree is None
    assert "64" in findings.faults[0].message


def test_an_alias_bomb_is_refused_before_it_grows() -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 40)
    )
    started = time.monotonic()
    _, findings = _read(bomb)
    assert time.monotonic() - started < 2
    assert len(findings.faults) > 40


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_deep_nesting_is_refused_at_once(opening: str) -> None:
    started = time.monotonic()
    tree, findings = _read(opening * (LARGEST // len(opening)))
    assert time.monotonic() - started < 2
    assert tree is None
    assert str(DEEPEST) in findings.faults[-1].message


def test_the_deepest_allowed_tree_is_read() -> None:
    tree, findings = _read("[" * DEEPEST + "]" * DEEPEST)
    assert tree is not None
    assert findings.faults == []


@pytest.mark.parametrize("text", ["", "\n", "# only a comment\n", "---\n", "null\n"])
def test_an_empty_file_is_an_empty_mapping(text: str) -> None:
    tree, findings = _read(text)
    assert tree is not None
    assert tree.value == {}
    assert findings.faults == []


@given(st.binary(max_size=400))
def test_no_bytes_ever_raise_and_every_fault_has_a_line(raw: bytes) -> None:
    tree, findings = _read(raw)
    assert tree is not None or findings.faults
    assert all(fault.line >= 1 for fault in findings.faults)


@given(st.text(alphabet="ab:-[]{}&*!?|>'\"#,% \n\t", max_size=120))
def test_no_yaml_like_text_ever_raises(text: str) -> None:
    tree, findings = _read(text)
    assert tree is not None or findings.faults
    assert all(1 <= fault.line <= text.count("\n") + 2 for fault in findings.faults)
