"""Residents of the sandbox answer a running Tocsin: by SMS, and by calling the number back."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from channels.registry import open_channel
from dispatcher.delivery.accounts import routes
from dispatcher.delivery.drain import drain
from dispatcher.store.ledger import Ledger
from dispatcher.store.people import Contact
from dispatcher.store.versions import Version
from tests.answering_town import Town
from tests.consoles import ROOT, served
from tests.fake_channel import door
from tests.outgoing import Inhabitant, Plan, phone, planned
from tests.real_parts import free_port
from tests.sandbox_process import SandboxHandle, running_sandbox
from tests.situations import load_example_plan

ANNA, BENOIT, STRANGER = phone(0), "+33199000042", "+33199000043"
SHOWN, TEXTED = "+33199000001", "+33199000000"


@dataclass(frozen=True)
class Street:
    """A running Tocsin, the sandbox beside it, and where the sandbox hands in what comes."""

    town: Town
    version: Version
    sandbox: SandboxHandle
    addresses: dict[str, str]

    async def text(self, number: str, words: str, *, times: int = 1) -> dict[str, Any]:
        """Have a resident send an SMS; return what the sandbox kept of it."""
        url = self.addresses["sandbox-sms"]
        await self.sandbox.texted(number, words, to=TEXTED, url=url, times=times)
        entry: dict[str, Any] = (await self.sandbox.ledger("sms-in"))[-1]["detail"]
        return entry

    async def call(self, number: str, keys: str) -> list[dict[str, str]]:
        """Have a resident call the number back; return what she heard and pressed."""
        await self.sandbox.rung(number, keys, to=SHOWN, url=self.addresses["sandbox-voice"])
        heard: list[dict[str, str]] = (await self.sandbox.ledger("voice-in"))[-1]["detail"]["heard"]
        return heard


@pytest.fixture
async def street(ledger: Ledger, ledger_url: str, tmp_path: Path) -> AsyncIterator[Street]:
    """Warn two people by the sandbox's operators, and serve what answers them."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    await load_example_plan(ledger)
    async with (
        running_sandbox(tmp_path / "sandbox") as sandbox,
        served(tmp_path, ledger_url, {"TOCSIN_PUBLIC_URL": url}, port=port),
    ):
        people = (
            Inhabitant("anna", (Contact("mobile", ANNA),)),
            Inhabitant("benoit", (Contact("fixed", BENOIT),)),
        )
        chains, others = (("sms",),), ((("voice",),),)
        plan = Plan(people, chains, others=others, choice=(0, 1), two_way=True, lane=0)
        version = await planned(ledger, plan)
        await send(ledger, tmp_path, url)
        yield Street(Town(ledger), version, sandbox, await addresses(tmp_path, url))


async def send(ledger: Ledger, data_dir: Path, url: str) -> None:
    found = {one.medium: one.account for one in reversed(routes(data_dir)) if one.route == "live"}
    for medium in ("sms", "voice"):
        async with open_channel(found[medium], public_url=url) as channel:
            await drain(door(ledger, channel))


async def addresses(data_dir: Path, url: str) -> dict[str, str]:
    """Read the addresses to enter at the provider, where the README says to read them."""
    command = await asyncio.create_subprocess_exec(
        "env", f"TOCSIN_DATA_DIR={data_dir}", f"TOCSIN_PUBLIC_URL={url}",
        sys.executable, "-m", "dispatcher.cli", "provider", "check", "--json",
        cwd=ROOT, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    told, _ = await asyncio.wait_for(command.communicate(), 60)
    accounts = json.loads(told)["accounts"]
    return {one["account"]: one["inbound"] for one in accounts if one["inbound"]}


def said(heard: list[dict[str, str]]) -> str:
    assert not [part for part in heard if "problem" in part], heard
    return " ".join(part.get("said", "") for part in heard)


async def test_residents_answer_by_sms_and_by_calling_back_and_hear_what_becomes_of_it(
    street: Street,
) -> None:
    kept = await street.text(ANNA, "2", times=10)
    assert len({said(heard) for heard in kept["answers"]}) == 1
    assert "la mairie a bien votre demande d'aide" in said(kept["heard"])
    assert "le 18 ou le 112 (114 par SMS)" in said(kept["heard"])
    heard = await street.call(BENOIT, "01")
    assert [part["pressed"] for part in heard if "pressed" in part] == ["0", "1"]
    assert said(heard).count("Montez à l'étage.") == 2
    assert heard[-1]["said"].startswith("Merci.")
    mine = street.version.version_id
    assert await street.town.answered() == {(mine, "help", "sms"), (mine, "understood", "ring")}
    strange = await street.call("", "2")
    assert "Montez à l'étage." in said(strange)
    assert "votre numéro est masqué" in strange[-1]["said"]
    words = await street.text(STRANGER, "que se passe-t-il ?")
    assert "03 53 01 00 02" in said(words["heard"])
    assert [kind for kind, _, _, counted in await street.town.kept() if not counted] == [
        "help",
        "unknown",
    ]
    summary = await street.sandbox.summary()
    assert summary["accepted"] == 2  # what came in is not counted among what left
