"""A whole house with live accounts rehearses: the rehearsal ends, and nothing of it leaves."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
from sqlalchemy import make_url

from dispatcher.delivery.accounts import MEDIA as ALL_MEDIA
from dispatcher.providerless import provider_settings, strangers
from dispatcher.store.ledger import Ledger
from dispatcher.store.people import Contact
from dispatcher.store.versions import Version, version_by_id
from tests.outgoing import COMMUNE, Inhabitant, Plan, crowd, launched, rows
from tests.real_parts import ROOT, free_port
from tests.sandbox_process import SandboxHandle, running_sandbox

EVERYBODY = [
    Inhabitant("p1", (Contact("mobile", "+33639980001"),)),
    Inhabitant("p2", (Contact("fixed", "+33199000002"),)),
    Inhabitant("p3", (Contact("email", "p3@habitants.example"),)),
    Inhabitant("p4", (Contact("webhook", "https://p4.example/hook"),)),
]
EVERY_MEDIUM = tuple((medium,) for medium in ALL_MEDIA)
SECRET = "TOCSIN_OF_THE_SECOND_ACCOUNT"


def live_settings(sandbox: SandboxHandle, folder: Path) -> dict[str, str]:
    """Give live accounts of every medium: by settings, and a second one by the accounts file."""
    file = folder / "accounts.toml"
    file.write_text(
        '[[account]]\nname = "second"\nkind = "webhook"\nrate_per_s = 5\n'
        f'[account.secrets]\nsigning = {{ env = "{SECRET}" }}\n'
    )
    return {
        "TOCSIN_TWILIO_ACCOUNT": sandbox.account_sid,
        "TOCSIN_TWILIO_KEY": sandbox.api_key,
        "TOCSIN_TWILIO_SECRET": sandbox.api_secret,
        "tocsin_twilio_auth_token": sandbox.auth_token,  # settings are read whatever their case
        "TOCSIN_TWILIO_SENDER": "Valombre",
        "TOCSIN_TWILIO_NUMBER": "+33199000000",
        "TOCSIN_TWILIO_BASE_URL": sandbox.http,
        "TOCSIN_SMTP_HOST": sandbox.smtp_host,
        "TOCSIN_SMTP_PORT": str(sandbox.smtp_port),
        "TOCSIN_SMTP_USER": sandbox.smtp_user,
        "TOCSIN_SMTP_PASSWORD": sandbox.smtp_password,
        "TOCSIN_SMTP_SENDER": "alerte@valombre.example",
        "TOCSIN_SMTP_CA_FILE": str(sandbox.ca_file),
        "TOCSIN_WEBHOOK_SIGNING": sandbox.webhook_secret,
        "TOCSIN_ACCOUNTS_FILE": str(file),
        SECRET: sandbox.webhook_secret,
    }


@asynccontextmanager
async def running(folder: Path, settings: Mapping[str, str]) -> AsyncIterator[psutil.Process]:
    """Keep a whole house as `tocsin run` does, every Python process of it tapped."""
    (folder / "tap").mkdir()
    place = {
        "TOCSIN_DATA_DIR": str(folder / "house"),
        "TOCSIN_PORT": str(free_port()),
        "TOCSIN_PUBLIC_PORT": str(free_port()),
        "PYTHONPATH": str(ROOT / "tests" / "house_tap"),
        "TAP": str(folder / "tap"),
    }
    told = [f"{name}={value}" for name, value in {**settings, **place}.items()]
    with (folder / "house.log").open("wb") as said:
        house = await asyncio.create_subprocess_exec(
            "env", *told, sys.executable, "-m", "dispatcher.cli", "run",
            cwd=ROOT, stdout=said, stderr=said,
        )  # fmt: skip
    try:
        yield psutil.Process(house.pid)
    finally:
        house.kill()  # nothing of it stays behind, and nobody waits for its good-byes
        await asyncio.wait_for(house.wait(), 30)


async def finished(ledger: Ledger, version: Version) -> None:
    async with asyncio.timeout(60):
        found: Version | None = version
        while found is None or found.finished_at is None:
            await asyncio.sleep(0.1)
            found = await version_by_id(ledger, COMMUNE, version.version_id)


def verb_of(house: psutil.Process, verb: str) -> psutil.Process:
    """Give the process of a house that runs this verb."""
    (found,) = [one for one in house.children(recursive=True) if one.cmdline()[-1:] == [verb]]
    return found


async def test_a_rehearsal_ends_beside_live_accounts_and_its_process_reaches_only_the_ledger(
    ledger: Ledger, ledger_url: str, tmp_path: Path
) -> None:
    async with running_sandbox(tmp_path / "sandbox") as sandbox:
        settings = live_settings(sandbox, tmp_path) | {"TOCSIN_DATABASE_URL": ledger_url}
        real = await launched(ledger, Plan(crowd(1, first=7)))
        played = await launched(
            ledger, Plan(EVERYBODY, chains=EVERY_MEDIUM, route="rehearsal", block=2)
        )
        async with running(tmp_path, settings) as house:
            await finished(ledger, real)
            await finished(ledger, played)
            mine = verb_of(house, "rehearsals")
            told = provider_settings(mine.environ()), strangers(mine.environ())
            reached = {
                one.raddr.port
                for one in mine.net_connections()
                if one.status == psutil.CONN_ESTABLISHED
            }
            tapped = {
                number: (tmp_path / "tap" / str(number)).read_text()
                for number in (mine.pid, house.pid)
            }
        left = await sandbox.ledger()
    assert told == ([], [])
    assert tapped[mine.pid] == ""
    assert tapped[house.pid] != ""  # the tap hears who does connect
    assert reached <= {make_url(ledger_url).port}
    assert [one["to"] for one in left] == ["+33639980007"]
    found = [row for row in await rows(ledger) if row["route"] == "rehearsal"]
    assert {row["medium"] for row in found} == set(ALL_MEDIA)
    for row in found:
        end = (row["state"], row["provider"], row["attempts"])
        assert end == ("delivered", f"rehearsal-{row['medium']}", 1)
