"""The published schema of a plan, its public version, and a map given as a GeoPackage."""

import json
from pathlib import Path
from typing import Any

import geopandas
import jsonschema
import pytest
from shapely.geometry import Polygon

from plans.faults import Findings
from plans.publish import DIALECT, file_schema, json_schema, name_of, public_version
from plans.yaml_lines import Node, read_yaml
from tests.example_commune import EXAMPLE
from tests.plan_folders import MODEL, copy_of_model, read, read_from, smallest

_NUMBERS = {"true": True, "false": False}


def _plain(node: Node) -> object:
    """Give a tree as YAML 1.2 reads it, the way an editor does."""
    if isinstance(node.value, tuple):
        return [_plain(item) for item in node.value]
    if isinstance(node.value, dict):
        return {name: _plain(below) for name, below in node.value.items()}
    if node.quoted or not isinstance(node.value, str):
        return node.value
    if node.value in _NUMBERS:
        return _NUMBERS[node.value]
    try:
        return int(node.value) if node.value.lstrip("-").isdigit() else float(node.value)
    except ValueError:
        return node.value


def _document(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for path in sorted(folder.rglob("*.yaml")):
        name = path.relative_to(folder).as_posix()
        tree = read_yaml(name, path.read_bytes(), Findings())
        assert tree is not None
        document[name] = _plain(tree)
    for path in sorted((folder / "geo").glob("*.geojson")):
        document[path.relative_to(folder).as_posix()] = json.loads(path.read_text())
    return document


def _faults(document: dict[str, Any]) -> list[str]:
    validator = jsonschema.Draft202012Validator(json_schema())
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]


def test_the_schema_is_a_sound_schema_that_json_can_carry() -> None:
    schema = json.loads(json.dumps(json_schema()))
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == DIALECT


@pytest.mark.parametrize("folder", [MODEL, EXAMPLE], ids=["model", "example"])
def test_the_schema_accepts_the_plans_that_ship(folder: Path) -> None:
    assert _faults(_document(folder)) == []


@pytest.mark.parametrize(
    ("file", "path", "value"),
    [
        ("pcs.yaml", ["commune", "code_insee"], 1042),
        ("pcs.yaml", ["plan", "diffusion"], "secrete"),
        ("annuaire.yaml", ["contacts", 0, "tel", 0], "0639980001"),
        ("annuaire.yaml", ["contacts", 0, "id"], "monsieur le maire"),
        ("risques.yaml", ["scenarios", 0, "declencheurs", 0, "source"], "oracle"),
        ("centres.yaml", ["centres", 0, "point"], [4.6, 145.5]),
        ("fiches/FA-ALERTE.yaml", ["etapes", 0, "n"], "un"),
        ("alerte/reglement.yaml", ["cibles", 0, "canaux"], ["pigeon"]),
        ("alerte/reglement.yaml", ["cibles", 1, "selection", "secteurs"], "partout"),
        ("alerte/modeles/crue_fin.yaml", ["cap", "urgency"], "Now"),
        ("equipes.yaml", ["equipes", 0, "effectif_min"], 1),
        ("geo/enjeux.geojson", ["features", 0, "properties", "type"], "chateau"),
    ],
)
def test_the_schema_refuses_what_the_reading_refuses(
    file: str, path: list[str | int], value: object
) -> None:
    document = _document(MODEL)
    at = document[file]
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    faults = _faults(document)
    assert len(faults) == 1
    assert str(path[-1]) in faults[0] or f"[{path[-1]}]" in faults[0]


def test_every_key_tells_an_editor_what_it_is_for() -> None:
    for file in ("pcs.yaml", "annuaire.yaml", "alerte/modeles/*.yaml", "geo/secteurs.geojson"):
        schema = json_schema()["$defs"][name_of(file)]  # type: ignore[index]  # object by design
        assert schema["title"]
        keys = schema["properties"].values()
        assert file.endswith(".geojson") or all(key["description"] for key in keys)


def test_one_file_has_a_schema_of_its_own() -> None:
    card = file_schema("fiches/*.yaml")
    assert card["$schema"] == DIALECT
    jsonschema.Draft202012Validator(card).validate({"id": "FA-1", "titre": "Alerter"})
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(card).validate({"id": "FA-1"})
    with pytest.raises(KeyError):
        file_schema("autre.yaml")
    assert file_schema("fiches/FA-1.yaml") == card
    assert file_schema("alerte/modeles/x.yaml")["title"].startswith("Modèle")  # type: ignore[attr-defined]  # a text


@pytest.mark.parametrize("folder", [MODEL, EXAMPLE], ids=["model", "example"])
def test_the_public_version_holds_no_person_phone_mail_key_or_team(folder: Path) -> None:
    plan = read_from(folder).plan
    assert plan is not None
    text = json.dumps(public_version(plan), ensure_ascii=False)
    assert plan.sectors[0].name in text
    private = [word for contact in plan.contacts for word in (contact.name, *contact.phones)]
    private += [contact.email for contact in plan.contacts if contact.email]
    private += [
        phone for service in plan.outside_services for phone in service.phones if len(phone) > 5
    ]
    private += [centre.keys for centre in plan.centres if centre.keys]
    private += [team.call_sign for team in plan.teams] + [asset.name for asset in plan.assets]
    assert private
    assert [
        word for word in private if f'"{word}"' in text or (len(word) > 7 and word in text)
    ] == []


def test_the_public_version_shows_where_to_go_but_not_where_one_commands() -> None:
    plan = read_from(MODEL).plan
    assert plan is not None
    centres = public_version(plan)["centres"]
    assert centres == [
        {"id": "gymnase", "libelle": "Gymnase du Plateau", "point": [4.606, 45.5275]}
    ]


def _as_geopackage(folder: Path, layers: tuple[str, ...]) -> None:
    for layer in layers:
        path = folder / "geo" / f"{layer}.geojson"
        frame = geopandas.read_file(path).to_crs(2154)
        frame.to_file(folder / "geo" / "pcs.gpkg", layer=layer, driver="GPKG")
        path.unlink()


def test_a_geopackage_in_lambert_93_reads_to_the_same_plan(tmp_path: Path) -> None:
    folder = copy_of_model(tmp_path)
    _as_geopackage(folder, ("commune", "secteurs", "zones_alea", "enjeux"))
    model, reading = read_from(MODEL), read_from(folder)
    assert reading.faults == ()
    assert reading.plan is not None
    assert model.plan is not None
    assert [sector.id for sector in reading.plan.sectors] == ["bas_bourg", "prairie", "plateau"]
    assert [sector.households for sector in reading.plan.sectors] == [190, 20, 400]
    for one, other in zip(reading.plan.sectors, model.plan.sectors, strict=True):
        assert one.area.geometry.equals_exact(other.area.geometry, 1e-8)
    assert reading.plan.asset("camping").headcount == 250
    assert reading.plan.hazard_zones[0].depth_m == 1.5


def test_a_geopackage_may_hold_some_layers_and_geojson_the_others(tmp_path: Path) -> None:
    folder = copy_of_model(tmp_path)
    _as_geopackage(folder, ("secteurs",))
    reading = read_from(folder)
    assert reading.plan is not None, reading.faults
    assert len(reading.plan.sectors) == 3
    assert len(reading.plan.assets) == 3
    assert reading.plan.outline is not None


def test_a_geopackage_without_sectors_leaves_nobody_to_alert() -> None:
    files = smallest()
    del files["geo/secteurs.geojson"]
    files["geo/pcs.gpkg"] = b"no database"
    faults = read(files).faults
    assert {fault.file for fault in faults} == {"geo/pcs.gpkg"}


def test_a_geopackage_that_lacks_the_sectors_is_refused(tmp_path: Path) -> None:
    folder = copy_of_model(tmp_path)
    frame = geopandas.GeoDataFrame(
        {"id": ["x"], "geometry": [Polygon([(4.59, 45.52), (4.6, 45.52), (4.6, 45.53)])]}, crs=4326
    )
    (folder / "geo" / "secteurs.geojson").unlink()
    frame.to_file(folder / "geo" / "pcs.gpkg", layer="autre", driver="GPKG")
    reading = read_from(folder)
    assert ("geo/pcs.gpkg", "secteurs") in {(fault.file, fault.path) for fault in reading.faults}
