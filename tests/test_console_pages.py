"""What the console shows: figures never merged, the mode, the map and its tables, two languages."""

import html
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from babel.messages.extract import extract_from_dir
from shapely.geometry import shape
from sqlalchemy import text

from dispatcher.settings import SmtpSettings
from dispatcher.store.ledger import Ledger
from operator_ui.outbox import Bubble
from operator_ui.rendering import render
from operator_ui.vocabulary import MAP_WORDS, VOCABULARY
from operator_ui.words import best_of, translations
from tests.consoles import console, sign_in
from tests.keyring import opened
from tests.situations import AREA, COMMUNE, Planned, add_user, answer, write_alert

pytest_plugins = ("tests.console_visits",)
PAGES = Path(__file__).parents[1] / "operator_ui"


def shown_figures(page: str) -> dict[str, int]:
    """Read the figures of a page by their words."""
    pairs = re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", page)
    return {html.unescape(word): int(re.sub(r"\D", "", figure)) for word, figure in pairs}


async def test_the_console_shows_each_state_apart(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    written = await write_alert(
        town,
        Planned(
            lines=(
                ("sms", "ready", 3),
                ("sms", "sending", 2),
                ("sms", "accepted", 5),
                ("sms", "delivered", 1500),
                ("voice", "failed", 4),
            ),
            unreachable={"no_contact": 6},
        ),
    )
    await answer(town, written.deliveries[10], "understood")
    await answer(town, written.deliveries[11], "help")
    figures = shown_figures((await operator.get("/")).text)
    assert figures == {
        "visées": 1520,
        "ont compris": 1,
        "demandent de l'aide": 1,
        "message remis, sans réponse": 1498,
        "accepté, pas encore remis": 5,
        "non jointes": 10,
        "prévus": 1514,
        "en attente": 3,
        "en cours d'envoi": 2,
        "acceptés": 5,
        "remis": 1500,
        "non remis ou échoués": 4,
    }


async def test_who_was_not_reached_is_told_with_the_reason(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    await write_alert(
        town, Planned(lines=(("sms", "exhausted", 2),), unreachable={"no_contact": 1})
    )
    page = (await operator.get("/")).text
    assert "1 personne : aucun contact utilisable" in page
    assert "2 messages : tous les essais épuisés" in page


async def test_a_draft_does_not_hide_the_alert_that_runs(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    await write_alert(town, Planned(title="Crue en cours", lines=(("sms", "ready", 1),)))
    await write_alert(town, Planned(title="Exercice", mode="exercise", launched_ago_s=10))
    await write_alert(town, Planned(title="Brouillon", state="draft"))
    page = (await operator.get("/")).text
    assert re.search(r'<h2 class="title"><a [^>]+>Crue en cours</a>', page)
    assert '<div id="mode" class="mode real">' in page
    assert "Alerte en cours :</span> RÉEL</div>" in page


async def test_an_exercise_is_never_shown_as_real(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    await write_alert(town, Planned(mode="exercise", lines=(("sms", "ready", 1),)))
    page = (await operator.get("/")).text
    assert '<div id="mode" class="mode exercise">' in page
    assert "Alerte en cours :</span> EXERCICE</div>" in page
    assert "RÉEL" not in page


@pytest.mark.parametrize("path", ["/console/alertes", "/console/bac-a-sable", "/nulle-part"])
async def test_every_page_names_the_mode_of_the_alert_that_runs(
    operator: httpx.AsyncClient, town: Ledger, path: str
) -> None:
    await write_alert(town, Planned(mode="exercise", lines=(("sms", "ready", 1),)))
    page = (await operator.get(path, headers={"accept": "text/html"})).text
    assert '<div id="mode" class="mode exercise">' in page
    assert "Alerte en cours :</span> EXERCICE</div>" in page
    assert "Se déconnecter" in page


def test_a_message_of_the_outbox_leads_to_its_answering_page_and_nowhere_else() -> None:
    at = datetime(2026, 11, 24, 3, tzinfo=UTC)
    link = "https://crue.example/a/AAwaGsIgQvovmp_DQ9xZ2w"
    words = f"<b>Crue</b> https://evil.example/a/court {link}"
    shown = Bubble(1, "sms", "+33639980049", "Mairie", at, "delivered", "", words, "", 1)
    page = render("_outbox.html", "fr", {"bubbles": [shown], "zone": UTC})
    assert re.findall(r"<a ([^>]*)>", page) == ['href="/a/AAwaGsIgQvovmp_DQ9xZ2w"']
    assert f">{link}</a>" in page
    assert "&lt;b&gt;Crue" in page


@pytest.mark.parametrize("path", ["/", "/connexion", "/console/alertes", "/console/bac-a-sable"])
async def test_every_page_says_that_nothing_real_leaves(
    operator: httpx.AsyncClient, path: str
) -> None:
    page = await operator.get(path, follow_redirects=True)
    assert "Bac à sable : aucun message réel ne part" in page.text


async def test_with_a_real_mail_server_the_banner_names_only_what_is_pretended(
    tmp_path: Path, town: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_SMTP_HOST", "mail.vaubrenne.example")
    assert SmtpSettings().host
    async with console(tmp_path) as client:
        page = (await client.get("/connexion")).text
    (banner,) = re.findall(r'<aside class="sandbox"[^>]*>(.*?)</aside>', page)
    assert "SMS, Appel vocal, Webhook" in banner
    assert "E-mail" not in banner


async def test_without_a_plan_the_console_says_how_to_load_one(
    tmp_path: Path, sqlite_template: Path
) -> None:
    shutil.copy(sqlite_template, tmp_path / "ledger.sqlite")
    async with opened(f"sqlite+aiosqlite:///{tmp_path / 'ledger.sqlite'}") as bare:
        await add_user(bare)
    async with console(tmp_path, commune=COMMUNE) as client:
        assert (await sign_in(client)).status_code == 303
        page = (await client.get("/")).text
    assert "tocsin plan load DOSSIER" in page
    assert "data-map" not in page


async def test_a_ledger_out_of_reach_is_told_in_words(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    async with town.writing() as connection:
        await connection.execute(text("ALTER TABLE alerts RENAME TO away"))
    page = await operator.get("/")
    assert page.status_code == 503
    assert "Tocsin ne lit plus son registre" in page.text
    assert "alerts" not in page.text


async def test_the_map_draws_the_plans_layers_and_a_table_says_the_same(
    operator: httpx.AsyncClient,
) -> None:
    page = html.unescape((await operator.get("/")).text)
    counts = {}
    for layer in ("commune", "secteurs", "zones", "enjeux", "centres", "rassemblement", "fond"):
        answered = await operator.get(f"/carte/{layer}.geojson")
        assert answered.headers["content-type"] == "application/geo+json"
        features = answered.json()["features"]
        counts[layer] = len(features)
        if layer not in ("commune", "fond", "zones"):
            assert all(f'<th scope="row">{one["properties"]["nom"]}' in page for one in features)
    assert counts["commune"] == 1
    assert counts["secteurs"] >= 6
    assert min(counts.values()) >= 1
    team = re.search(r'<th scope="row">TERRAIN 1</th><td>([^<]+)</td><td[^>]*>(\d+)', page)
    assert team is not None
    assert team.groups() == ("Bas-Bourg, La Prairie", "2")


async def test_the_map_names_each_sector_once_and_inside_it(operator: httpx.AsyncClient) -> None:
    drawn = (await operator.get("/carte/secteurs.geojson")).json()["features"]
    names = (await operator.get("/carte/secteurs-noms.geojson")).json()["features"]
    grounds = {one["properties"]["nom"]: shape(one["geometry"]) for one in drawn}
    assert [one["properties"]["nom"] for one in names] == list(grounds)
    for one in names:
        assert grounds[one["properties"]["nom"]].contains(shape(one["geometry"]))


async def test_a_layer_that_did_not_change_is_not_sent_again(operator: httpx.AsyncClient) -> None:
    first = await operator.get("/carte/secteurs.geojson")
    again = await operator.get(
        "/carte/secteurs.geojson", headers={"if-none-match": first.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


async def test_the_zone_of_an_alert_is_drawn_as_it_was_drafted(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    written = await write_alert(town, Planned())
    zone = (await operator.get(f"/carte/alerte/{written.alert_id}/1.geojson")).json()
    assert [one["geometry"] for one in zone["features"]] == [AREA]


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "fr"),
        ("en-GB,en;q=0.9", "en"),
        ("fr-CA,en;q=0.9", "fr"),
        ("de,en;q=0.8,fr;q=0.2", "en"),
        ("de", "fr"),
        ("en;q=abc,fr", "fr"),
    ],
)
def test_the_browser_chooses_among_our_languages(header: str, language: str) -> None:
    assert best_of(header) == language


async def test_a_language_chosen_by_a_link_is_kept(visitor: httpx.AsyncClient) -> None:
    assert 'lang="fr"' in (await visitor.get("/connexion")).text
    chosen = await visitor.get("/connexion?lang=en")
    assert "Password" in chosen.text
    assert "Password" in (await visitor.get("/connexion")).text


async def test_the_whole_console_speaks_english(operator: httpx.AsyncClient, town: Ledger) -> None:
    written = await write_alert(
        town, Planned(lines=EVERYTHING, unreachable={"no_contact": 1, "unsubscribed": 2})
    )
    await answer(town, written.deliveries[0], "help")
    page = (await operator.get("/?lang=en")).text
    assert "1 person needs help" in page
    assert "Sandbox: no real message leaves" in page
    french = r"[Pp]ersonnes|visées|remis\b|Enjeux|Secteurs<|Alertes|Non joints|Débit|Lancée"
    assert re.findall(french, page) == []


EVERYTHING = tuple(
    (medium, state, 2)
    for medium in ("sms", "voice", "email")
    for state in ("ready", "sending", "unknown", "accepted", "delivered", "failed", "expired")
)


def test_every_sentence_of_the_pages_has_its_english() -> None:
    found = extract_from_dir(
        str(PAGES),
        method_map=[("templates/**.html", "jinja2"), ("**.py", "python")],
        options_map={"templates/**.html": {"trimmed": "true"}},
    )
    wanted = {one[2] if isinstance(one[2], str) else one[2][0] for one in found}
    wanted |= {word for words in VOCABULARY.values() for word in words.values()}
    wanted |= set(MAP_WORDS.values())
    english = translations("en")
    same_in_both = {
        *(
            "Message",
            "Messages",
            "Type",
            "Source",
            "Version",
            "Situation",
            "Centres",
            "Places",
            "Webhook",
        ),
        *("Plan", "%(n)s segment", "Excel, LibreOffice, CSV"),
        *("message", "intervention", "gendarmerie", "console", "urgent", "mission", "Mission"),
        *("Missions", "En route", "Point"),
        *("SMS", "E-mail", "RAC", "Commune", "m", "km", "Mobile", "Radio", "Machine"),
    }
    assert len(wanted) > 150
    kept = set(getattr(english, "_messages"))  # noqa: B009 - what the catalogue holds
    assert wanted - kept == set()
    assert {one for one in wanted - same_in_both if english.gettext(one) == one} <= same_in_both
