"""The command line as scripts use it: one JSON document, exit codes, refusals in sentences."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.offices import ADDRESSES, SHARED, ZONES, bruz_plan, write_plan

ROOT = Path(__file__).parents[1]
ROMANCHE = SHARED / "bruz" / "romanche_alea_shifted_to_bruz_FICTITIOUS.geojson.gz"


def tocsin(*words: str, data_dir: Path | None = None) -> tuple[int, Any, str]:
    settings = [f"TOCSIN_DATA_DIR={data_dir}"] if data_dir else []
    done = subprocess.run(
        ["env", *settings, sys.executable, "-m", "dispatcher.cli", *words],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    try:
        return done.returncode, json.loads(done.stdout), done.stderr
    except ValueError:
        return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("rank", range(5))
def test_area_count_gives_the_known_hits_of_each_zone(rank: int, tmp_path: Path) -> None:
    drawn = json.loads(ZONES.read_bytes())
    zone = drawn["features"][rank]
    path = tmp_path / "zone.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [zone]}))
    code, answer, err = tocsin("area", "count", str(path), str(ADDRESSES), "--json")
    assert code == 0, err
    assert answer["inside"] == zone["properties"]["hits"]
    assert answer["inside"] + answer["outside"] + answer["unlocated"] == 5760


def test_area_count_refuses_an_invalid_feature_by_its_number_or_leaves_it_out() -> None:
    code, answer, _ = tocsin("area", "count", str(ROMANCHE), str(ADDRESSES), "--json")
    assert code == 1
    assert "features[" in answer["refused"]
    words = ("area", "count", str(ROMANCHE), str(ADDRESSES), "--without-invalid", "--json")
    code, answer, _ = tocsin(*words)
    assert (code, answer["inside"], len(answer["left_out"])) == (0, 988, 1)


def test_area_count_tells_the_lines_it_cannot_place_and_how_many_more(tmp_path: Path) -> None:
    addresses = tmp_path / "addresses.csv"
    rows = [f"{row};est;48.0" for row in range(30)]
    addresses.write_text("\n".join(["id;lon;lat", *rows]))
    code, answer, err = tocsin("area", "count", str(ZONES), str(addresses), "--json")
    assert (code, answer["unlocated"]) == (0, 30)
    assert "line 2: The longitude 'est' is not a number" in err
    assert "10 more lines" in err


def test_sms_measure_names_what_makes_a_text_dearer() -> None:
    code, answer, _ = tocsin("sms", "measure", "Soyez prêts à évacuer", "--json")
    assert code == 0
    assert answer["encoding"] == "UCS-2"
    assert answer["offending"] == ["ê"]


def test_a_plan_is_loaded_and_a_faulty_reload_keeps_it(tmp_path: Path) -> None:
    plan = write_plan(tmp_path / "plan", bruz_plan("circle_150m"))
    data = tmp_path / "data"
    code, answer, err = tocsin("plan", "load", str(plan), "--json", data_dir=data)
    assert (code, answer["valid"]) == (0, True), err
    (plan / "pcs.yaml").write_text('commune: {code_insee: "35047"\n')
    code, answer, _ = tocsin("plan", "load", str(plan), "--json", data_dir=data)
    assert (code, answer["valid"]) == (1, False)
    assert answer["faults"][0]["file"].endswith("pcs.yaml")
    (plan / "pcs.yaml").unlink()
    (plan / "pcs.yaml").symlink_to("/etc/hostname")
    code, answer, _ = tocsin("plan", "load", str(plan), "--json", data_dir=data)
    assert (code, "lien" in answer["faults"][0]["message"]) == (1, True)
    code, said, _ = tocsin("plan", "load", str(plan), data_dir=data)
    assert "Fautes (✗) : 1." in said
    assert "n'est pas chargé" in said
    code, answer, _ = tocsin("log", "verify", "--json", data_dir=data)
    assert code == 0
    assert {"entries": 1, "valid": True, "first_bad": None}.items() <= answer.items()


def test_residents_and_addresses_come_from_files_with_each_refused_line_told(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    plan = write_plan(tmp_path / "plan", bruz_plan("circle_150m"))
    tocsin("plan", "load", str(plan), data_dir=data)
    code, answer, err = tocsin("residents", "addresses", str(ADDRESSES), "--json", data_dir=data)
    assert (code, answer["addresses"]) == (0, 5760), err
    people = tmp_path / "people.csv"
    people.write_text(
        "id,nom,prenom,lon,lat,tel_mobile\n"
        "1,DURAND,Léa,-1.748,48.026,06 39 98 01 01\n"
        "2,HENRY,Yves,-1.748,48.026,12\n",
        encoding="utf-8",
    )
    code, answer, err = tocsin("residents", "import", str(people), "--json", data_dir=data)
    assert code == 0, err
    assert [one["line"] for one in answer["rejected"] + answer["warnings"]] == [3]
    assert answer["unlocated"] == 0
    people.write_text("nom,voie,tel_mobile,chien\nDURAND,rue Haute,0639980101,Rex\n")
    code, told, _ = tocsin("residents", "import", str(people), data_dir=data)
    assert code == 0
    assert "1 lignes n'ont pas de coordonnées" in told
    assert "« chien » : non lue" in told


def test_a_resident_is_given_a_copy_and_erased_by_the_id_of_the_file(tmp_path: Path) -> None:
    data, people = tmp_path / "data", tmp_path / "habitants.csv"
    plan = write_plan(tmp_path / "plan", bruz_plan("circle_150m"))
    tocsin("plan", "load", str(plan), "--json", data_dir=data)
    people.write_text("id,nom,tel_mobile\nP1,DURAND,0639980101\n")
    tocsin("residents", "import", str(people), "--json", data_dir=data)
    code, held, _ = tocsin("residents", "export", "P1", "--json", data_dir=data)
    assert code == 0
    assert "+33639980101" in json.dumps(held)
    assert tocsin("residents", "erase", "P1", "--json", data_dir=data)[0] == 0
    code, answer, _ = tocsin("residents", "export", "P1", "--json", data_dir=data)
    assert code == 1
    assert "P1" in answer["refused"]


def test_an_act_needs_somebody_who_may(tmp_path: Path) -> None:
    data = tmp_path / "data"
    plan = write_plan(tmp_path / "plan", bruz_plan("circle_150m"))
    tocsin("plan", "load", str(plan), data_dir=data)
    words = ("alert", "draft", "--scenario", "crue", "--json", "--as")
    code, answer, _ = tocsin(*words, "inconnue", data_dir=data)
    assert code == 1
    assert "inconnue" in answer["refused"]


@pytest.mark.parametrize(
    "words", [("nothing",), ("area", "count"), ("alert", "launch"), ("plan", "chek", "x")]
)
def test_wrong_usage_ends_with_two(words: tuple[str, ...]) -> None:
    code, _, err = tocsin(*words)
    assert code == 2
    assert err


def test_without_a_plan_the_refusal_says_what_to_do(tmp_path: Path) -> None:
    code, answer, _ = tocsin("alert", "show", "x", "--json", data_dir=tmp_path)
    assert code == 1
    assert "plan load" in answer["refused"]


def test_run_prints_a_unit_and_the_schema_is_json(tmp_path: Path) -> None:
    code, unit, _ = tocsin("run", "--unit", data_dir=tmp_path)
    assert code == 0
    assert "ExecStart=" in unit
    code, told, _ = tocsin("run", "--unit", "--json", data_dir=tmp_path)
    assert (code, told["unit"].strip()) == (0, unit.strip())
    for words in (("plan", "schema"), ("plan", "schema", "--json")):
        code, schema, _ = tocsin(*words)
        assert code == 0
        assert "$schema" in schema
    code, card, _ = tocsin("plan", "schema", "fiches/FA-1.yaml")
    assert (code, card["title"]) == (0, "Fiche (fiches/*.yaml)")
    code, _, err = tocsin("plan", "schema", "truc.yaml")
    assert code == 1
    assert "pcs.yaml" in err


def test_a_worker_without_a_provider_says_which_settings_are_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_SMTP_HOST", "mail.vaubrenne.example")
    code, _, err = tocsin("worker", data_dir=tmp_path)
    assert code == 1
    assert "sms (TOCSIN_TWILIO_…)" in err
    assert "webhook (TOCSIN_WEBHOOK_SIGNING)" in err
    assert "email" not in err
