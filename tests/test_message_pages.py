"""The page of a message: what fills it, what is told of it, what is kept, for whom."""

import re
from html import unescape

import httpx
import pytest

from dispatcher.alerts.judge_sentences import SAID
from dispatcher.store.ledger import Ledger
from operator_ui.words import translations
from tests.consoles import SAME, form_token, sign_in
from tests.hostile import HOSTILE
from tests.message_town import place, press, sketch_of, sketched, words_of
from tests.situations import add_user

pytest_plugins = ("tests.console_visits",)
STOPS = (
    "reply_one_way", "no_number", "no_call_back", "link_in_voice", "click_in_voice",
    "nothing_after", "dead_key", "key_in_mail", "no_link", "help_not_taken", "past",
)  # fmt: skip
ONE_WAY = "Mairie de Vaubrenne: crue au Bas-Bourg. Montez jusqu'à demain. Répondez OUI. {lien}"


async def test_what_is_known_fills_the_blanks_and_says_from_where(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    alert = await sketched(town)
    said = words_of((await operator.get(place(alert))).text)
    assert "Rempli : Bas-Bourg (secteurs de la zone)" in said
    assert "Rempli : 03 53 01 00 02 (donnée du plan)" in said
    assert "Évacuez Bas-Bourg maintenant" in said


async def test_a_blank_that_nothing_fills_is_asked_for(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    alert = await sketched(town, template="crue_correction")
    said = words_of((await operator.get(place(alert))).text)
    assert "À remplir : rien ne le donne." in said
    assert "Le message attend une valeur : consigne." in said
    await press(operator, alert, blank__consigne="Restez à l'étage")
    after = words_of((await operator.get(place(alert))).text)
    assert "À remplir" not in after
    assert "Restez à l'étage. Elle remplace" in after


async def test_words_are_kept_by_language_and_medium_and_given_back(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    alert = await sketched(town)
    answer = await press(operator, alert, text__fr__sms="Crue. Montez, {secteur}. {lien}")
    assert answer.status_code == 303
    assert (await sketch_of(town, alert)).chosen.words == {
        "fr": {"sms": "Crue. Montez, {secteur}. {lien}"}
    }
    page = (await operator.get(place(alert))).text
    assert "Crue. Montez, Bas-Bourg." in page
    assert "Revenir au modèle" in page
    back = await press(operator, alert, "model:fr:sms", text__fr__sms="Crue.")
    assert back.headers["location"].endswith("#t-fr-sms")
    assert (await sketch_of(town, alert)).chosen.words == {}


async def test_the_template_s_own_words_sent_back_are_not_words_of_the_author(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    alert = await sketched(town)
    page = (await operator.get(place(alert))).text
    found = re.findall(r'name="text\.fr\.(sms|voice|email_body)"[^>]*>([^<]*)<', page)
    typed = {f"text__fr__{field}": unescape(text).replace("\n", "\r\n") for field, text in found}
    assert len(typed) == 3
    await press(operator, alert, **typed)
    assert (await sketch_of(town, alert)).chosen.words == {}


async def test_another_template_takes_the_place_of_what_was_written(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    alert = await sketched(town, words={"fr": {"sms": "Crue."}})
    page = (await operator.get(place(alert))).text
    assert "Les textes écrits ici seront remplacés par les siens." in page
    await press(operator, alert, to="/modele", template="feu_evacuation")
    chosen = (await sketch_of(town, alert)).chosen
    assert (chosen.template, chosen.words) == ("feu_evacuation", {})
    unknown = await press(operator, alert, to="/modele", template="aucun")
    assert unknown.status_code == 422
    assert "n&#39;est pas dans le plan" in unknown.text


async def test_the_scenario_s_templates_come_first(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    alert = await sketched(town, scenario="serolle_q100", template="crue_preparation")
    page = (await operator.get(place(alert))).text
    assert page.index("Prévus par le scénario") < page.index('value="crue_preparation"')
    assert page.index('value="crue_preparation"') < page.index("Autres modèles du plan")
    assert page.index("Autres modèles du plan") < page.index('value="nuage_abri"')


async def test_without_a_template_only_the_choice_is_shown(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    alert = await sketched(town, template=None)
    page = (await operator.get(place(alert))).text
    assert "Choisissez un modèle de message" in page
    assert "text.fr.sms" not in page
    await press(operator, alert, to="/modele", template="nuage_abri")
    assert "NUAGE TOXIQUE" in (await operator.get(place(alert))).text


async def test_what_cannot_work_is_told_beside_the_text_and_stops_the_submission(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    alert = await sketched(town)
    await press(operator, alert, text__fr__sms=ONE_WAY)
    said = words_of((await operator.get(place(alert))).text)
    assert said.count("« Répondez » invite à répondre, et personne ne recevra la réponse") == 2
    assert "ne peut pas partir ainsi" in said
    await press(operator, alert, text__fr__sms=ONE_WAY.replace(" Répondez OUI.", ""))
    after = words_of((await operator.get(place(alert))).text)
    assert "invite à répondre" not in after
    assert "ne peut pas partir ainsi" not in after


async def test_a_measure_keeps_nothing_and_tells_what_is_being_typed(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    alert = await sketched(town)
    before = await sketch_of(town, alert)
    answer = await press(
        operator, alert, to="/mesure?texte=fr-sms", text__fr__sms="Crue. " * 60 + "{lien}"
    )
    assert answer.status_code == 200
    assert "3 envois" in answer.text
    assert "<html" not in answer.text
    assert await sketch_of(town, alert) == before
    nowhere = await press(operator, alert, to="/mesure?texte=de-sms")
    assert nowhere.status_code == 404


async def test_the_prefix_and_the_link_are_counted(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    real, drill = await sketched(town), await sketched(town, mode="exercise", players=("p",))
    units = []
    for alert in (real, drill):
        answer = await press(operator, alert, to="/mesure?texte=fr-sms", text__fr__sms="A {lien}")
        units.append(int(re.search(r"(\d+) signes sur", answer.text)[1]))  # type: ignore[index]
    assert units[1] - units[0] == len("EXERCICE ")
    assert units[0] == len("A ") + len("/a/") + 22
    assert "« EXERCICE » est mis en tête." in (await operator.get(place(drill))).text


async def test_the_call_is_shown_as_the_channel_says_it(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    alert = await sketched(town)
    said = words_of((await operator.get(place(alert))).text)
    assert "Le téléphone sonne : +33 3 53 01 00 01 s'affiche" in said
    assert "Mairie de Vaubrenne-sur-Sérolle vous appelle. Message de la mairie" in said
    assert "tapez 1. Si vous avez besoin d'aide, tapez 2." in said


async def test_a_stray_brace_is_told_and_nothing_typed_is_lost(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    alert = await sketched(town)
    await press(operator, alert, text__fr__sms="Crue } montez")
    page = (await operator.get(place(alert))).text
    assert "Crue } montez" in page
    assert "signe 6" in page


async def test_who_saves_over_another_s_change_is_told_and_keeps_what_she_typed(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    alert = await sketched(town)
    token = await form_token(operator)
    read = str((await sketch_of(town, alert)).revision)
    await press(operator, alert, text__fr__sms="Crue. Montez.")
    late = {"revision": read, "token": token, "act": "save", "text.fr.sms": "Crue. Partez."}
    answer = await operator.post(place(alert), data=late, headers=SAME)
    assert answer.status_code == 409
    assert "Camille Aubry a modifié cette alerte" in answer.text
    assert "Crue. Partez." in answer.text
    assert (await sketch_of(town, alert)).chosen.words["fr"]["sms"] == "Crue. Montez."


@pytest.mark.parametrize("revision", ["", "x", "-1", "9" * 12])
async def test_a_form_without_its_revision_changes_nothing(
    operator: httpx.AsyncClient, town: Ledger, revision: str
) -> None:
    alert = await sketched(town)
    data = {"revision": revision, "token": await form_token(operator), "text.fr.sms": "Crue."}
    answer = await operator.post(place(alert), data=data, headers=SAME)
    assert answer.status_code == 422
    assert (await sketch_of(town, alert)).chosen.words == {}


async def test_what_is_too_long_or_of_no_text_is_not_kept(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    alert = await sketched(town)
    assert (await press(operator, alert, text__fr__email_body="x" * 20_001)).status_code == 422
    await press(operator, alert, text__xx__sms="x", text__fr__html="x", blank__Bad="x")
    chosen = (await sketch_of(town, alert)).chosen
    assert (chosen.words, chosen.blanks) == ({}, {})


async def test_place_and_hour_fill_what_was_typed(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    alert = await sketched(town, scenario="serolle_q100")
    typed = "Mairie de Vaubrenne: crue, {secteur}. Montez jusqu'à demain {heure}. {lien}"
    await press(operator, alert, text__fr__sms=typed)
    shown = (await operator.get(place(alert))).text
    said = re.search(r"Mairie de Vaubrenne: crue, Bas-Bourg[^<{]*demain \d\d:\d\d", shown)
    assert said is not None


async def test_who_may_only_read_sees_the_words_and_no_button(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    await add_user(town, "observatrice", function="observer")
    await sign_in(visitor, login="observatrice")
    alert = await sketched(town)
    page = await visitor.get(place(alert))
    assert page.status_code == 200
    assert "Évacuez Bas-Bourg maintenant" in page.text
    assert 'name="act"' not in page.text
    assert "hx-post" not in page.text
    data = {"revision": "1", "token": await form_token(visitor), "text.fr.sms": "Crue."}
    for rest in ("", "/modele", "/mesure?texte=fr-sms"):
        answer = await visitor.post(place(alert, rest), data=data, headers=SAME)
        assert answer.status_code == 403


async def test_an_alert_that_is_not_there_is_missing(operator: httpx.AsyncClient) -> None:
    assert (await operator.get(place("nulle"), headers={"accept": "text/html"})).status_code == 404


@pytest.mark.parametrize("payload", HOSTILE)
async def test_whatever_is_typed_stands_as_words(
    operator: httpx.AsyncClient, town: Ledger, payload: str
) -> None:
    alert = await sketched(town, template="crue_correction")
    braced = payload.replace("{", "{{").replace("}", "}}")
    await press(operator, alert, blank__consigne=payload, text__fr__sms=braced + " {consigne}",
                text__fr__email_body=braced)  # fmt: skip
    page = (await operator.get(place(alert))).text
    assert page.count("<script") == 2  # ours
    assert "<img" not in page
    assert " onmouseover=" not in page.replace("&#34; onmouseover=", "")
    kept = (await sketch_of(town, alert)).chosen
    assert kept.words["fr"]["email_body"] == braced
    again = await press(operator, alert, to="/mesure?texte=fr-email", text__fr__email_body=braced)
    assert again.status_code == 200
    assert "<script" not in again.text


def test_what_stops_an_alert_has_its_english_in_the_catalogue() -> None:
    english = translations("en")
    for kind in STOPS:
        lack = SAID[kind].fr.format(words="%(about)s")
        assert english.gettext(lack) == SAID[kind].en.format(words="%(about)s") != lack
