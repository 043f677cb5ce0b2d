"""A rehearsal goes to its end in a process that knows no provider, and nothing leaves the house."""

import asyncio
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import update

from channels.contract import AccountSettings
from dispatcher.alarms.sentinel import Sentinel
from dispatcher.delivery.accounts import MEDIA as ALL_MEDIA
from dispatcher.delivery.accounts import Route
from dispatcher.delivery.desk import VersionDesk
from dispatcher.delivery.doubts import resolve
from dispatcher.delivery.drain import drain
from dispatcher.providerless import TOLD, provider_settings, strangers
from dispatcher.readiness.judging_machine import judge_rehearsals
from dispatcher.readiness.showing import readiness_of
from dispatcher.rehearsals import MEDIA
from dispatcher.settings import (
    AccountsSettings,
    BouncesSettings,
    SmtpSettings,
    TwilioSettings,
    WebhookSettings,
)
from dispatcher.store import accounts, alarms, readiness
from dispatcher.store.accounts import Held
from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import deliveries
from dispatcher.store.readiness_facts import Rehearsing, rehearsing_of
from dispatcher.store.versions import Version, version_by_id
from dispatcher.worker import Bench, NotLive
from operator_ui.words import translations
from tests.driven_worker import Order, working
from tests.fake_channel import FakeChannel, door
from tests.outgoing import (
    COMMUNE,
    KEYS,
    LOGBOOK_KEY,
    PUBLIC_URL,
    Plan,
    crowd,
    launched,
    planned,
    rows,
)
from tests.real_parts import ROOT
from tests.sandbox_process import running_sandbox
from tests.sentinels import on_watch, post

SECRET = "TOCSIN_OF_THE_SECOND_ACCOUNT"


async def finished(ledger: Ledger, version: Version) -> None:
    async with asyncio.timeout(60):
        found: Version | None = version
        while found is None or found.finished_at is None:
            await asyncio.sleep(0.1)
            found = await version_by_id(ledger, COMMUNE, version.version_id)


async def test_the_worker_that_sends_for_real_never_claims_what_is_rehearsed(
    ledger: Ledger, ledger_url: str, valkey_url: str, tmp_path: Path
) -> None:
    await launched(ledger, Plan(crowd(3), route="rehearsal"))
    real = await launched(ledger, Plan(crowd(3, first=3)))
    async with (
        running_sandbox(tmp_path / "sandbox") as sandbox,
        working(Order.of(sandbox, ledger_url=ledger_url, redis_url=valkey_url), tmp_path),
    ):
        await finished(ledger, real)
        await asyncio.sleep(1.2)  # two polls more
    waiting = [row for row in await rows(ledger) if row["route"] == "rehearsal"]
    untouched = [(row["state"], row["fence"], row["attempts"]) for row in waiting]
    assert untouched == [("ready", 0, 0)] * 3


@pytest.mark.parametrize("ledger_url", ["sqlite"], indirect=True)
async def test_a_worker_holds_no_account_of_rehearsals(ledger: Ledger) -> None:
    account = AccountSettings("rehearsal-sms", "rehearsal", 1.0, values={"medium": "sms"})
    with pytest.raises(NotLive, match="rehearsal-sms"):
        Bench(ledger, (Route("sms", "rehearsal", account),), KEYS, LOGBOOK_KEY, PUBLIC_URL, "", 1)


@pytest.mark.parametrize(("mine", "other"), [("live", "rehearsal"), ("rehearsal", "live")])
async def test_a_lost_answer_is_looked_up_by_its_own_side_alone(
    ledger: Ledger, mine: str, other: str
) -> None:
    """To the accounts of the other side it would look as never sent, and leave once more."""
    await planned(ledger, Plan(crowd(1), route=other))
    lost = {"state": "unknown", "provider": "fake", "attempts": 1, "doubts": 1}
    async with ledger.writing() as connection:
        due = {"began_at": db_now() - 60.0, "next_at": db_now()}
        await connection.execute(update(deliveries).values(**lost, **due))
    desk = VersionDesk(ledger, KEYS, public_url=PUBLIC_URL)
    assert await resolve(ledger, {}, keys=KEYS, desk=desk, route=mine) == 0
    (row,) = await rows(ledger)
    assert (row["state"], row["doubts"]) == ("unknown", 1)
    known = {"fake": FakeChannel()}
    assert await resolve(ledger, known, keys=KEYS, desk=desk, route=other) == 1


@pytest.mark.parametrize("name", ["TOCSIN_SMTP_HOST", "tocsin_twilio_account"])
def test_it_refuses_to_begin_beside_a_providers_setting_and_names_it(
    name: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        ["env", f"TOCSIN_DATA_DIR={tmp_path}", f"{name}=x",
         sys.executable, "-m", "dispatcher.cli", "rehearsals"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip
    assert done.returncode == 1
    assert name in done.stderr
    assert "ne sort pas de la maison" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_every_setting_of_a_provider_is_known_as_one_and_none_is_handed_on() -> None:
    classes = (TwilioSettings, SmtpSettings, WebhookSettings, BouncesSettings, AccountsSettings)
    names = [
        f"{kind.model_config.get('env_prefix', '')}{field}".upper()
        for kind in classes
        for field in kind.model_fields
    ]
    around = {**dict.fromkeys(names, "x"), SECRET: "x", "TOCSIN_MAP_TILES": "ign", "PATH": "/bin"}
    assert provider_settings(around) == sorted(names)
    assert strangers(around) == sorted(set(around) - {"PATH"})
    assert strangers(dict.fromkeys(TOLD, "x")) == []
    assert provider_settings(dict.fromkeys(names, "")) == []  # named, and set to nothing


def test_it_stands_for_every_medium() -> None:
    assert MEDIA == ALL_MEDIA


def test_with_its_door_shut_no_socket_reaches_anybody() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        port = server.getsockname()[1]
        code = (
            "import socket; from dispatcher.rehearsals import shut_the_door\n"
            f"shut_the_door(); socket.create_connection(('127.0.0.1', {port}))"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
        )
        with pytest.raises(TimeoutError):
            server.accept()
    assert "NothingLeaves" in done.stderr


@pytest.mark.parametrize(
    ("seen_s", "due_s", "state"),
    [
        (3.0, None, "ready"),
        (3.0, 300.0, "ready"),
        (61.0, None, "warning"),
        (None, None, "warning"),
        (None, 300.0, "not_ready"),
        (61.0, 300.0, "not_ready"),
    ],
)
def test_ready_says_that_a_rehearsal_waits_for_nobody(
    seen_s: float | None, due_s: float | None, state: str
) -> None:
    line = judge_rehearsals(Rehearsing(seen_s, due_s))
    assert line.state == state
    english = translations("en")
    assert english.gettext(line.said) != line.said
    assert ("5 min" in english.gettext(line.said) % line.blanks) == (state == "not_ready")
    assert not line.remedy or english.gettext(line.remedy) != line.remedy


async def test_the_ledger_tells_who_takes_rehearsals_and_what_waits_for_it(ledger: Ledger) -> None:
    await planned(ledger, Plan(crowd(1)))
    assert await rehearsing_of(ledger, COMMUNE) == Rehearsing(None, None)
    await planned(ledger, Plan(crowd(2, first=1), route="rehearsal"))
    await accounts.present(ledger, [Held("rehearsal-sms", "rehearsal", "sms")])
    found = await rehearsing_of(ledger, COMMUNE)
    assert found.seen_s is not None
    assert found.due_s is not None
    assert 0 <= found.seen_s < 30
    assert 0 <= found.due_s < 30
    assert (await rehearsing_of(ledger, "01004")).due_s is None


async def test_who_came_after_the_round_is_seen_when_it_is_told(ledger: Ledger) -> None:
    """The last process of a house that begins is there later than its first round."""
    found = judge_rehearsals(await rehearsing_of(ledger, COMMUNE))
    await readiness.keep(ledger, COMMUNE, [found])
    (early,) = (await readiness_of(ledger, COMMUNE)).lines
    await accounts.present(ledger, [Held("rehearsal-sms", "rehearsal", "sms")])
    (late,) = (await readiness_of(ledger, COMMUNE)).lines
    assert (early.state, late.state) == ("warning", "ready")
    assert late.since >= early.since


async def test_a_rehearsal_that_stands_still_is_told_apart_and_hides_no_real_silence(
    ledger: Ledger, tmp_path: Path
) -> None:
    await planned(ledger, Plan(crowd(1), route="rehearsal"))
    async with on_watch([Sentinel(post(ledger, tmp_path))]), asyncio.timeout(15):
        while await _standing(ledger) != {"rehearsal"}:
            await asyncio.sleep(0.05)
        await planned(ledger, Plan(crowd(1, first=1)))
        while await _standing(ledger) != {"rehearsal", "still"}:
            await asyncio.sleep(0.05)
        await drain(door(ledger, FakeChannel()))
        while await _standing(ledger) != {"rehearsal"}:
            await asyncio.sleep(0.05)
    (one,) = await alarms.standing(ledger)
    assert "répétition" in one.raised.problem
    assert "sirène" not in one.raised.remedy


async def _standing(ledger: Ledger) -> set[str]:
    return {one.raised.kind for one in await alarms.standing(ledger)}
