"""What a change of the plan does not name is kept: comments, members of layers, properties."""

import copy
import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from plans.drawn import SECTORS, Sketch, drop_sector, put_sector, sectors_of
from plans.yaml_edit import Batch, edit_keys, edit_list
from plans.yaml_written import Value
from zones.area import LAYER_LIMITS, AreaRefused
from zones.geojson import read_features

KEYS = ("id", "nom", "tel", "email", "langue")


@st.composite
def records(draw: st.DrawFn) -> tuple[str, list[str]]:
    """Draw a list of two block records whose keys each have comments; return text and comments."""
    said: list[str] = []

    def comment(about: str) -> str:
        said.append(f"# {about}")
        return said[-1]

    lines = ["contacts:"]
    for record in ("a", "b"):
        keys = draw(st.lists(st.sampled_from(KEYS[1:]), min_size=1, unique=True))
        at = draw(st.integers(0, len(keys)))
        for index, key in enumerate((*keys[:at], "id", *keys[at:])):
            lead = "- " if not index else "  "
            if index and draw(st.booleans()):
                lines.append("  " + comment(f"above {record} {key}"))
            behind = "  " + comment(f"behind {record} {key}") if draw(st.booleans()) else ""
            lines.append(f"{lead}{key}: {record if key == 'id' else 'x'}{behind}")
    return "\n".join(lines) + "\n", said


@given(records(), st.sets(st.sampled_from(KEYS[1:])))
def test_clearing_keys_takes_their_own_comment_and_no_other(
    drawn: tuple[str, list[str]], gone: set[str]
) -> None:
    text, said = drawn
    edited = edit_list(text, "contacts", ident="id", batch=Batch({"a": dict.fromkeys(gone, None)}))
    before, after = yaml.safe_load(text), yaml.safe_load(edited)
    for key in gone:
        before["contacts"][0].pop(key, None)
    assert after == before
    lost = {f"# behind a {key}" for key in gone}
    assert [one for one in said if one not in lost and one not in edited] == []


@given(
    st.lists(st.sampled_from("abcdef"), min_size=1, unique=True),
    st.lists(st.sampled_from("abcdefgh"), min_size=1, unique=True),
    st.booleans(),
)
def test_a_list_that_changes_keeps_the_comments_of_the_items_that_stay(
    old: list[str], new: list[str], flow: bool
) -> None:
    if flow:
        inner = "".join(f"\n    # above {one}\n    {one},  # behind {one}" for one in old)
        text = f"k: 1\nmembres: [  # head{inner}\n    # foot\n  ]  # after\nz: 2\n"
    else:
        inner = "".join(f"\n  # above {one}\n  - {one}  # behind {one}" for one in old)
        text = f"k: 1\nmembres:{inner}\nz: 2  # after\n"
    edited = edit_keys(text, (), {"membres": list[Value](new)})
    assert yaml.safe_load(edited) == {"k": 1, "membres": new, "z": 2}
    wanted = [f"{side} {one}" for one in old for side in ("above", "behind") if one in new]
    wanted += ["after", *(["head", "foot"] if flow else [])]
    assert [one for one in wanted if f"# {one}" not in edited] == []
    if old != new:
        lines = {line.strip().lstrip("- ").partition(",")[0].partition(" ")[0]: line
                 for line in edited.splitlines() if "# behind" in line}  # fmt: skip
        kept = [one for one in old if one in new]
        assert [one for one in kept if f"# behind {one}" not in lines[one]] == []


@given(st.sets(st.sampled_from(["nom", "tel", "email"])), st.booleans())
def test_brackets_of_a_record_keep_the_comments_of_the_keys_that_stay(
    gone: set[str], adds: bool
) -> None:
    keys = ("nom", "tel", "email")
    inner = "".join(f"\n     {key}: x,  # about {key}" for key in keys)
    text = f"contacts:\n  - {{id: a,  # the mayor{inner}\n    }}\n  - {{id: b}}  # second\n"
    changes: dict[str, Value | None] = {**dict.fromkeys(gone, None), **({"n": "y"} if adds else {})}
    edited = edit_list(text, "contacts", ident="id", batch=Batch({"a": changes}))
    (first, second) = yaml.safe_load(edited)["contacts"]
    kept = {key: "x" for key in keys if key not in gone}
    assert first == {"id": "a", **kept, **({"n": "y"} if adds else {})}
    assert second == {"id": "b"}
    wanted = ["# the mayor", "# second", *(f"# about {key}" for key in kept)]
    assert [one for one in wanted if one not in edited] == []


def test_a_flow_list_of_records_keeps_the_comments_among_them() -> None:
    text = "contacts: [  # people\n  {id: a},  # first\n  # the deputies\n  {id: b},  # second\n]\n"
    batch = Batch({"b": {"nom": "X"}}, frozenset({"a"}), [{"id": "c"}])
    edited = edit_list(text, "contacts", ident="id", batch=batch)
    assert yaml.safe_load(edited) == {"contacts": [{"id": "b", "nom": "X"}, {"id": "c"}]}
    assert [one for one in ("# people", "# the deputies", "# second") if one not in edited] == []
    assert "# first" not in edited


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda one: st.lists(one, max_size=2) | st.dictionaries(st.text(max_size=4), one, max_size=2),
    max_leaves=4,
)  # fmt: skip
MEMBERS = st.dictionaries(st.text(max_size=6), JSON, max_size=3)
OWN = {"type", "features", "bbox", "crs", "properties", "geometry"}
RING = [[5.0, 47.0], [5.01, 47.0], [5.01, 47.01], [5.0, 47.0]]
SQUARE: dict[str, object] = {"type": "Polygon", "coordinates": [RING]}


@st.composite
def layers(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a layer whose members, features and properties hold more than we know of."""
    more = {name: value for name, value in draw(MEMBERS).items() if name not in OWN}
    features = []
    for ident in ("a", "b", "c"):
        extra = {name: value for name, value in draw(MEMBERS).items() if name not in OWN}
        held = {**draw(MEMBERS), "id": ident, "nom": ident.upper()}
        features.append({**extra, "type": "Feature", "properties": held, "geometry": SQUARE})
    layer = {"type": "FeatureCollection", "features": features}
    return {**more, **layer} if draw(st.booleans()) else {**layer, **more}


@given(layers())
def test_saving_a_sector_keeps_all_else_that_its_layer_holds(layer: dict[str, Any]) -> None:
    files = {SECTORS: json.dumps(layer).encode()}
    saved = json.loads(put_sector(files, Sketch("b", {"nom": "Le Quai"}))[SECTORS])
    wanted = copy.deepcopy(layer)
    wanted["features"][1]["properties"]["nom"] = "Le Quai"
    assert saved == wanted
    assert list(saved) == list(layer)  # in their order too
    dropped = json.loads(drop_sector(files, "a")[SECTORS])
    assert dropped == {**layer, "features": layer["features"][1:]}
    added = json.loads(put_sector(files, Sketch("d", {"nom": "D"}, SQUARE))[SECTORS])
    assert added["features"][:3] == layer["features"]
    assert sectors_of({SECTORS: json.dumps(added).encode()})["d"] == {"id": "d", "nom": "D"}


def test_a_box_that_the_layer_says_of_itself_follows_its_ground() -> None:
    feature = {"type": "Feature", "id": 7, "bbox": [0, 0, 1, 1], "properties": {"id": "a"},
               "geometry": SQUARE}  # fmt: skip
    layer = {"type": "FeatureCollection", "bbox": [0, 0, 1, 1], "features": [feature]}
    files = {SECTORS: json.dumps(layer).encode()}
    wide = {"type": "Polygon", "coordinates": [[[4, 46], [6, 46], [6, 48], [4, 46]]]}
    saved = json.loads(put_sector(files, Sketch("a", {}, wide))[SECTORS])
    assert saved["bbox"] == saved["features"][0]["bbox"] == [4, 46, 6, 48]
    assert saved["features"][0]["id"] == 7
    assert "bbox" not in json.loads(drop_sector(files, "a")[SECTORS])


def test_an_outline_is_put_into_the_coordinates_that_its_layer_names() -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2154"}}
    layer = {"type": "FeatureCollection", "crs": crs, "features": []}
    saved = put_sector({SECTORS: json.dumps(layer).encode()}, Sketch("a", {}, SQUARE))[SECTORS]
    assert json.loads(saved)["crs"] == crs
    (read,) = read_features(saved, limits=LAYER_LIMITS)
    west, south, east, north = read.geometry.bounds
    assert (west, south, east, north) == pytest.approx((5.0, 47.0, 5.01, 47.01), abs=1e-6)
    unknown = {**layer, "crs": {"type": "name", "properties": {"name": "EPSG:0"}}}
    with pytest.raises(AreaRefused):
        put_sector({SECTORS: json.dumps(unknown).encode()}, Sketch("a", {}, SQUARE))


def test_properties_that_are_null_are_no_obstacle() -> None:
    layer = {"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": None, "geometry": SQUARE}]}  # fmt: skip
    files = {SECTORS: json.dumps(layer).encode()}
    saved = json.loads(put_sector(files, Sketch("a", {"nom": "A"}, SQUARE))[SECTORS])
    assert saved["features"][0] == layer["features"][0]
    assert saved["features"][1]["properties"] == {"id": "a", "nom": "A"}


def test_what_is_added_to_the_last_record_and_after_it_is_not_exchanged() -> None:
    text = "contacts:\n  - id: adj1\n    nom: OUDOT\n"
    batch = Batch(
        changed={"adj1": {"email": "oudot@mairie.fr"}}, added=[{"id": "adj2", "nom": "PETIT"}]
    )
    found = yaml.safe_load(edit_list(text, "contacts", ident="id", batch=batch))
    assert found["contacts"] == [
        {"id": "adj1", "nom": "OUDOT", "email": "oudot@mairie.fr"},
        {"id": "adj2", "nom": "PETIT"},
    ]


@pytest.mark.parametrize(
    "written", ["corps:  # à relire\n", "corps:\n  # à relire\n", "corps:\n  vieux  # à relire\n"]
)
def test_a_comment_beside_a_value_never_becomes_part_of_it(written: str) -> None:
    text = edit_keys(f"id: x\n{written}niveau: alerte\n", (), {"corps": "Bonjour,\nmontez."})
    assert yaml.safe_load(text) == {"id": "x", "corps": "Bonjour,\nmontez.", "niveau": "alerte"}
    assert "# à relire" in text


def test_a_key_that_is_filled_and_one_that_is_added_after_it_stay_apart() -> None:
    text = edit_keys("id: x\nqualite:\n", (), {"qualite": "Agent", "structure": "Mairie"})
    assert yaml.safe_load(text) == {"id": "x", "qualite": "Agent", "structure": "Mairie"}
