"""Each check at loading: the model broken in one way, and the fault where it was broken."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.plan_folders import TODAY, copy_of_model, only, read, read_from, redraw, smallest, swap

DOS_LINE = "titulaire: maire, suppleants: [adj1, adj2], approuve_alertes: true"
CARE_LINE = "surface_m2: 600, capacite_accueil: 150"
FIN = "alerte/modeles/crue_fin.yaml"
EVACUATION = "alerte/modeles/crue_evacuation.yaml"
POLICY = "alerte/reglement.yaml"

# What is changed (file, old, new), where the fault is seen (path), a word of its message.
FAULTS = {
    "a reference to nobody": (
        ("equipes.yaml", "chef: pm1", "chef: pm2"), "equipes[0].chef", "vouliez-vous dire pm1"
    ),
    "a role held by nobody": (
        ("organisation.yaml", "titulaire: dgs", "titulaire: personne"),
        "fonctions[1].titulaire", "« personne »",
    ),
    "a scenario in an unknown sector": (
        ("risques.yaml", "[bas_bourg, prairie]", "[bas_bourg, prairies]"),
        "scenarios[0].secteurs[1]", "prairie ?",
    ),
    "a scenario with an unknown card": (
        ("risques.yaml", "[FA-ALERTE, FA-EVACUATION]", "[FA-ALERTE, FA-EVAC]"),
        "scenarios[0].fiches[1]", "les fiches",
    ),
    "a scenario with an unknown template": (
        ("risques.yaml", "crue_evacuation, crue_fin]", "crue_evacuation, fin]"),
        "scenarios[0].modeles[2]", "les modèles",
    ),
    "a trigger to an unknown level": (
        ("risques.yaml", "niveau_pcs: pre_alerte}", "niveau_pcs: prealerte}"),
        "scenarios[0].declencheurs[2].niveau_pcs", "pre_alerte",
    ),
    "a step with an unknown resource": (
        ("fiches/FA-EVACUATION.yaml", "[car_sotra]", "[bus]"), "etapes[2].moyens[0]", "les moyens"
    ),
    "a step that an unknown role approves": (
        (
            "fiches/FA-EVACUATION.yaml",
            "crue_preparation, validation: DOS", "crue_preparation, validation: D0S",
        ),
        "etapes[4].validation", "DOS",
    ),
    "an unknown fall-back centre": (
        ("centres.yaml", "repli: ctm", "repli: cmt"), "centres[0].repli", "ctm"
    ),
    "an id given twice": (
        ("annuaire.yaml", "id: adj2,", "id: adj1,"), "contacts[2].id", "ligne 3"
    ),
    "no DOS": (("organisation.yaml", "code: DOS", "code: MAIRE"), "fonctions", "DOS"),
    "no deputy of the DOS": (
        ("organisation.yaml", DOS_LINE, "titulaire: maire"), "fonctions[0].suppleants", "suppléant"
    ),
    "the DOS as the only deputy": (
        ("organisation.yaml", "suppleants: [adj1, adj2]", "suppleants: [maire]"),
        "fonctions[0].suppleants", "autre que le titulaire",
    ),
    "a team smaller than its minimum": (
        ("equipes.yaml", "membres: [pm1, dst]", "membres: [pm1]"), "equipes[0].membres", "EQ1"
    ),
    "a team that may leave alone": (
        ("equipes.yaml", "fourgon1], effectif_min: 2", "fourgon1], effectif_min: 1"),
        "equipes[0].effectif_min", "2",
    ),
    "a centre fuller than its surface": (
        ("centres.yaml", CARE_LINE, "surface_m2: 599, capacite_accueil: 150"),
        "centres[2].capacite_accueil", "149",
    ),
    "a centre in a zone it is said safe from": (
        ("centres.yaml", "point: [4.6060, 45.5275], surface", "point: [4.5960, 45.5200], surface"),
        "centres[2].hors_zone", "ppri_rouge",
    ),
    "a trigger that would never fire": (
        ("risques.yaml", "grandeur: H, seuil: 3.40, unite: m", "grandeur: H"),
        "scenarios[0].declencheurs[3]", "seuil",
    ),
    "a flow measured in metres": (
        ("risques.yaml", "H, seuil: 3.40, unite: m", "Q, seuil: 3.40, unite: m"),
        "scenarios[0].declencheurs[3]", "m3/s",
    ),
    "two levels of one order": (
        ("pcs.yaml", "ordre: 2", "ordre: 1"), "niveaux[2].ordre", "pre_alerte"
    ),
    "a sender that is a common word": (
        (POLICY, "emetteur_sms: Valombre", "emetteur_sms: ALERTE"), "emetteur_sms", "ALERTE"
    ),
    "a sender with a space": (
        (POLICY, "emetteur_sms: Valombre", "emetteur_sms: Val ombre"), "emetteur_sms", "refusé"
    ),
    "a mobile number as sender": (
        (POLICY, "emetteur_sms: Valombre ", 'emetteur_sms: "+33639980001" '),
        "emetteur_sms", "06 ou 07",
    ),
    "a one-way number as sender": (
        (POLICY, "emetteur_sms: Valombre ", 'emetteur_sms: "38123" '),
        "emetteur_sms", "emetteur_bidirectionnel",
    ),
    "a mobile number on calls": (
        (POLICY, "langue: fr", 'numero_appelant: "+33639980001"'),
        "numero_appelant", "appels automatiques",
    ),
    "a target of nobody": (
        (POLICY, "selection: {secteurs: tous}", "selection: {}"), "cibles[2]", "commune"
    ),
    "a target by an unknown medium": (
        (POLICY, "canaux: [voix, sms]", "canaux: [voix, pigeon]"), "cibles[0].canaux[1]", "pigeon"
    ),
    "approvers of an unknown role": (
        (POLICY, "qui: [DOS]", "qui: [PREFET]"), "decision.qui[0]", "PREFET"
    ),
    "a text that invites an answer": (
        (FIN, "avant de rentrer. Infos", "avant de rentrer. Répondez OUI. Infos"), "sms", "Répondez"
    ),
    "a blank nobody fills": (
        (FIN, 'voix: "Fin de l\'alerte crue', 'voix: "{secter} Fin de l\'alerte crue'),
        "voix", "vouliez-vous dire secteur",
    ),
    "a stray brace": (
        (FIN, 'corps: "Fin de', 'corps: "} Fin de'), "email.corps", "signe 1"
    ),
    "a subject on two lines": (
        (FIN, 'objet: "Fin d\'alerte"', 'objet: "Fin\\nBcc: a@b.example"'),
        "email.objet", "retour à la ligne",
    ),
    "a CAP word that does not exist": (
        (FIN, "urgency: Past", "urgency: Now"), "cap.urgency", "Immediate"
    ),
    "a date that does not exist": (
        ("pcs.yaml", "derniere_revision: 2026-02-10", "derniere_revision: 2026-02-30"),
        "plan.derniere_revision", "AAAA-MM-JJ",
    ),
    "a time zone that does not exist": (
        ("pcs.yaml", "fuseau: Europe/Paris", "fuseau: Europe/Pari"),
        "commune.fuseau", "Europe/Paris",
    ),
    "a phone in national form": (
        ("annuaire.yaml", '"+33639980004"', '"0639980004"'), "contacts[3].tel[0]", "+33"
    ),
    "a mail without a domain": (
        ("annuaire.yaml", "maire@valombre.example", "maire"), "contacts[0].email", "e-mail"
    ),
    "a week the year has not": (
        ("annuaire.yaml", "2026-W08", "2026-W54"), "astreinte[0].semaine", "semaine ISO"
    ),
    "a point with latitude first": (
        ("centres.yaml", "point: [4.6000, 45.5250]", "point: [4.6000, 145.5250]"),
        "centres[0].point", "longitude",
    ),
    "a number out of range": (
        ("annuaire.yaml", "rang_prefecture: 3", "rang_prefecture: 7"),
        "contacts[2].rang_prefecture", "de 1 à 6",
    ),
    "a word for yes or no": (
        (POLICY, "email: {actif: true}", "email: {actif: peut-être}"), "canaux.email.actif", "true"
    ),
    "a missing name": (("annuaire.yaml", "nom: LEROY, ", ""), "contacts[5].nom", "manque"),
    "one value instead of a list": (
        ("equipes.yaml", "membres: [pm1, dst]", "membres: pm1"), "equipes[0].membres", "liste"
    ),
    "a list instead of one value": (
        ("equipes.yaml", "chef: pm1", "chef: [pm1]"), "equipes[0].chef", "une seule valeur"
    ),
}  # fmt: skip

WARNINGS = {
    "no lead of a cell": (
        ("organisation.yaml", "responsable: adj2, ", ""), "cellules[5].responsable", "COM"
    ),
    "a team without a leader": (("equipes.yaml", "chef: pm1, ", ""), "equipes[0].chef", "EQ1"),
    "a contact without any address": (
        ("annuaire.yaml", ', tel: ["+33639980008"]', ""), "contacts[7]", "etat_civil"
    ),
    "a scenario without templates": (
        ("risques.yaml", "modeles: [crue_preparation, crue_evacuation, crue_fin]", "modeles: []"),
        "scenarios[0].modeles", "lerne_q100",
    ),
    "a scenario without cards": (
        ("risques.yaml", "fiches: [FA-ALERTE, FA-EVACUATION]", "fiches: []"),
        "scenarios[0].fiches", "lerne_q100",
    ),
    "a scenario without sectors": (
        ("risques.yaml", "secteurs: [bas_bourg, prairie]", "secteurs: []"),
        "scenarios[0].secteurs", "lerne_q100",
    ),
    "a centre whose surface is unknown": (
        ("centres.yaml", CARE_LINE, "capacite_accueil: 150"),
        "centres[2].capacite_accueil", "surface",
    ),
    "a centre without a point": (
        ("centres.yaml", ", point: [4.6080, 45.5290]", ""), "centres[1].point", "Centre technique"
    ),
    "no sender": ((POLICY, "emetteur_sms: Valombre", ""), "emetteur_sms", "« Valombre »"),
    "a text too long": (
        (FIN, "Attendez l'accord", "Attendez chez vous l'accord " + "clair et net " * 40),
        "sms", "envois",
    ),
    "a sign that costs a segment": (
        (FIN, "fin d'alerte crue", "fin d\u2019alerte crue"), "sms", "« \u2019 »"
    ),
    "a blank that is not used": (
        (FIN, "[secteur, tel]", "[secteur, tel, point]"), "variables", "« point »"
    ),
    "no words for a medium in use": (
        (FIN, 'voix: "Fin de l\'alerte crue pour le secteur {secteur}."', ""), "voix", "voix"
    ),
    "no version": (("pcs.yaml", '  version: "2026.1"', ""), "plan.version", "version"),
    "an unknown date of revision": (
        ("pcs.yaml", "derniere_revision: 2026-02-10", ""), "plan.derniere_revision", "échéance"
    ),
    "a hazard listed and not described": (
        ("pcs.yaml", "canicule, tmd]", "canicule, tmd, seisme]"), "risques_recenses", "seisme"
    ),
    "a plain http webhook": (
        ("annuaire.yaml", "email: maire@valombre.example", "webhook: http://maire.example/"),
        "contacts[0].webhook", "http",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_plan_broken_in_one_way_is_refused_there(tmp_path: Path, name: str) -> None:
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


def test_only_the_broken_thing_is_blamed(tmp_path: Path) -> None:
    for name, ((file, old, new), path, _) in FAULTS.items():
        folder = copy_of_model(tmp_path / name.replace(" ", "_"))
        swap(folder, file, old, new=new)
        others = {fault.path for fault in read_from(folder).faults} - {path}
        assert others <= _ALSO.get(name, set()), name


_ALSO: dict[str, set[str]] = {
    "no DOS": {"decision", "decision.qui[0]", "etapes[4].validation", "etapes[5].validation"},
    "an id given twice": {
        "fonctions[0].suppleants[1]", "cellules[5].responsable",
    },
    "approvers of an unknown role": {"decision"},
    "a centre in a zone it is said safe from": {"centres[2].point"},
}  # fmt: skip


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


Change = Callable[[list[dict[str, Any]]], None]


def _moved(index: int, *, lon: float) -> Change:
    def change(features: list[dict[str, Any]]) -> None:
        ring = features[index]["geometry"]["coordinates"][0]
        features[index]["geometry"]["coordinates"] = [[[x + lon, y] for x, y in ring]]

    return change


def test_a_sector_wholly_outside_the_commune_is_refused(tmp_path: Path) -> None:
    folder = copy_of_model(tmp_path)
    redraw(folder, "secteurs", _moved(2, lon=0.5))
    fault = only(read_from(folder).faults, "geo/secteurs.geojson", "features[2].properties")
    assert fault.line == 4
    assert "Plateau" in fault.message


def test_a_sector_partly_outside_the_commune_is_told(tmp_path: Path) -> None:
    folder = copy_of_model(tmp_path)
    redraw(folder, "secteurs", _moved(2, lon=0.014))
    reading = read_from(folder)
    assert reading.valid
    path = "features[2].properties"
    assert "dépasse" in only(reading.warnings, "geo/secteurs.geojson", path).message


def test_two_sectors_that_overlap_are_both_named(tmp_path: Path) -> None:
    folder = copy_of_model(tmp_path)
    redraw(folder, "secteurs", _moved(1, lon=0.004))
    reading = read_from(folder)
    assert reading.valid
    path = "features[1].properties"
    message = only(reading.warnings, "geo/secteurs.geojson", path).message
    assert "Bas bourg" in message
    assert "La Prairie" in message


def test_sectors_that_share_a_border_do_not_overlap(tmp_path: Path) -> None:
    folder = copy_of_model(tmp_path)
    assert not [w for w in read_from(folder).warnings if w.file == "geo/secteurs.geojson"]


def test_an_asset_outside_the_commune_is_told_and_one_without_contact(tmp_path: Path) -> None:
    folder = copy_of_model(tmp_path)
    redraw(folder, "enjeux", lambda features: features[0]["geometry"].update(coordinates=[2, 48]))
    redraw(folder, "enjeux", lambda features: features[1]["properties"].pop("contact"))
    warnings = read_from(folder).warnings
    assert "École" in only(warnings, "geo/enjeux.geojson", "features[0].properties").message
    assert "ehpad" in only(warnings, "geo/enjeux.geojson", "features[1].properties").message


def test_the_outline_of_another_commune_is_told(tmp_path: Path) -> None:
    folder = copy_of_model(tmp_path)
    redraw(folder, "commune", lambda features: features[0]["properties"].update(code_insee="35047"))
    assert "35047" in only(read_from(folder).warnings, "geo/commune.geojson", "").message


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
