"""A mail server hands a bounce to `tocsin bounce`, as an alias does."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

from dispatcher.cli.provider import of_mailbox
from dispatcher.delivery.drain import drain
from dispatcher.delivery.tokens import NamedAttempt, TokenKeys, attempt_token
from dispatcher.keys import key
from dispatcher.store.people import Contact
from tests.bounced_mail import bounce
from tests.fake_channel import FakeChannel, door
from tests.keyring import opened
from tests.outgoing import COMMUNE, Inhabitant, Plan, only_row, planned
from tests.pursued_town import mail
from tests.real_parts import ROOT

LATER = 75  # EX_TEMPFAIL (sysexits.h): the mail server keeps the message


async def handed(raw: bytes, ledger_url: str, folder: Path) -> tuple[int, str]:
    """Run the command; return its exit status and what it says became of the message."""
    process = await asyncio.create_subprocess_exec(
        "env", f"TOCSIN_DATA_DIR={folder}", f"TOCSIN_DATABASE_URL={ledger_url}",
        sys.executable, "-m", "dispatcher.cli", "bounce", "--json",
        cwd=ROOT, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    said, _ = await asyncio.wait_for(process.communicate(raw), 60)
    assert process.returncode is not None
    return process.returncode, str(json.loads(said)["outcome"]) if said else ""


async def test_a_bounce_is_taken_what_is_none_does_not_bounce_and_a_closed_ledger_waits(
    sqlite_template: Path, tmp_path: Path
) -> None:
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(sqlite_template.read_bytes())
    url = f"sqlite+aiosqlite:///{path}"
    keys = TokenKeys(key(tmp_path, "attempts"), key(tmp_path, "answers"))
    async with opened(url) as ledger:
        await planned(ledger, Plan([Inhabitant("p1", (Contact("email", mail(1)),))], (("email",),)))
        await drain(door(ledger, FakeChannel("email")))
        named = NamedAttempt(COMMUNE, str((await only_row(ledger))["delivery_id"]), 1)
        raw = bounce(attempt=attempt_token(keys, named).value) + b"x" * 2_000_000
        nowhere = "postgresql+psycopg://postgres@127.0.0.1:9/none"
        assert [
            await handed(b"Subject: rien\r\n\r\n", url, tmp_path),
            await handed(raw, nowhere, tmp_path),
            await handed(raw, url, tmp_path),
        ] == [(0, "set_aside"), (LATER, ""), (0, "taken")]
        assert (await only_row(ledger))["state"] == "undelivered"


def test_a_check_of_the_providers_tells_of_a_mailbox_that_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int
) -> None:
    assert of_mailbox() == []
    for name, value in (("HOST", "127.0.0.1"), ("PORT", str(unused_tcp_port)), ("USER", "retours")):
        monkeypatch.setenv(f"TOCSIN_BOUNCES_{name}", value)
    (told,) = of_mailbox()
    assert (told["ok"], told["remedy"]) == (False, "Vérifiez TOCSIN_BOUNCES_…")
