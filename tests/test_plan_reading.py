"""A folder becomes a plan: what is read, what is missing, and every fault at once."""

from datetime import date
from pathlib import Path

import pytest

from plans.folder import PREVENTS
from plans.reading import files_of
from plans.yaml_lines import LARGEST
from tests.plan_folders import (
    MODEL,
    SMALLEST,
    copy_of_model,
    only,
    read,
    read_from,
    smallest,
    swap,
)
from zones.area import Place


def test_the_model_is_valid_and_says_what_it_lacks() -> None:
    reading = read_from(MODEL)
    assert reading.valid
    assert reading.faults == ()
    assert {warning.path for warning in reading.warnings} == {
        "sms",
        "numero_appelant",
        "risques_recenses",
        *(f"cellules[{index}].suppleant" for index in range(7)),
    }


def test_the_model_reads_into_the_values_it_was_written_with() -> None:
    plan = read_from(MODEL).plan
    assert plan is not None
    assert (plan.commune.insee, plan.commune.name) == ("99042", "Valombre-sur-Lerne")
    assert (plan.commune.department, plan.commune.timezone) == ("42", "Europe/Paris")
    assert plan.version == "2026.1"
    assert [level.code for level in plan.levels] == ["veille", "vigilance", "pre_alerte", "alerte"]
    assert plan.role("DOS").people == ("maire", "adj1", "adj2")
    assert plan.contact("adj2").full_name == "Inès ROUX"
    assert plan.scenario("lerne_q100").sectors == ("bas_bourg", "prairie")
    assert plan.scenario("lerne_q100").triggers[3].threshold == 3.40
    assert plan.sector("bas_bourg").households == 190
    assert plan.asset("camping").place == Place(lon=4.5915, lat=45.5175)
    assert plan.centre("gymnase").units == 3
    assert plan.policy.sender == "Valombre"
    assert plan.policy.targets[0].media == ("voice", "sms")
    assert plan.policy.targets[2].sectors == "all"
    assert plan.template("crue_fin").level == "levee"
    assert plan.template("crue_fin").cap.response_type == ("AllClear",)
    assert [contact.id for contact in plan.approver_contacts()] == ["maire", "adj1", "adj2"]
    assert plan.outline is not None
    assert plan.outline.covers_place(Place(lon=4.6, lat=45.525))


def test_the_legal_dates_follow_from_those_that_are_given() -> None:
    plan = read_from(MODEL).plan
    assert plan is not None
    assert plan.revision_due == date(2031, 2, 10)
    assert plan.exercise_due == date(2030, 10, 9)
    assert plan.adoption_due == date(2026, 5, 2)


def test_one_dos_one_deputy_one_sector_and_one_template_make_a_valid_plan() -> None:
    reading = read(smallest())
    assert reading.faults == ()
    assert reading.plan is not None
    assert reading.plan.policy.sender == "Valombre"
    assert [target.media[0] for target in reading.plan.policy.targets] == ["voice", "sms"]
    assert reading.plan.template("x").variables == ("secteur",)
    assert reading.plan.level("alerte").command_post == "full"


def test_what_the_smallest_plan_lacks_is_told_with_what_it_prevents() -> None:
    warnings = read(smallest()).warnings
    absent = {warning.file for warning in warnings if "Le fichier manque" in warning.message}
    assert absent == {*PREVENTS, "alerte/reglement.yaml"} - set(SMALLEST)
    assert "« Valombre »" in only(warnings, "alerte/reglement.yaml", "emetteur_sms").message


@pytest.mark.parametrize("name", list(SMALLEST))
def test_without_any_one_file_the_smallest_plan_is_refused(name: str) -> None:
    files = smallest()
    del files[name]
    reading = read(files)
    assert not reading.valid
    assert any(fault.file == name or name.startswith(fault.file) for fault in reading.faults)


def test_the_model_without_its_optional_files_is_still_valid(tmp_path: Path) -> None:
    folder = copy_of_model(tmp_path)
    (folder / "geo" / "commune.geojson").unlink()
    (folder / "geo" / "zones_alea.geojson").unlink()
    (folder / "geo" / "enjeux.geojson").unlink()
    reading = read_from(folder)
    assert reading.valid
    for layer in ("commune", "zones_alea", "enjeux"):
        assert "manque" in only(reading.warnings, f"geo/{layer}.geojson", "").message


def test_private_files_papers_and_hidden_files_are_not_read(tmp_path: Path) -> None:
    folder = copy_of_model(tmp_path)
    for name in ("prive/extra.yaml", "documents/dicrim.yaml", ".git/config.yaml"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("a: 1")
    (folder / "notes.txt").write_text("a")
    names = set(files_of(folder))
    assert "pcs.yaml" in names
    assert "geo/secteurs.geojson" in names
    assert not [name for name in names if name.startswith(("prive", "documents", ".", "notes"))]


def test_a_link_that_leaves_the_folder_is_not_followed(tmp_path: Path) -> None:
    folder = copy_of_model(tmp_path)
    secret = tmp_path / "secret.yaml"
    secret.write_text("password: x")
    (folder / "fiches" / "FA-SECRET.yaml").symlink_to(secret)
    assert "fiches/FA-SECRET.yaml" not in files_of(folder)


def test_a_file_too_large_is_refused_without_being_held(tmp_path: Path) -> None:
    folder = copy_of_model(tmp_path)
    (folder / "moyens.yaml").write_bytes(b"#" * (LARGEST * 50))
    assert len(files_of(folder)["moyens.yaml"]) == LARGEST + 1
    assert only(read_from(folder).faults, "moyens.yaml", "").line == 1


def test_a_folder_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    reading = read_from(tmp_path / "nowhere")
    assert not reading.valid
    assert reading.faults[0].file == "pcs.yaml"


def test_all_faults_are_told_at_once_each_with_its_place(tmp_path: Path) -> None:
    folder = copy_of_model(tmp_path)
    expected = {
        (name, swap(folder, name, old, new=new))
        for name, old, new in (
            ("pcs.yaml", "population: 2480", "population: beaucoup"),
            ("annuaire.yaml", '"+33639980005"', '"06 39 98 00 05"'),
            ("equipes.yaml", "chef: pm1", "chef: pm9"),
            ("moyens.yaml", "quantite: 40", "quantite: quarante"),
        )
    }
    (folder / "fiches" / "FA-ALERTE.yaml").write_text("id: FA-ALERTE\ntitre: [")
    reading = read_from(folder)
    found = {(fault.file, fault.line) for fault in reading.faults}
    assert found == expected | {("fiches/FA-ALERTE.yaml", 2)}
    assert not reading.valid
    assert reading.plan is None


@pytest.mark.parametrize("name", ["pcs.yaml", "annuaire.yaml", "risques.yaml", "centres.yaml"])
@pytest.mark.parametrize("tail", ["\nx: [1, 2\n", "\nx1: &a [1]\nx2: *a\n"])
def test_a_broken_file_is_named_and_nothing_else_is_blamed(
    tmp_path: Path, name: str, tail: str
) -> None:
    folder = copy_of_model(tmp_path)
    with (folder / name).open("a") as file:
        file.write(tail)
    reading = read_from(folder)
    assert not reading.valid
    assert {fault.file for fault in reading.faults} == {name}
    assert all(fault.line > 1 for fault in reading.faults)


def test_an_unknown_key_is_told_with_its_line_and_the_nearest_known_one(tmp_path: Path) -> None:
    folder = copy_of_model(tmp_path)
    line = swap(folder, "pcs.yaml", "diffusion: restreinte", new="difusion: restreinte")
    warning = only(read_from(folder).warnings, "pcs.yaml", "plan.difusion")
    assert warning.line == line
    assert "« difusion »" in warning.message
    assert "diffusion ?" in warning.message


def test_a_file_with_a_misspelt_name_is_told_with_the_right_one(tmp_path: Path) -> None:
    folder = copy_of_model(tmp_path)
    (folder / "equipes.yaml").rename(folder / "equipe.yaml")
    reading = read_from(folder)
    assert "equipes.yaml" in only(reading.warnings, "equipe.yaml", "").message


def test_other_layers_of_the_map_are_nobodys_business(tmp_path: Path) -> None:
    folder = copy_of_model(tmp_path)
    (folder / "geo" / "riviere.geojson").write_text("not even JSON")
    assert not [w for w in read_from(folder).warnings if w.file == "geo/riviere.geojson"]


def test_codes_that_look_like_numbers_stay_texts(tmp_path: Path) -> None:
    folder = copy_of_model(tmp_path)
    swap(folder, "pcs.yaml", 'code_insee: "99042"', new="code_insee: 01042")
    swap(folder, "pcs.yaml", 'departement: "42"', new="departement: 01")
    plan = read_from(folder).plan
    assert plan is not None
    assert (plan.commune.insee, plan.commune.department) == ("01042", "01")


@pytest.mark.parametrize(
    ("insee", "department", "zone"),
    [
        ("35047", "35", "Europe/Paris"),
        ("2A004", "2A", "Europe/Paris"),
        ("97411", "974", "Indian/Reunion"),
        ("98818", "988", "Pacific/Noumea"),
    ],
)
def test_department_and_time_zone_follow_from_the_insee_code(
    insee: str, department: str, zone: str
) -> None:
    files = smallest()
    files["pcs.yaml"] = f'commune: {{code_insee: "{insee}", nom: Valombre}}'.encode()
    plan = read(files).plan
    assert plan is not None
    assert (plan.commune.department, plan.commune.timezone) == (department, zone)


def test_a_plan_written_for_another_version_is_refused(tmp_path: Path) -> None:
    folder = copy_of_model(tmp_path)
    swap(folder, "pcs.yaml", "schema: pcs/1", new="schema: pcs/2")
    assert "pcs/1" in only(read_from(folder).faults, "pcs.yaml", "schema").message


def test_translations_and_our_own_keys_are_read() -> None:
    files = smallest()
    files["alerte/reglement.yaml"] = (
        b"emetteur_bidirectionnel: oui\nnumero_appelant: '+33199000001'\n"
        b"escalade: {delais_min: [3, 6]}\n"
        b"cibles: [{id: a, selection: {secteurs: [bourg]}, canaux: [webhook, voix]}]\n"
    )
    files["annuaire.yaml"] += (
        b"  - {id: panneau, nom: Panneau, webhook: 'https://panneau.example/alerte'}\n"
    )
    files["alerte/modeles/x.yaml"] += (
        b"voix: '{secteur}'\n"
        b"email: {objet: 'Alerte {secteur}', corps: Partez.}\n"
        b"traductions: {en: {sms: 'Leave {secteur} now.', email: {objet: Leave, corps: Go.}}}\n"
    )
    reading = read(files)
    assert reading.plan is not None, reading.faults
    policy, template = reading.plan.policy, reading.plan.template("x")
    assert policy.two_way
    assert policy.caller_number == "+33199000001"
    assert policy.escalation_min == (3, 6)
    assert (policy.targets[0].sectors, policy.targets[0].media) == (
        ("bourg",),
        ("webhook", "voice"),
    )
    assert reading.plan.contact("panneau").webhook == "https://panneau.example/alerte"
    assert template.wording("en").email_subject == "Leave"
    assert template.wording("fr").email_body == "Partez."
    assert template.wording("es") == template.wording("fr")


def test_a_scenario_may_mark_where_the_danger_comes_from(tmp_path: Path) -> None:
    folder = copy_of_model(tmp_path)
    marked = "risque: inondation\n    origine: [4.59, 45.52]\n    libelle: Crue centennale"
    swap(folder, "risques.yaml", "risque: inondation\n    libelle: Crue centennale", new=marked)
    plan = read_from(folder).plan
    assert plan is not None
    assert plan.scenario("lerne_q100").center == (Place(lon=4.59, lat=45.52),)


def test_messages_are_french_unless_english_is_asked() -> None:
    files = smallest()
    files["organisation.yaml"] = b"fonctions: [{code: DOS, titulaire: maire, suppleants: [ajd]}]"
    assert "vouliez-vous dire adj" in read(files).faults[0].message
    assert "did you mean adj?" in read(files, language="en").faults[0].message
