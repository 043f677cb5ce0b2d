"""The page of a message in a real browser: typed, counted, replaced, shown, heard, and quiet."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from dispatcher.alerts.plan_in_force import in_force
from dispatcher.store.ledger import Ledger
from tests.browsing import DESK, PHONE, TABLET, visit
from tests.consoles import served
from tests.hostile import HOSTILE
from tests.message_town import place, sketch_of, sketched
from tests.situations import PASSWORD, office

pytest_plugins = ("tests.console_visits",)

GOOD = "Mairie de Vaubrenne: crue, Bas-Bourg. Montez jusqu'à demain. {lien}"
# A browser whose machine speaks French and nothing else, and that remembers what it was told.
VOICE = """() => {
  window.said = [];
  const voice = {lang: "fr-FR", name: "Une voix", default: true, localService: true, voiceURI: "x"};
  speechSynthesis.getVoices = () => [voice];
  speechSynthesis.speak = (one) => window.said.push([one.lang, one.text]);
  Object.defineProperty(SpeechSynthesisUtterance.prototype, "voice",
    {set(value) { this.lang = value ? value.lang : this.lang; this.kept = value; },
     get() { return this.kept; }});
}"""
MUTE = "() => { speechSynthesis.getVoices = () => []; }"


@pytest.fixture
async def url(tmp_path: Path, town: Ledger) -> AsyncIterator[str]:
    """Serve the town's console."""
    async with served(tmp_path) as address:
        yield address


async def test_the_count_follows_the_typing_and_signs_are_replaced_by_a_click(
    chromium: Path, url: str, town: Ledger
) -> None:
    alert = await sketched(town)
    async with visit(chromium, url) as seen:
        await seen.sign_in()
        await seen.open(place(alert))
        text = seen.page.locator("textarea[name='text.fr.sms']")
        side = seen.page.locator("#cote-fr-sms")
        await text.fill(GOOD)
        await expect(side.locator(".message-count")).to_contain_text("1 envoi")
        await expect(side.locator(".message-bubble")).to_contain_text("Montez jusqu'à demain")
        await text.press("End")
        await text.press_sequentially(" Fermez les fenêtres…")
        await expect(side.locator(".message-count")).to_contain_text("2 envois")
        await expect(side).to_contain_text("e accent circonflexe")
        assert (await sketch_of(town, alert)).revision == 1  # measuring keeps nothing
        await side.get_by_role("button", name="Remplacer ê par e").click()
        await expect(text).to_have_value(GOOD + " Fermez les fenetres…")
        await side.get_by_role("button", name="Tout remplacer, sauf les noms de lieux").click()
        await expect(text).to_have_value(GOOD + " Fermez les fenetres...")
        await expect(side.locator(".message-count")).to_contain_text("alphabet simple")
        await expect(side).to_contain_text("Rien à signaler.")
        assert seen.problems == []


async def test_what_cannot_work_is_told_while_it_is_typed(
    chromium: Path, url: str, town: Ledger
) -> None:
    alert = await sketched(town)
    async with visit(chromium, url) as seen:
        await seen.sign_in()
        await seen.open(place(alert))
        told = seen.page.locator("#cote-fr-voice .cannot_work")
        await seen.page.locator("textarea[name='text.fr.voice']").fill(
            "La Sérolle déborde à Prairie. Montez jusqu'à demain. Tapez 5."
        )
        await expect(told).to_contain_text("« Tapez 5 » : cette touche ne fait rien.")
        subject = seen.page.locator("input[name='text.fr.email_subject']")
        await subject.fill("Crue à <b>Prairie</b>")
        await expect(seen.page.locator("#cote-fr-email .message-subject")).to_have_text(
            "Crue à <b>Prairie</b>"
        )
        assert seen.problems == []


async def test_what_no_text_said_is_told_no_more_once_one_says_it(
    chromium: Path, url: str, town: Ledger
) -> None:
    alert = await sketched(town)
    async with visit(chromium, url) as seen:
        await seen.sign_in()
        await seen.open(place(alert))
        above = seen.page.locator("#dit-fr")
        await expect(above).to_contain_text("Aucun texte ne dit jusqu'à quand")
        await seen.page.locator("textarea[name='text.fr.voice']").fill(
            "La Sérolle déborde à Prairie. Montez jusqu'à demain."
        )
        await expect(above).to_be_hidden()
        assert seen.problems == []


async def test_without_script_every_act_of_the_page_works(
    chromium: Path, url: str, town: Ledger
) -> None:
    alert = await sketched(town)
    async with visit(chromium, url, java_script_enabled=False) as seen:
        await seen.open("/connexion")
        await seen.page.fill("[name=login]", "rac")
        await seen.page.fill("[name=password]", PASSWORD)
        await seen.page.keyboard.press("Enter")
        await seen.page.wait_for_url(url + "/")
        await seen.open(place(alert))
        text = seen.page.locator("textarea[name='text.fr.sms']")
        await text.fill(GOOD + " Fenêtres. " * 8)
        await seen.page.locator("#t-fr-sms").get_by_role("button", name="Mesurer").click()
        await expect(seen.page.locator("#cote-fr-sms .message-count")).to_contain_text("3 envois")
        await seen.page.get_by_role("button", name="Remplacer ê par e").click()
        await expect(seen.page.locator("#cote-fr-sms .message-count")).to_contain_text("2 envois")
        await seen.page.locator("#t-fr-sms").get_by_role("button", name="Revenir").click()
        await expect(text).to_have_value(await sms_of_template(town))
        assert await seen.page.locator("[data-listen]:visible").count() == 0
        assert seen.problems == []


async def sms_of_template(town: Ledger) -> str:
    current = await in_force(office(town))
    return current.plan.template("crue_evacuation").texts["fr"].sms or ""


async def test_the_call_is_heard_where_the_browser_has_a_voice_for_it(
    chromium: Path, url: str, town: Ledger
) -> None:
    alert = await sketched(town)
    async with visit(chromium, url) as seen:
        await seen.page.add_init_script(f"({VOICE})()")
        await seen.sign_in()
        await seen.open(place(alert))
        button = seen.page.locator("#cote-fr-voice [data-listen]")
        await button.click()
        language, text = await seen.page.evaluate("window.said[0]")
        assert language == "fr-FR"
        assert text.startswith("Mairie de Vaubrenne-sur-Sérolle vous appelle. Message de la")
        assert text.endswith("Pour réécouter, tapez 0.")
        await expect(button).to_have_text("Arrêter")
        await button.click()
        await expect(button).to_have_text("Écouter")
        # No voice for English here: its call has no button.
        await seen.page.locator(".message-language summary").last.click()
        await expect(seen.page.locator("#cote-en-voice .message-call")).to_be_visible()
        await expect(seen.page.locator("#cote-en-voice [data-listen]")).to_be_hidden()
        # Words that change on the way are the words that are heard.
        await seen.page.locator("textarea[name='text.fr.voice']").fill("La Sérolle déborde.")
        await expect(seen.page.locator("#cote-fr-voice")).to_contain_text("La Sérolle déborde. Si")
        await expect(button).to_be_visible()
        await button.click()
        assert "La Sérolle déborde." in (await seen.page.evaluate("window.said[1]"))[1]
        assert seen.problems == []


async def test_a_browser_without_a_voice_shows_no_button(
    chromium: Path, url: str, town: Ledger
) -> None:
    alert = await sketched(town)
    async with visit(chromium, url) as seen:
        await seen.page.add_init_script(f"({MUTE})()")
        await seen.sign_in()
        await seen.open(place(alert))
        await expect(seen.page.locator("#cote-fr-voice .message-call")).to_be_visible()
        assert await seen.page.locator("[data-listen]:visible").count() == 0


async def test_the_keyboard_alone_types_replaces_and_saves(
    chromium: Path, url: str, town: Ledger
) -> None:
    alert = await sketched(town)
    async with visit(chromium, url) as seen:
        await seen.sign_in()
        await seen.open(place(alert))
        await seen.page.locator("textarea[name='text.fr.sms']").focus()
        await seen.page.keyboard.press("Control+a")
        await seen.page.keyboard.type("Crue, fenêtres")
        button = seen.page.get_by_role("button", name="Remplacer ê par e")
        await expect(button).to_be_visible()
        for _ in range(6):
            await seen.page.keyboard.press("Tab")
            if await button.evaluate("one => one === document.activeElement"):
                break
        await seen.page.keyboard.press("Enter")
        await expect(seen.page.locator("textarea[name='text.fr.sms']")).to_have_value(
            "Crue, fenetres"
        )
        await seen.page.locator("input[name='blank.centre']").fill("Salle des fêtes")
        await seen.page.keyboard.press("Enter")  # the first button of the form saves
        await expect(seen.page.locator("#champs")).to_contain_text("donnée du plan : « Gymnase")
        assert (await sketch_of(town, alert)).chosen.blanks == {"centre": "Salle des fêtes"}
        assert seen.problems == []


@pytest.mark.parametrize("scheme", ["dark"])
async def test_nobody_is_kept_out_on_any_screen(
    chromium: Path, url: str, town: Ledger, scheme: str
) -> None:
    dear = "Crue… fenêtres, partez avant 1h. Répondez OUI. " + "Fermez tout. " * 12
    alert = await sketched(town, words={"fr": {"sms": dear}}, blanks={"point": "Bois du Chêne"})
    async with visit(chromium, url, color_scheme=scheme) as seen:
        await seen.sign_in()
        for size in (DESK, TABLET, PHONE):
            await seen.resize(size)
            await seen.open(place(alert))
            await seen.page.evaluate(
                "for (const one of document.querySelectorAll('details')) one.open = true"
            )
            assert await seen.overflow_px() == 0
            assert [one for one in await seen.faults() if "message-" in one or "text." in one] == []
        assert seen.problems == []


async def test_hostile_words_run_nothing_wherever_they_are_typed(
    chromium: Path, url: str, town: Ledger
) -> None:
    alert = await sketched(town, template="crue_correction")
    async with visit(chromium, url) as seen:
        await seen.sign_in()
        await seen.open(place(alert))
        for payload in HOSTILE:
            typed = payload.replace("{", "{{").replace("}", "}}")
            side = seen.page.locator("#cote-fr-email .message-mail")
            await seen.page.locator("input[name='blank.consigne']").fill(payload)
            body = seen.page.locator("textarea[name='text.fr.email_body']")
            async with seen.page.expect_response(lambda one: "/mesure" in one.url):
                await body.fill(f"{typed} {{consigne}}")
            await expect(side).to_be_visible()
        for name in ("text.fr.sms", "text.fr.voice"):
            await seen.page.locator(f"textarea[name='{name}']").fill(" ".join(HOSTILE[11:14]))
        await seen.page.get_by_role("button", name="Enregistrer", exact=True).last.click()
        await seen.page.wait_for_url("**/message#textes")
        assert (
            await seen.page.evaluate("document.querySelectorAll('.message-side img').length") == 0
        )
        assert seen.problems == []
