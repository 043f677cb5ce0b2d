"""Whatever the bytes of a plan, reading it raises nothing and says where."""

import json

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.plan_folders import SMALLEST, model_files, read

_MUTATED = model_files() | {
    f"alerte/modeles/{name}": text.encode()
    for name, text in (("y.yaml", SMALLEST["alerte/modeles/x.yaml"]),)
}
_SPLICES = st.one_of(
    st.binary(max_size=12),
    st.sampled_from(
        [b"", b"null", b"[]", b"{}", b"- ", b": ", b"1e999", b"\xff", b"{secteur", b"~", b"{a"]
    ),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(_MUTATED)), st.floats(0, 1), st.integers(0, 40), _SPLICES)
@example("alerte/modeles/crue_fin.yaml", 0.625, 29, b"{a")  # a blank that nobody declared
def test_a_plan_with_any_bytes_spliced_in_never_raises(
    name: str, where: float, cut: int, splice: bytes
) -> None:
    files = dict(_MUTATED)
    raw = files[name]
    at = int(where * len(raw))
    files[name] = raw[:at] + splice + raw[at + cut :]
    reading = read(files)
    assert (reading.plan is None) == bool(reading.faults)
    assert all(note.file and note.line >= 1 for note in (*reading.faults, *reading.warnings))


_TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda below: (
        st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=6), below, max_size=3)
    ),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(set(model_files()) - {"pcs.yaml"})), _TREES, st.text(max_size=8))
def test_a_file_that_holds_any_tree_never_raises(name: str, tree: object, key: str) -> None:
    files = dict(_MUTATED)
    known = {"annuaire.yaml": "contacts", "centres.yaml": "centres", "risques.yaml": "scenarios"}
    files[name] = json.dumps({known.get(name, key): tree}).encode()
    reading = read(files)
    assert all(note.file and note.line >= 1 for note in (*reading.faults, *reading.warnings))
