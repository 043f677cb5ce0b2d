"""« Mon compte », second factors, confirming: what people meet on the pages."""

import html
import re
import time
from pathlib import Path

import httpx
import pyotp
import pytest
from sqlalchemy import update

from dispatcher.store.ledger import Ledger
from dispatcher.store.tables import sessions, users
from tests.consoles import SAME, console, form_token, sign_in
from tests.signing import SECRET, code, enrol, enter, send
from tests.situations import PASSWORD

pytest_plugins = ("tests.console_visits",)


async def stale(town: Ledger) -> None:
    """Make every second factor shown long ago."""
    async with town.writing() as connection:
        await connection.execute(update(sessions).values(confirmed_at=time.time() - 3600))


async def test_a_password_alone_opens_only_the_page_that_adds_a_second_factor(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    await enrol(town, "theo", "operator", secret=None)
    await enter(visitor, "theo", given="")
    for path in ("/", "/console/alertes", "/acces"):
        assert (await visitor.get(path)).headers["location"] == "/compte/second-facteur"
    assert (await visitor.get("/compte")).status_code == 200
    read = await visitor.get("/api/v1/alerts/x", headers=SAME)
    assert read.status_code == 403
    assert "second facteur" in read.json()["detail"]


async def test_adding_a_second_factor_leads_to_printed_codes_and_opens_the_console(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    await enrol(town, "theo", "operator", secret=None)
    await enter(visitor, "theo", given="")
    form = (await visitor.get("/compte/second-facteur")).text
    secret = re.search(r'name="secret" value="(\w+)"', form)
    assert secret is not None
    assert secret[1] in form.replace(" ", "").replace('value="', "")
    assert 'src="data:image/svg+xml' in form
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    wrong = await visitor.post(
        "/compte/second-facteur", data={**hidden, "code": "000000"}, headers=SAME
    )
    assert wrong.status_code == 422
    assert "pas le bon" in wrong.text
    right = pyotp.TOTP(secret[1]).now()
    kept = await visitor.post(
        "/compte/second-facteur", data={**hidden, "code": right}, headers=SAME
    )
    assert kept.headers["location"] == "/compte/codes"
    made = await send(visitor, "/compte/codes")
    assert len(re.findall(r"<code>[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}</code>", made.text)) == 10
    assert (await visitor.get("/")).status_code == 200


async def test_a_session_of_a_password_alone_gains_nothing_when_a_factor_is_added(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    await enrol(town, "theo", "operator", secret=None)
    await enter(visitor, "theo", given="")
    async with town.writing() as connection:
        await connection.execute(
            update(users).where(users.c.login == "theo").values(totp_secret=SECRET)
        )
    assert (await visitor.get("/")).headers["location"] == "/compte/second-facteur"
    asked = await visitor.get("/compte/second-facteur")
    assert asked.headers["location"].startswith("/confirmer")


async def test_a_secret_that_the_page_did_not_show_is_not_kept(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    await enrol(town, "theo", "operator", secret=None)
    await enter(visitor, "theo", given="")
    mine = pyotp.random_base32()
    sent = await send(visitor, "/compte/second-facteur", secret=mine, code=pyotp.TOTP(mine).now())
    assert sent.status_code == 422
    assert (await visitor.get("/")).status_code == 303


async def test_where_a_medium_is_real_nobody_is_waived(
    tmp_path: Path, town: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_WEBHOOK_SIGNING", "whsec_" + "a" * 32)
    async with console(tmp_path) as client:
        await sign_in(client)
        assert (await client.get("/")).headers["location"] == "/compte/second-facteur"


async def test_a_grave_page_asks_for_the_code_again_and_goes_on(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    await enrol(town, "isabelle", "administrator")
    await enter(visitor, "isabelle")
    assert (await visitor.get("/acces/inviter")).status_code == 200
    await stale(town)
    asked = await visitor.get("/acces/inviter")
    assert asked.headers["location"] == "/confirmer?vers=/acces/inviter"
    wrong = await send(visitor, asked.headers["location"], to="/confirmer", code="000000")
    assert wrong.status_code == 422
    before = visitor.cookies["tocsin"]
    with_next_code = pyotp.TOTP(SECRET).at(time.time() + 30)
    assert with_next_code != code()
    async with town.writing() as connection:
        await connection.exec_driver_sql("UPDATE users SET totp_used = NULL")
    right = await send(visitor, asked.headers["location"], to="/confirmer", code=code())
    assert right.headers["location"] == "/acces/inviter"
    assert visitor.cookies["tocsin"] != before
    assert (await visitor.get("/acces/inviter")).status_code == 200


async def test_a_grave_form_that_waited_too_long_does_nothing_and_says_so(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    await enrol(town, "isabelle", "administrator")
    await enter(visitor, "isabelle")
    token = await form_token(visitor)
    await stale(town)
    sent = await visitor.post(
        "/acces/inviter", data={"token": token, "login": "nora"}, headers=SAME
    )
    assert sent.headers["location"] == "/confirmer?vers=/acces/inviter&tard=1"
    assert "Rien n&#39;est fait" in (await visitor.get(sent.headers["location"])).text


@pytest.mark.parametrize("vers", ["https://evil.example", "//evil.example", "/\\evil.example"])
async def test_confirming_never_leads_to_another_site(
    operator: httpx.AsyncClient, vers: str
) -> None:
    sent = await send(operator, "/confirmer", vers=vers, password=PASSWORD)
    assert sent.headers["location"] == "/"


async def test_a_form_of_another_tab_still_counts_after_confirming(
    operator: httpx.AsyncClient,
) -> None:
    token = await form_token(operator)
    confirmed = await send(operator, "/confirmer", vers="/", password=PASSWORD)
    assert confirmed.status_code == 303
    left = await operator.post("/deconnexion", data={"token": token}, headers=SAME)
    assert left.headers["location"] == "/connexion"


async def test_sessions_are_listed_and_another_one_is_ended(
    visitor: httpx.AsyncClient, town: Ledger, tmp_path: Path
) -> None:
    await sign_in(visitor)
    async with console(tmp_path) as telephone:
        telephone.headers["user-agent"] = "Mozilla/5.0 (Android 14) Firefox/140.0"
        await sign_in(telephone)
        page = (await visitor.get("/compte")).text
        assert "Firefox · Android" in page
        assert "cet écran" in page
        (path,) = re.findall(r'action="(/compte/sessions/\w+/fermer)"', page)
        assert (await send(visitor, "/compte", to=path)).status_code == 303
        assert (await telephone.get("/")).status_code == 303
    assert (await visitor.get("/")).status_code == 200


async def test_a_new_password_is_typed_twice(operator: httpx.AsyncClient) -> None:
    path = "/compte/mot-de-passe"
    differs = await send(operator, path, password="un mot de passe neuf", again="autre chose")
    assert "diffèrent" in differs.text
    weak = await send(operator, path, password="court", again="court")
    assert "au moins 12" in weak.text
    good = await send(operator, path, password="un tout autre secret", again="un tout autre secret")
    assert good.status_code == 303


@pytest.mark.parametrize(
    "path", ["/compte", "/compte/codes", "/compte/second-facteur", "/confirmer"]
)
async def test_account_pages_speak_english_too(operator: httpx.AsyncClient, path: str) -> None:
    page = html.unescape((await operator.get(path, params={"lang": "en"})).text)
    assert not re.search(r"\b(Vous|votre|votre|avec|téléphone)\b", page.split("<main")[1])
