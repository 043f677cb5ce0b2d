"""A whole house with live accounts rehearses: the rehearsal ends, and nothing of it leaves."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest
from sqlalchemy import make_url

from dispatcher.cli.tree import process_specs, settled
from dispatcher.delivery.accounts import MEDIA as ALL_MEDIA
from dispatcher.providerless import provider_settings, strangers
from dispatcher.settings import PlaceSettings, QueueSettings
from dispatcher.store.ledger import Ledger
from dispatcher.store.people import Contact
from dispatcher.store.versions import Version, version_by_id
from dispatcher.supervisor import supervise
from tests.keyring import keep_ring
from tests.outgoing import COMMUNE, Inhabitant, Plan, crowd, launched, rows
from tests.real_parts import ROOT
from tests.sandbox_process import SandboxHandle, running_sandbox

EVERYBODY = [
    Inhabitant("p1", (Contact("mobile", "+33639980001"),)),
    Inhabitant("p2", (Contact("fixed", "+33199000002"),)),
    Inhabitant("p3", (Contact("email", "p3@habitants.example"),)),
    Inhabitant("p4", (Contact("webhook", "https://p4.example/hook"),)),
]
EVERY_MEDIUM = tuple((medium,) for medium in ALL_MEDIA)
SENDING = ("redis", "worker", "rehearsals")
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
async def running(folder: Path) -> AsyncIterator[None]:
    """Keep what sends in a house as `tocsin run` keeps it: its own commands, its own supervisor."""
    place = settled(PlaceSettings(data_dir=folder / "house", port=0))
    place.data_dir.mkdir()
    keep_ring(place.data_dir)
    specs = [one for one in process_specs(place, QueueSettings()) if one.name in SENDING]
    assert [one.name for one in specs] == list(SENDING)
    with (folder / "house.log").open("w") as said:
        keeper = asyncio.create_task(supervise(specs, say=lambda one: print(one, file=said)))
        try:
            yield
        finally:
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.wait_for(keeper, 30)


async def finished(ledger: Ledger, version: Version) -> None:
    async with asyncio.timeout(60):
        found: Version | None = version
        while found is None or found.finished_at is None:
            await asyncio.sleep(0.1)
            found = await version_by_id(ledger, COMMUNE, version.version_id)


def rehearsing() -> psutil.Process:
    """Return the process of rehearsals that is kept here."""
    ours = psutil.Process().children(recursive=True)
    (found,) = [one for one in ours if one.cmdline()[-1:] == ["rehearsals"]]
    return found


async def test_a_rehearsal_ends_beside_live_accounts_and_its_process_reaches_only_the_ledger(
    ledger: Ledger, ledger_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tap = tmp_path / "tap"
    tap.mkdir()
    async with running_sandbox(tmp_path / "sandbox") as sandbox:
        settings = live_settings(sandbox, tmp_path) | {
            "TOCSIN_DATABASE_URL": ledger_url,
            "PYTHONPATH": str(ROOT / "tests" / "house_tap"),
            "TAP": str(tap),
        }
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        real = await launched(ledger, Plan(crowd(1, first=7)))
        played = await launched(
            ledger, Plan(EVERYBODY, chains=EVERY_MEDIUM, route="rehearsal", block=2)
        )
        async with running(tmp_path):
            await finished(ledger, real)
            await finished(ledger, played)
            mine = rehearsing()
            told = provider_settings(mine.environ()), strangers(mine.environ())
            talks = [one for one in mine.net_connections() if one.status == psutil.CONN_ESTABLISHED]
            heard = await _connecting(sandbox.http), mine.pid
        left = await sandbox.ledger()
    assert told == ([], [])
    who_does, mine_heard = [(tap / str(number)).read_text() for number in heard]
    assert str(make_url(sandbox.http).port) in who_does  # the tap hears whoever connects
    assert mine_heard == ""
    assert {one.raddr.port for one in talks} <= {make_url(ledger_url).port}
    assert [one["to"] for one in left] == ["+33639980007"]
    found = [row for row in await rows(ledger) if row["route"] == "rehearsal"]
    assert {row["medium"] for row in found} == set(ALL_MEDIA)
    for row in found:
        end = (row["state"], row["provider"], row["attempts"])
        assert end == ("delivered", f"rehearsal-{row['medium']}", 1)


async def _connecting(url: str) -> int:
    """Connect from a process under the same tap; return its number."""
    code = f"from urllib.request import urlopen; urlopen('{url}/healthz')"
    one = await asyncio.create_subprocess_exec(sys.executable, "-c", code)
    assert await one.wait() == 0
    return one.pid
