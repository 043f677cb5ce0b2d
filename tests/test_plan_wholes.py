"""Whole files of a plan as forms: its identity, its alert policy, its cards and their steps."""

import re

import httpx
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.store import plan_history
from dispatcher.store.ledger import Ledger
from plans.folder import files_of
from plans.sections import BY_NAME, WHOLES, edit_records, records_of, section_at
from plans.typed import changes_of, told, typed
from plans.yaml_edit import Batch
from plans.yaml_paths import edit_paths, paths_of, tree_of
from plans.yaml_written import Value
from tests.example_commune import EXAMPLE
from tests.plan_visits import fields, plan_of, send
from tests.situations import COMMUNE
from tests.test_plan_drawing import words

pytest_plugins = ("tests.console_visits",)
FILES = files_of(EXAMPLE)
IDENTITY, POLICY, CARDS = (
    "/plan/commune/fiche/commune",
    "/plan/reglement/fiche/reglement",
    "/plan/fiches",
)


@pytest.mark.parametrize("part", WHOLES, ids=lambda one: str(one.name))
def test_every_whole_file_goes_through_its_form_and_comes_back_unchanged(part: object) -> None:
    section = BY_NAME[part.name]  # type: ignore[attr-defined]
    records = records_of(FILES, section)
    assert records
    for ident, record in records.items():
        read = {key.name: typed(key, told(key, record.get(key.name)), str) for key in section.keys}
        changes = changes_of(section.keys, record, read)
        assert changes == {}
        assert edit_records(FILES, section, Batch({ident: changes})) == FILES


PATHS = st.dictionaries(
    st.sampled_from(["a", "b.c", "b.d.e", "b.d.f", "g.h"]), st.sampled_from("xyz"), min_size=1
)


@given(
    PATHS, st.dictionaries(st.sampled_from(["a", "b.c", "b.d.e", "g.h"]), st.none() | st.just("w"))
)
def test_values_changed_by_path_are_read_back_and_no_empty_branch_is_left(
    held: dict[str, Value], changed: dict[str, Value | None]
) -> None:
    text = yaml.safe_dump(tree_of(held), sort_keys=False)
    edited = yaml.safe_load(edit_paths(text, changed, held)) or {}
    wanted = {path: value for path, value in {**held, **changed}.items() if value is not None}
    assert edited == tree_of(wanted)
    assert dict(paths_of(edited)) == wanted


async def test_the_dates_of_the_plan_are_changed_without_a_word_of_yaml(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    data = await fields(operator, IDENTITY)
    data |= {"plan.derniere_revision": "2026-11-02", "commune.telephone": "03 53 01 00 09"}
    data["plan.dernier_exercice.theme"] = ""
    answer = await send(operator, IDENTITY, data)
    assert answer.headers["location"].startswith("/plan/commune?fait=enregistre"), words(
        answer.text
    )
    plan = await plan_of(town)
    assert str(plan.dates.revised_on) == "2026-11-02"
    assert plan.commune.information_phone == "+33353010009"
    assert plan.dates.exercise is not None
    assert plan.dates.exercise.theme is None
    seen = words((await operator.get("/plan/versions/2")).text)
    assert "Dernière révision avant : 2026-03-17 maintenant : 2026-11-02" in seen
    files = (await plan_history.files_of(town, COMMUNE, await digest(town))) or None
    assert files is not None
    text = files.files["pcs.yaml"].decode()
    assert "# à réviser au plus tard 5 ans après" in text


async def digest(ledger: Ledger) -> str:
    return (await plan_history.versions_of(ledger, COMMUNE, limit=1))[0].digest


async def test_a_faulty_date_is_told_beside_its_field(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    data = await fields(operator, IDENTITY)
    answer = await send(operator, IDENTITY, {**data, "plan.arrete.date": "hier"})
    assert answer.status_code == 422
    assert 'id="faute-plan.arrete.date"' in answer.text
    assert 'value="hier"' in answer.text
    assert await plan_history.count_versions(town, COMMUNE) == 1


async def test_the_alert_policy_is_changed_and_refused_in_words(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    data = await fields(operator, POLICY)
    changed = {**data, "escalade.delais_min": "4\n8", "canaux.email.actif": "non"}
    assert (await send(operator, POLICY, changed)).status_code == 303
    policy = (await plan_of(town)).policy
    assert policy.escalation_min == (4, 8)
    assert not policy.media["email"].active
    assert policy.exercise_prefix == "EXERCICE "  # whose outer space no form may take away
    late = await fields(operator, POLICY)
    answer = await send(operator, POLICY, {**late, "controle.objectif_joints_pct": "180"})
    assert answer.status_code == 422
    assert 'id="faute-controle.objectif_joints_pct"' in answer.text


async def test_a_scenario_is_made_of_sectors_messages_and_cards(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    data = await fields(operator, "/plan/scenarios/ajouter")
    data |= {"libelle": "Rupture de la digue", "risque": "inondation", "secteurs": ["moulins"],
             "fiches": ["FA-CRUE"], "modeles": ["crue_evacuation"]}  # fmt: skip
    answer = await send(operator, "/plan/scenarios/ajouter", data)
    assert answer.status_code == 303, words(answer.text)
    plan = await plan_of(town)
    made = next(one for one in plan.scenarios if one.id == "rupture_de_la_digue")
    assert (made.sectors, made.cards, made.templates) == (
        ("moulins",), ("FA-CRUE",), ("crue_evacuation",)
    )  # fmt: skip
    page = (await operator.get("/plan/secteurs/moulins")).text
    assert page
    kept = await fields(operator, "/plan/scenarios/fiche/serolle_q100")
    answer = await send(operator, "/plan/scenarios/fiche/serolle_q100", {**kept, "libelle": "Crue"})
    assert answer.status_code == 303
    after = next(one for one in (await plan_of(town)).scenarios if one.id == "serolle_q100")
    before = next(one for one in plan.scenarios if one.id == "serolle_q100")
    assert after.label == "Crue"
    assert after.triggers == before.triggers  # no field of the form, so nothing of it is lost
    assert after.center == before.center


async def test_a_card_is_written_step_by_step_and_taken_out_again(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    data = await fields(operator, f"{CARDS}/ajouter")
    data |= {"titre": "Ouvrir le gymnase", "type": "action", "pour": ["PCC"], "id": ""}
    answer = await send(operator, f"{CARDS}/ajouter", data)
    assert answer.status_code == 303, words(answer.text)
    steps = "/plan/fiche-ouvrir_le_gymnase"
    for text in ("Prendre les clés", "Allumer le chauffage"):
        data = await fields(operator, f"{steps}/ajouter")
        answer = await send(operator, f"{steps}/ajouter", {**data, "texte": text, "cellule": "PCC"})
        assert answer.status_code == 303, words(answer.text)
    card = next(one for one in (await plan_of(town)).cards if one.id == "ouvrir_le_gymnase")
    assert [(one.number, one.text) for one in card.steps] == [
        (1, "Prendre les clés"), (2, "Allumer le chauffage")
    ]  # fmt: skip
    data = await fields(operator, f"{steps}/fiche/2")
    answer = await send(operator, f"{steps}/fiche/2", {**data, "duree_min": "beaucoup"})
    assert answer.status_code == 422
    assert 'id="faute-duree_min"' in answer.text
    page = words((await operator.get(f"{CARDS}/fiche/ouvrir_le_gymnase")).text)
    assert "2 étapes" in page
    kept = await fields(operator, f"{CARDS}/fiche/ouvrir_le_gymnase")
    gone = {"token": kept["token"], "base": kept["base"], "motif": "essai", "acte": "retirer"}
    assert (await send(operator, f"{CARDS}/fiche/ouvrir_le_gymnase", gone)).status_code == 303
    assert "ouvrir_le_gymnase" not in [one.id for one in (await plan_of(town)).cards]


async def test_a_card_that_a_scenario_follows_is_not_taken_out(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    page = (await operator.get(f"{CARDS}/fiche/FA-CRUE")).text
    assert "/plan/scenarios/fiche/" in page
    assert 'value="retirer"' not in page


async def test_what_is_the_whole_plans_is_neither_added_nor_taken_out(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    data = await fields(operator, IDENTITY)
    assert 'value="retirer"' not in (await operator.get(IDENTITY)).text
    assert (await send(operator, "/plan/commune/ajouter", data)).status_code == 404
    assert (await operator.get("/plan/commune/ajouter")).status_code == 404
    answer = await send(operator, IDENTITY, {**data, "acte": "retirer"})
    assert "fait=rien" in answer.headers["location"]
    assert (await operator.get("/plan/fiche-rien")).status_code == 404
    assert section_at(FILES, "fiche-rien") is None
    assert re.search(r"<h1>[^<]*étapes", (await operator.get("/plan/fiche-FA-CRUE")).text, re.I)


async def test_what_would_change_is_told_before_anything_is_saved(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    data = await fields(operator, IDENTITY)
    data |= {"plan.version": "2026.3", "acte": "voir"}
    answer = await send(operator, IDENTITY, data)
    assert answer.status_code == 200
    told = words(answer.text)
    assert "Version du plan avant : 2026.2 maintenant : 2026.3" in told
    assert 'value="2026.3"' in answer.text  # what she typed is still there, to be saved
    assert await plan_history.count_versions(town, COMMUNE) == 1
    wrong = await send(operator, IDENTITY, {**data, "plan.arrete.date": "hier"})
    assert wrong.status_code == 422
