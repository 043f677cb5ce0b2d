"""« Accès », invitations, first set-up: the pages, and the links and announcements that leave."""

import asyncio
import html
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from dispatcher.keys import key
from dispatcher.staff.first_run import set_up_code
from dispatcher.store.ledger import Ledger
from dispatcher.store.migrate import migrate
from dispatcher.store.users import accounts_of
from tests.consoles import SAME, console
from tests.keyring import opened
from tests.sandbox_process import SandboxHandle, running_sandbox
from tests.signing import enrol, enter, send
from tests.situations import COMMUNE, PASSWORD

pytest_plugins = ("tests.console_visits",)
LONG = "quatre mots sans aucun rapport"
LINK = re.compile(r"https?://\S+(/invitation/[\w-]+)")


@pytest.fixture
async def operators(tmp_path: Path) -> AsyncIterator[SandboxHandle]:
    """Start the pretend operators of this installation."""
    async with running_sandbox(tmp_path / "sandbox") as handle:
        yield handle


@pytest.fixture
async def admin(
    operators: SandboxHandle, visitor: httpx.AsyncClient, town: Ledger
) -> httpx.AsyncClient:
    """Be the only administrator, signed in with a code."""
    await enrol(town, "isabelle", "administrator", contact="dgs")
    assert (await enter(visitor, "isabelle")).status_code == 303
    return visitor


async def arrived(operators: SandboxHandle, word: str, *, number: int = 1) -> list[str]:
    """Wait until so many messages with this word came in, and return them."""
    async with asyncio.timeout(20):
        while True:
            texts = [str(one["text"]) for one in await operators.outbox("?limit=100")]
            found = [one for one in texts if word in one]
            if len(found) >= number:
                return found
            await asyncio.sleep(0.2)


async def test_an_invited_deputy_opens_her_own_access_and_the_mayor_hears_of_it(
    admin: httpx.AsyncClient, operators: SandboxHandle, tmp_path: Path
) -> None:
    sent = await send(admin, "/acces/inviter", contact="adj1", login="bruno", function="deputy")
    assert sent.headers["location"] == "/acces?fait=lien"
    (mail, *_) = await arrived(operators, "/invitation/")
    (path,) = set(LINK.findall(mail))
    told = await arrived(operators, "Invitation envoyée", number=3)
    assert all(path not in one for one in told)
    async with console(tmp_path) as hers:
        page = html.unescape((await hers.get(path)).text)
        assert "Bruno OUDOT" in page
        assert "Adjoint suppléant" in page
        opened_hers = await send(hers, path, password=PASSWORD, again=PASSWORD)
        assert opened_hers.headers["location"] == "/compte/second-facteur"
        assert (await hers.get("/")).headers["location"] == "/compte/second-facteur"
        again = await hers.get(path)
        assert again.status_code == 404
        assert "a servi" in again.text


async def test_looking_at_a_link_changes_nothing(
    admin: httpx.AsyncClient, operators: SandboxHandle, tmp_path: Path
) -> None:
    await send(admin, "/acces/inviter", contact="adj1", login="bruno", function="deputy")
    (mail, *_) = await arrived(operators, "/invitation/")
    (path,) = set(LINK.findall(mail))
    async with console(tmp_path) as scanner:
        for _ in range(3):
            assert (await scanner.get(path)).status_code == 200
        wrong = await send(scanner, path, password=PASSWORD, again="autre chose")
        assert wrong.status_code == 422
        bare = await scanner.post(
            path, data={"password": PASSWORD, "again": PASSWORD}, headers=SAME
        )
        assert bare.status_code == 403
        taken = await send(scanner, path, password=PASSWORD, again=PASSWORD)
    assert taken.status_code == 303


async def test_a_second_person_sees_what_waits_and_agrees(
    admin: httpx.AsyncClient, town: Ledger, tmp_path: Path
) -> None:
    await enrol(town, "helene", "dos", contact="maire")
    sent = await send(
        admin, "/acces/inviter", name="Nora Amrani", email="nora@x.example", login="nora",
        function="operator", reason="renfort CARE",
    )  # fmt: skip
    assert sent.headers["location"] == "/acces?fait=attend"
    (path,) = set(re.findall(r"/acces/demandes/\w+", (await admin.get("/acces")).text))
    own = html.unescape((await admin.get(path)).text)
    assert "il faut l'accord d'une autre personne" in own
    refused = await send(admin, path, act="grant")
    assert refused.status_code == 409
    async with console(tmp_path) as mayor:
        await enter(mayor, "helene")
        assert "renfort CARE" in (await mayor.get(path)).text
        agreed = await send(mayor, path, act="grant")
        assert agreed.headers["location"] == "/acces?fait=lien"


async def test_a_link_that_no_account_takes_is_told_and_sent_again(
    admin: httpx.AsyncClient, operators: SandboxHandle
) -> None:
    for medium, kind in (
        ("sms", "refuse_500_before"),
        ("texto", "refuse_500_before"),
        ("email", "smtp_550"),
    ):
        await operators.faults(medium, kind, share=1.0)
    sent = await send(admin, "/acces/inviter", contact="adj1", login="bruno", function="deputy")
    assert sent.headers["location"] == "/acces?fait=non-parti"
    await operators.no_more_faults()
    (path,) = set(re.findall(r"/acces/demandes/\w+", (await admin.get("/acces")).text))
    again = await send(admin, path, act="again")
    assert again.headers["location"] == "/acces?fait=lien"
    assert len(await arrived(operators, "/invitation/")) >= 1


async def test_an_access_is_taken_away_from_the_page(
    admin: httpx.AsyncClient, town: Ledger
) -> None:
    await enrol(town, "theo", "operator", contact="urbanisme")
    page = (await admin.get("/acces")).text
    assert 'href="/acces/personnes/theo"' in page
    sent = await send(admin, "/acces/personnes/theo", act="removal", reason="mutation")
    assert sent.headers["location"] == "/acces?fait=fait"
    gone = [one for one in await accounts_of(town, COMMUNE) if one.disabled_at is not None]
    assert [one.user.login for one in gone] == ["theo"]
    assert "mutation" in (await admin.get("/acces")).text


async def test_the_rac_sees_accesses_and_changes_none(
    operators: SandboxHandle, visitor: httpx.AsyncClient, town: Ledger
) -> None:
    await enrol(town, "samir", "rac")
    await enter(visitor, "samir")
    page = (await visitor.get("/acces")).text
    assert "Inviter" not in page
    assert (await visitor.get("/acces/inviter")).status_code == 403
    assert (await visitor.get("/acces/droits")).status_code == 200


async def test_an_installation_without_users_is_set_up_by_whom_the_server_told(
    tmp_path: Path,
) -> None:
    await migrate(f"sqlite+aiosqlite:///{tmp_path / 'ledger.sqlite'}")
    code = set_up_code(key(tmp_path, "sessions"))
    first = {
        "commune": "35047", "login": "claire.martin", "name": "Claire MARTIN",
        "password": LONG, "again": LONG,
    }  # fmt: skip
    async with console(tmp_path) as client:
        assert (await client.get("/connexion")).headers["location"] == "/installation"
        wrong = await send(client, "/installation", **first, code="AAAA AAAA AAAA AAAA")
        assert "access setup" in wrong.text
        assert "Claire MARTIN" in wrong.text
        assert code in (await client.get("/installation", params={"code": code})).text
        done = await send(client, "/installation", **first, code=code)
        assert done.headers["location"] == "/compte/second-facteur"
        assert (await client.get("/compte")).status_code == 200
        assert (await client.get("/installation")).headers["location"] == "/connexion"
    async with opened(f"sqlite+aiosqlite:///{tmp_path / 'ledger.sqlite'}") as ledger:
        (account,) = await accounts_of(ledger, "35047")
    assert account.user.function == "administrator"


async def test_guesses_of_the_set_up_code_are_slowed(tmp_path: Path) -> None:
    await migrate(f"sqlite+aiosqlite:///{tmp_path / 'ledger.sqlite'}")
    async with console(tmp_path) as client:
        said = [
            (await send(client, "/installation", code=f"AAAA{n}", commune="35047")).text
            for n in range(5)
        ]
    assert "Trop d&#39;essais" in said[-1]
