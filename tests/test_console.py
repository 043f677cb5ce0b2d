"""The console's doors: who may open what, whose forms are taken, what every answer carries."""

import html
import json
import re
from pathlib import Path

import httpx
import pytest
from fastapi.routing import iter_route_contexts
from sqlalchemy import text

from dispatcher.access.permissions import GRANTED, PERMISSIONS
from dispatcher.delivery.content import Texts
from dispatcher.settings import PlaceSettings
from dispatcher.store.ledger import Ledger
from operator_ui.app import create_app
from operator_ui.headers import POLICY
from tests.consoles import SAME, console, form_token, sign_in
from tests.situations import Planned, add_user, write_alert

pytest_plugins = ("tests.console_visits",)
PAGES = Path(__file__).parents[1] / "operator_ui"
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7}}"


def test_every_route_says_which_permission_it_needs(tmp_path: Path) -> None:
    app = create_app(PlaceSettings(data_dir=tmp_path))
    said = {
        route.path: getattr(route.endpoint, "permission", None)
        for route in iter_route_contexts(app.routes)
        if route.path != "/static"
    }
    assert len(said) > 15
    assert {path for path, one in said.items() if one not in PERMISSIONS | {"public"}} == set()


async def test_only_these_pages_open_without_signing_in(visitor: httpx.AsyncClient) -> None:
    app = visitor._transport.app  # type: ignore[attr-defined]  # the application under test
    opened_to_all = set()
    for route in iter_route_contexts(app.routes):
        if "GET" in (getattr(route, "methods", None) or ()):
            path = re.sub(r"\{[^}]+\}", "1", str(route.path))
            answer = await visitor.get(path)
            if answer.status_code not in (303, 401):
                opened_to_all.add(route.path)
    assert opened_to_all == {
        *("/connexion", "/invitation/{token}", "/a/{token}", "/healthz", "/readyz"),
        *("/connexion/retour", "/connexion/relier/{secret}"),  # not found without a provider
        *("/t/{token}", "/t/sw.js"),  # a team's phone: its link opens it
        *("/api/partenaires", "/api/v1/partner/openapi.json"),  # what vendors read
        *("/alertes", "/alertes/{commune}", "/accessibilite"),  # what everybody may read
        *("/inscription/{commune}", "/inscription/{commune}/{token}"),  # who enrols herself
        *("/inscription/{commune}/proche", "/inscription/{commune}/proche/{token}"),
        *("/inscription/{commune}/ma-page", "/r/{token}"),  # her own page, and her way back
        *("/r/{token}/copie", "/r/{token}/copie.json", "/r/{token}/effacer"),
    }


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/metrics", "/api/v1/docs"])
async def test_no_description_of_the_api_is_shown_to_strangers(
    visitor: httpx.AsyncClient, path: str
) -> None:
    assert (await visitor.get(path)).status_code == 404


async def test_whoever_is_signed_in_reads_what_the_api_is_and_nothing_of_the_pages(
    operator: httpx.AsyncClient,
) -> None:
    described = (await operator.get("/api/v1/openapi.json")).json()
    app = operator._transport.app  # type: ignore[attr-defined]  # the application under test
    served = {str(one.path) for one in iter_route_contexts(app.routes)}
    api = {re.sub(r":\w+\}", "}", path) for path in served if path.startswith("/api/v1")}
    assert set(described["paths"]) == api
    named = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(described)))
    assert named == set(described["components"]["schemas"])


async def test_a_stranger_is_sent_to_sign_in_and_comes_back(visitor: httpx.AsyncClient) -> None:
    sent = await visitor.get("/console/alertes")
    assert sent.headers["location"] == "/connexion?vers=/console/alertes"
    form = (await visitor.get(sent.headers["location"])).text
    assert 'name="vers" value="/console/alertes"' in form


@pytest.mark.parametrize("vers", ["https://evil.example", "//evil.example", "/\\evil.example"])
async def test_signing_in_never_leads_to_another_site(
    visitor: httpx.AsyncClient, vers: str
) -> None:
    form = await visitor.get("/connexion", params={"vers": vers})
    assert 'name="vers" value="/"' in form.text


@pytest.mark.parametrize("function", sorted(GRANTED))
async def test_each_function_that_may_read_alerts_reads_them(
    visitor: httpx.AsyncClient, town: Ledger, function: str
) -> None:
    await add_user(town, login="autre", function=function)
    await sign_in(visitor, "autre")
    expected = 200 if "alert.read" in GRANTED[function] else 403
    assert (await visitor.get("/console/alertes")).status_code == expected


async def test_a_function_that_holds_nothing_opens_nothing(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    await add_user(town, login="stagiaire", function="intern")
    await sign_in(visitor, "stagiaire")
    refused = await visitor.get("/")
    assert refused.status_code == 403
    assert "Votre fonction ne donne pas accès" in refused.text


async def test_an_alert_of_another_commune_is_not_there(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    theirs = await write_alert(town, Planned(commune="99042", title="Leur crue"))
    page = await operator.get(f"/console/alertes/{theirs.alert_id}")
    assert page.status_code == 404
    assert "Leur crue" not in page.text
    zone = await operator.get(f"/carte/alerte/{theirs.alert_id}/1.geojson")
    assert zone.json()["features"] == []


async def test_a_wrong_password_is_told_in_a_sentence_and_opens_nothing(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    form = (await visitor.get("/connexion")).text
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    sent = await visitor.post(
        "/connexion", data={**hidden, "login": "rac", "password": "faux"}, headers=SAME
    )
    assert sent.status_code == 401
    assert "Identifiant, mot de passe ou code incorrect." in sent.text
    assert "tocsin" not in sent.cookies


async def test_guesses_from_elsewhere_do_not_keep_the_mayor_out(visitor: httpx.AsyncClient) -> None:
    app = visitor._transport.app  # type: ignore[attr-defined]  # the application under test
    for subscriber in ("203.0.113.9", "2001:db8:0:7::1"):
        elsewhere = httpx.ASGITransport(app, client=(subscriber, 4000))
        async with httpx.AsyncClient(transport=elsewhere, base_url=visitor.base_url) as guesser:
            for _ in range(4):
                await sign_in(guesser, "rac", password="une idée au hasard")
            assert "Trop d&#39;essais" in (await sign_in(guesser)).text
    neighbour = httpx.ASGITransport(app, client=("2001:db8:0:7::2", 4000))
    async with httpx.AsyncClient(transport=neighbour, base_url=visitor.base_url) as guesser:
        assert "Trop d&#39;essais" in (await sign_in(guesser)).text
    assert (await sign_in(visitor)).status_code == 303


@pytest.mark.parametrize(
    ("public_url", "name", "secure"),
    [("", "tocsin", False), ("https://alerte.vaubrenne.example", "__Host-tocsin", True)],
)
async def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(
    tmp_path: Path, town: Ledger, public_url: str, name: str, secure: bool
) -> None:
    async with console(tmp_path, public_url=public_url) as client:
        sent = await sign_in(client)
        cookies = sent.headers.get_list("set-cookie")
        (cookie,) = [one for one in cookies if one.startswith(f"{name}=")]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert ("Secure" in cookie) == secure


async def test_signing_out_ends_the_session_in_the_ledger(operator: httpx.AsyncClient) -> None:
    session = operator.cookies["tocsin"]
    token = await form_token(operator)
    sent = await operator.post("/deconnexion", data={"token": token}, headers=SAME)
    assert sent.headers["location"] == "/connexion"
    operator.cookies.set("tocsin", session)
    assert (await operator.get("/")).status_code == 303


async def test_a_form_without_its_token_does_nothing(operator: httpx.AsyncClient) -> None:
    sent = await operator.post("/deconnexion", data={"token": "0" * 32}, headers=SAME)
    assert sent.status_code == 403
    assert (await operator.get("/")).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {},
    ],
)
async def test_an_act_that_no_page_of_ours_sent_is_refused(
    operator: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    token = await form_token(operator)
    sent = await operator.post("/deconnexion", data={"token": token}, headers=headers)
    assert sent.status_code == 403
    assert (await operator.get("/")).status_code == 200


async def test_an_older_browser_is_believed_by_its_origin(tmp_path: Path, town: Ledger) -> None:
    url = "https://alerte.vaubrenne.example"
    async with console(tmp_path, public_url=url) as client:
        assert (await sign_in(client)).status_code == 303
        token = await form_token(client)
        sent = await client.post(
            "/deconnexion", data={"token": token}, headers={"origin": url, "host": "evil"}
        )
    assert sent.status_code == 303


async def test_the_api_refuses_a_cookie_that_another_site_sends(
    operator: httpx.AsyncClient,
) -> None:
    sent = await operator.post("/api/v1/alerts", json={}, headers={"origin": "https://e.example"})
    assert sent.status_code == 403
    assert "Rechargez la page" in sent.text


@pytest.mark.parametrize("path", ["/connexion", "/healthz", "/a/unknown", "/nowhere", "/static/x"])
async def test_every_answer_carries_the_same_protection(
    visitor: httpx.AsyncClient, path: str
) -> None:
    headers = (await visitor.get(path)).headers
    assert headers["content-security-policy"] == POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cache-control"] == "no-store"


def test_the_policy_runs_nothing_but_our_own_files() -> None:
    assert POLICY.startswith("default-src 'none'; script-src 'self';")
    assert "unsafe" not in POLICY


def test_no_template_needs_an_exception_to_the_policy() -> None:
    for path in (PAGES / "templates").glob("*.html"):
        text = path.read_text("utf-8")
        if path.name.startswith("public"):  # whole in one file: its style is known by its hash
            text = text.replace('<style>{% include "_public_style.css" %}</style>', "")
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|\|\s*safe\b", text), path.name
        assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text)), path.name


async def test_hostile_words_stay_words(operator: httpx.AsyncClient, town: Ledger) -> None:
    bad = Texts(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    await add_user(town, login="mallory", name=HOSTILE)
    written = await write_alert(
        town,
        Planned(
            title=HOSTILE,
            issuer=HOSTILE,
            texts={"fr": bad, "en": bad},
            lines=(("sms", "delivered", 1),),
            unreachable={HOSTILE[:40]: 1},
        ),
    )
    await sign_in(operator, "mallory")
    (token,) = written.tokens.values()
    for path in ("/", "/console/alertes", f"/console/alertes/{written.alert_id}", f"/a/{token}"):
        page = (await operator.get(path)).text
        assert html.escape("<script>alert(1)") in page, path
        assert "<script>alert" not in page, path
        assert "<img src=x" not in page, path


async def test_a_hostile_login_comes_back_as_text(visitor: httpx.AsyncClient) -> None:
    form = (await visitor.get("/connexion")).text
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    sent = await visitor.post(
        "/connexion", data={**hidden, "login": HOSTILE, "password": "x"}, headers=SAME
    )
    assert "<img src=x" not in sent.text
    assert html.escape("<img src=x") in sent.text


async def test_a_supervisor_hears_that_the_ledger_is_out_of_reach(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    assert (await visitor.get("/readyz")).status_code == 200
    async with town.writing() as connection:
        await connection.execute(text("ALTER TABLE acts RENAME TO away"))
    assert (await visitor.get("/readyz")).status_code == 503
    assert (await visitor.get("/healthz")).status_code == 200
