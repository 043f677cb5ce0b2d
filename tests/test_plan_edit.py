"""A plan's YAML is changed where its author would have: nothing else of the file moves."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from plans.faults import Findings
from plans.folder import files_of
from plans.sections import BY_NAME, SECTIONS, edit_records, plain, records_of, users_of
from plans.typed import cell, changes_of, from_cell, told, typed
from plans.yaml_edit import Batch, NoSuchRecord, edit_keys, edit_list
from plans.yaml_lines import read_yaml
from plans.yaml_written import Value, below, document, inline, mapping
from tests.example_commune import EXAMPLE

FLOW = """# head
contacts:
  # the mayor
  - {id: maire, nom: VASSEUR, tel: ["+33639980001"]}   # first
  - {id: adj,   nom: OUDOT}
# foot
"""
BLOCK = """contacts:
- id: maire
  nom: VASSEUR  # as on the card
  tel:
    - "+33639980001"
- id: adj
  nom: OUDOT
"""
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=60)


def test_one_value_is_changed_and_every_other_byte_stays() -> None:
    batch = Batch({"maire": {"nom": "MARTIN"}})
    assert edit_list(FLOW, "contacts", ident="id", batch=batch) == FLOW.replace("VASSEUR", "MARTIN")
    assert edit_list(BLOCK, "contacts", ident="id", batch=batch) == BLOCK.replace(
        "VASSEUR", "MARTIN"
    )


def test_a_key_is_added_and_another_taken_out_in_the_manner_of_the_record() -> None:
    batch = Batch({"maire": {"tel": None, "prenom": "Hélène"}})
    flow = edit_list(FLOW, "contacts", ident="id", batch=batch)
    assert "  - {id: maire, nom: VASSEUR, prenom: Hélène}   # first\n" in flow
    block = edit_list(BLOCK, "contacts", ident="id", batch=batch)
    assert block.startswith(
        "contacts:\n- id: maire\n  nom: VASSEUR  # as on the card\n  prenom: Hélène\n- id: adj"
    )


def test_a_record_is_removed_with_its_line_and_one_is_added_after_the_last() -> None:
    batch = Batch({}, frozenset({"maire"}), [{"id": "rac", "nom": "A: B"}])
    edited = edit_list(FLOW, "contacts", ident="id", batch=batch)
    assert edited == (
        "# head\ncontacts:\n  # the mayor\n  - {id: adj,   nom: OUDOT}\n"
        '  - {id: rac, nom: "A: B"}\n# foot\n'
    )


def test_the_last_record_leaves_an_empty_list() -> None:
    batch = Batch({}, frozenset({"maire", "adj"}))
    for text in (FLOW, BLOCK, "contacts: [{id: maire}, {id: adj}]\n"):
        edited = edit_list(text, "contacts", ident="id", batch=batch)
        assert yaml.safe_load(edited) == {"contacts": []}


@pytest.mark.parametrize("text", ["", "# only words\n", "contacts:\n", "contacts: []\n", "a: 1"])
def test_a_list_begins_where_there_was_none(text: str) -> None:
    batch = Batch({}, added=[{"id": "a"}, {"id": "b"}])
    edited = edit_list(text, "contacts", ident="id", batch=batch)
    assert yaml.safe_load(edited)["contacts"] == [{"id": "a"}, {"id": "b"}]
    assert edited.startswith(text[:6].replace("contac", ""))


def test_a_record_that_is_not_there_is_told() -> None:
    with pytest.raises(NoSuchRecord):
        edit_list(FLOW, "contacts", ident="id", batch=Batch({"nobody": {"nom": "X"}}))


def test_keys_are_made_where_their_mapping_is_absent() -> None:
    edited = edit_keys("id: x\n", ("email",), {"objet": "Crue", "corps": "une\n\ndeux"})
    assert yaml.safe_load(edited) == {"id": "x", "email": {"objet": "Crue", "corps": "une\n\ndeux"}}
    deeper = edit_keys(edited, ("traductions", "en"), {"sms": "Flood"})
    assert yaml.safe_load(deeper)["traductions"] == {"en": {"sms": "Flood"}}


def test_a_block_of_lines_ends_before_the_key_that_follows() -> None:
    text = "sms: |\n  a\n  b\n\nvoix: x\n"
    assert edit_keys(text, (), {"sms": "c"}) == "sms: c\n\nvoix: x\n"


def test_lines_of_a_message_stay_lines_that_people_read() -> None:
    edited = edit_keys("id: x\nsms: court\n", (), {"sms": "une\n\n- deux"})
    assert edited == "id: x\nsms: |-\n  une\n\n  - deux\n"


def _read(text: str) -> object:
    node = read_yaml("x.yaml", text.encode(), findings := Findings())
    assert node is not None, findings.faults
    return plain(node)


@given(st.dictionaries(st.sampled_from(["nom", "sms", "tel"]), WORDS.filter(str), min_size=1))
def test_whatever_is_written_is_read_back_the_same(values: dict[str, Value]) -> None:
    assert _read(mapping(values)) == values
    assert _read(f"a: {inline(values)}") == {"a": values}


@given(WORDS.filter(str))
def test_whatever_is_put_in_a_record_is_read_back_and_the_rest_is_as_it_was(text: str) -> None:
    for source in (FLOW, BLOCK):
        edited = edit_list(source, "contacts", ident="id", batch=Batch({"maire": {"nom": text}}))
        before, after = _read(source), _read(edited)
        assert isinstance(before, dict)
        assert isinstance(after, dict)
        before["contacts"][0]["nom"] = text
        assert after == before


def test_a_document_reads_back() -> None:
    values: dict[str, Value] = {"schema": "pcs/1", "a": {"b": "c", "d": "1\n2"}, "l": [{"id": "x"}]}
    assert _read(document(values, about="words").decode()) == {**values}
    assert below("a\nb", 2) == "|-\n    a\n    b"


@pytest.mark.parametrize("section", SECTIONS, ids=lambda one: str(one.name))
def test_every_record_of_the_example_goes_through_its_form_and_comes_back_unchanged(
    section: object,
) -> None:
    part = BY_NAME[section.name]  # type: ignore[attr-defined]
    for record in records_of(files_of(EXAMPLE), part).values():
        read = {key.name: typed(key, told(key, record.get(key.name)), str) for key in part.keys}
        assert changes_of(part.keys, record, read) == {}
        cells = {key.name: cell(key, record.get(key.name)) for key in part.keys}
        back = {key.name: from_cell(key, cells[key.name], str) for key in part.keys}
        assert changes_of(part.keys, record, back) == {}


def test_who_names_a_record_stands_in_its_way() -> None:
    users = users_of(files_of(EXAMPLE), "contact", "chef_voirie")
    assert ("equipes", "TERRAIN1") in users
    assert ("cellules", "LOG") in users


def test_a_saved_record_is_one_line_of_the_file() -> None:
    files = files_of(EXAMPLE)
    batch = Batch({"maire": {"tel": ["+33639980099"]}})
    edited = edit_records(files, BY_NAME["annuaire"], batch)
    changed = [
        (old, new)
        for old, new in zip(
            files["annuaire.yaml"].splitlines(), edited["annuaire.yaml"].splitlines(), strict=True
        )
        if old != new
    ]
    assert len(changed) == 1
    assert {name for name in files if files[name] != edited[name]} == {"annuaire.yaml"}
