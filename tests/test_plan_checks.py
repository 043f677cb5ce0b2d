"""Each check at loading: the model broken in one way, and the fault where it was broken."""

from datetime import date
from pathlib import Path

import pytest

from tests.plan_breakages import FAULTS, FIN, POLICY, WARNINGS
from tests.plan_folders import TODAY, copy_of_model, only, read, read_from, redraw, smallest, swap


@pytest.mark.parametrize("name", FAULTS)
def test_a_plan_broken_in_one_way_is_refused_there_and_nowhere_else(
    tmp_path: Path, name: str
) -> None:
    (file, old, new), path, word = FAULTS[name]
    folder = copy_of_model(tmp_path)
    line = swap(folder, file, old, new=new)
    reading = read_from(folder)
    fault = only(reading.faults, file, path)
    assert reading.plan is None
    assert word in fault.message
    assert fault.line in {
        line,
        *([1] if path == "fonctions" else []),
        line - 5 if "decl" in path else line,
    }


@pytest.mark.parametrize("name", WARNINGS)
def test_a_plan_that_lacks_something_is_valid_and_says_what_it_prevents(
    tmp_path: Path, name: str
) -> None:
    (file, old, new), path, word = WARNINGS[name]
    folder = copy_of_model(tmp_path)
    swap(folder, file, old, new=new)
    reading = read_from(folder)
    assert reading.valid, reading.faults
    assert word in only(reading.warnings, file, path).message


def test_a_centre_that_a_scenario_uses_may_not_stand_in_its_hazard_zone(tmp_path: Path) -> None:
    folder = copy_of_model(tmp_path)
    swap(folder, "centres.yaml", "hors_zone: [inondation, rupture_barrage], ", new="")
    assert read_from(folder).valid
    swap(folder, "centres.yaml", "[4.6060, 45.5275]", new="[4.5960, 45.5200]")
    fault = only(read_from(folder).faults, "centres.yaml", "centres[2].point")
    assert "Crue centennale" in fault.message


def test_a_two_way_sender_may_invite_an_answer(tmp_path: Path) -> None:
    folder = copy_of_model(tmp_path)
    swap(folder, FIN, "Infos {tel}", new="Répondez OUI ou {tel}")
    swap(folder, POLICY, "langue: fr", new="langue: fr\nemetteur_bidirectionnel: true")
    assert read_from(folder).valid


def test_an_invitation_is_found_in_a_translation_too(tmp_path: Path) -> None:
    folder = copy_of_model(tmp_path)
    with (folder / FIN).open("a") as file:
        file.write("traductions:\n  en: {sms: 'All clear in {secteur}. Reply YES. {tel}'}\n")
    fault = only(read_from(folder).faults, FIN, "traductions.en.sms")
    assert fault.line == 8
    assert "Reply" in fault.message


def test_a_name_outside_the_plain_alphabet_is_told_even_when_it_is_not_the_longest(
    tmp_path: Path,
) -> None:
    folder = copy_of_model(tmp_path)
    redraw(folder, "secteurs", lambda features: features[2]["properties"].update(nom="Forêt"))
    assert "« ê »" in only(read_from(folder).warnings, FIN, "sms").message


def test_the_longest_names_are_those_that_are_measured(tmp_path: Path) -> None:
    folder = copy_of_model(tmp_path)
    swap(folder, POLICY, "segments_max: 3", new="segments_max: 1")
    assert not [w for w in read_from(folder).warnings if w.file == FIN]
    long = "Quartier de la Gare, de la Poste, du vieux Moulin et des Trois Fontaines"
    redraw(folder, "secteurs", lambda features: features[2]["properties"].update(nom=long))
    assert "2 envois" in only(read_from(folder).warnings, FIN, "sms").message


@pytest.mark.parametrize(
    ("today", "path"),
    [(date(2031, 2, 11), "plan.derniere_revision"), (date(2030, 10, 10), "plan.dernier_exercice")],
)
def test_a_deadline_of_the_law_is_told_the_day_after_it_passed(
    tmp_path: Path, today: date, path: str
) -> None:
    folder = copy_of_model(tmp_path)
    before = read_from(folder, today=date.fromordinal(today.toordinal() - 1))
    assert not [warning for warning in before.warnings if warning.path == path]
    assert only(read_from(folder, today=today).warnings, "pcs.yaml", path).line > 1


def test_an_adoption_that_is_late_is_told_until_the_order_is_signed(tmp_path: Path) -> None:
    folder = copy_of_model(tmp_path)
    swap(
        folder,
        "pcs.yaml",
        "arrete: {numero: 2026-014, date: 2026-02-10, signataire: maire}",
        new="",
    )
    path = "plan.notification_prefet"
    late = read_from(folder, today=date(2026, 5, 3))
    assert "2026-05-02" in only(late.warnings, "pcs.yaml", path).message
    assert not [w for w in read_from(folder, today=TODAY).warnings if w.path == path]


def test_a_target_whose_media_are_all_switched_off_is_told(tmp_path: Path) -> None:
    folder = copy_of_model(tmp_path)
    swap(folder, POLICY, "webhook: {actif: true, formats", new="webhook: {actif: non, formats")
    assert not [w for w in read_from(folder).warnings if w.path == "cibles[2]"]
    swap(folder, POLICY, "email: {actif: true}", new="email: {actif: non}")
    assert "commune" in only(read_from(folder).warnings, POLICY, "cibles[2]").message


def test_a_week_with_nobody_on_call_is_told(tmp_path: Path) -> None:
    folder = copy_of_model(tmp_path)
    late = read_from(folder, today=date(2026, 2, 23))
    assert "2026-W09" in only(late.warnings, "annuaire.yaml", "astreinte").message


@pytest.mark.parametrize(
    ("commune", "sender"),
    [
        ("Bruz", "Bruz"),
        ("Valombre-sur-Lerne", "Valombre"),
        ("Saint-Étienne", "StEtienne"),
        ("L'Haÿ-les-Roses", "HayRoses"),
        ("Le Mans", "LeMans"),
        ("Villeneuve-d'Ascq", "Villeneuve"),
        ("Œting", "Oeting"),
        ("Y", "VilleY"),
        ("Saint-Remy-en-Bouzemont-Saint-Genest-et-Isson", "StRemy"),
        ("Ville", "VilleVille"),
    ],
)
def test_a_missing_sender_is_made_of_the_communes_name(commune: str, sender: str) -> None:
    files = smallest()
    files["pcs.yaml"] = f'commune: {{code_insee: "99042", nom: "{commune}"}}'.encode()
    plan = read(files).plan
    assert plan is not None
    assert plan.policy.sender == sender


def test_an_invented_commune_holds_no_number_or_address_that_could_be_real() -> None:
    files = smallest()
    assert read(files, invented=True).valid
    files["annuaire.yaml"] = files["annuaire.yaml"].replace(b"+33639980002", b"+33612345678")
    files["annuaire.yaml"] += b"  - {id: x, nom: X, email: x@valombre.fr}\n"
    assert read(files).valid
    paths = {fault.path for fault in read(files, invented=True).faults}
    assert paths == {"contacts[1].tel", "contacts[2].email"}


@pytest.mark.parametrize(("department", "told"), [("35", False), ("56", True), (None, False)])
def test_the_department_is_that_of_the_insee_code(department: str | None, *, told: bool) -> None:
    files = smallest()
    given = f", departement: {department}" if department else ""
    files["pcs.yaml"] = f"commune: {{code_insee: 35047, nom: Bruz{given}}}".encode()
    reading = read(files)
    assert reading.valid
    assert told == any(one.path == "commune.departement" for one in reading.warnings)


@pytest.mark.parametrize("name", ["moyens", "centres", "equipes"])
def test_an_empty_list_is_told_with_what_it_prevents(name: str) -> None:
    files = smallest() | {f"{name}.yaml": f"{name}: []\n".encode()}
    assert only(read(files).warnings, f"{name}.yaml", name).message.startswith("La liste est vide")


def test_a_plan_without_cards_is_told_what_this_prevents() -> None:
    assert "étape" in only(read(smallest()).warnings, "fiches/", "").message


def test_faults_beyond_those_shown_are_counted() -> None:
    files = smallest() | {f"fiches/f{n}.yaml": f"id: f{n}\n".encode() for n in range(600)}
    faults = read(files).faults
    assert len(faults) == 501
    assert any("100 de plus" in fault.message for fault in faults)


def test_a_key_that_is_absent_is_told_where_it_would_stand() -> None:
    paths = {one.path for one in read(smallest()).warnings}
    assert {"plan.version", "plan.derniere_revision", "plan.dernier_exercice"} <= paths
