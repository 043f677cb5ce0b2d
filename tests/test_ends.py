"""Certificates, keys and credit are told before they end, of real servers (fault F38)."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.contract import AccountSettings
from dispatcher.alarms.certificates import Certified, Server, certified
from dispatcher.alarms.checks import check_all
from dispatcher.alarms.daily import Round, step
from dispatcher.alarms.ending import certificate_fault, credit_fault, key_fault
from dispatcher.alarms.telling import OnCall
from dispatcher.delivery.accounts import Route
from dispatcher.delivery.pretending import texto
from dispatcher.store import alarms, logbook
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry
from dispatcher.store.plans import PlanFiles, keep
from tests.outgoing import COMMUNE, KEYS, LOGBOOK_KEY, PUBLIC_URL, crowd, settle_in
from tests.sandbox_process import running_sandbox
from tests.tls_servers import Certificate, certificate, mail_server, web_server

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
Serving = Callable[[Certificate], AbstractAsyncContextManager[Server]]


@pytest.mark.parametrize("serving", [web_server, mail_server])
async def test_a_certificate_that_ends_soon_is_told_by_the_server_itself(
    serving: Serving, tmp_path: Path
) -> None:
    async with serving(certificate(tmp_path, days=20.5)) as server:
        found = certificate_fault(server.name, await certified(server), now=datetime.now(UTC))
    assert found is not None
    assert f"Le certificat de {server.name} finit dans 20 jours" in found.problem
    assert "Renouvelez-le" in found.remedy


@pytest.mark.parametrize("serving", [web_server, mail_server])
async def test_a_certificate_that_is_good_for_long_is_not_told(
    serving: Serving, tmp_path: Path
) -> None:
    async with serving(certificate(tmp_path, days=60)) as server:
        answer = await certified(server)
    assert answer.until is not None
    assert certificate_fault(server.name, answer, now=datetime.now(UTC)) is None


@pytest.mark.parametrize("serving", [web_server, mail_server])
async def test_a_certificate_that_has_ended_is_told(serving: Serving, tmp_path: Path) -> None:
    async with serving(certificate(tmp_path, days=-1)) as server:
        answer = await certified(server)
    assert answer.refused == "est fini"


async def test_a_certificate_of_an_unknown_authority_is_told(tmp_path: Path) -> None:
    async with web_server(certificate(tmp_path, days=60)) as server:
        answer = await certified(replace(server, ca_file=""))
    assert answer.refused.startswith("est refusé")


async def test_a_server_that_does_not_answer_says_nothing_of_its_certificate(
    unused_tcp_port: int,
) -> None:
    assert await certified(Server("127.0.0.1", unused_tcp_port)) == Certified()


@given(st.integers(-3, 400))
def test_an_end_is_told_at_21_days_and_anew_at_7_and_never_before(days: int) -> None:
    found = certificate_fault("x:443", Certified(NOON + timedelta(days=days, hours=1)), now=NOON)
    steps = {step for step in (21, 7) if days <= step}
    assert (found is None) == (not steps)
    if found is not None:
        assert found.subject.endswith(f":{min(steps)}")


def test_a_key_is_told_before_it_ends_and_when_it_has() -> None:
    today = date(2027, 3, 1)
    assert key_fault("sms-second", date(2027, 4, 1), today=today) is None
    soon = key_fault("sms-second", date(2027, 3, 15), today=today)
    over = key_fault("sms-second", date(2027, 3, 1), today=today)
    assert soon is not None
    assert over is not None
    assert ("14 jours" in soon.problem, "est finie" in over.problem) == (True, True)


def test_credit_is_told_when_it_does_not_cover_one_alert_to_everybody() -> None:
    assert credit_fault("twilio-sms", 100.0, people=600, cost_eur=0.08) is None
    found = credit_fault("twilio-sms", 95.0, people=600, cost_eur=0.08)
    assert found is not None
    assert "600 SMS" in found.problem


def test_a_credit_without_a_price_is_told_and_one_that_is_used_up_whatever_is_known() -> None:
    free = credit_fault("second", 100.0, people=600, cost_eur=0.0)
    assert free is not None
    assert "cost_eur" in free.remedy
    assert credit_fault("second", 100.0, people=0, cost_eur=0.0) is None  # nobody to pay for yet
    for people, cost in ((0, 0.05), (600, 0.0), (600, 0.05)):
        over = credit_fault("second", 0.0, people=people, cost_eur=cost)
        assert over is not None
        assert "n'a plus de crédit" in over.problem


async def _commune(ledger: Ledger) -> None:
    plan = PlanFiles("1", "d" * 64, {"pcs.yaml": b"x"})
    entry = Entry("dos", "plan.loaded", "essai")
    await keep(ledger, plan, commune=COMMUNE, entry=entry, key=LOGBOOK_KEY)


def _round(ledger: Ledger, *routes: Route) -> Round:
    people = OnCall((), lambda: routes, PUBLIC_URL)
    return Round(ledger, people, LOGBOOK_KEY, 10, ZoneInfo("Europe/Paris"), KEYS)


async def test_the_daily_round_raises_what_ends_soon_once_and_ends_it_when_it_is_renewed(
    ledger: Ledger, tmp_path: Path
) -> None:
    """The real account check cannot sign in here: that is told too, and goes away with it."""
    await _commune(ledger)
    async with mail_server(certificate(tmp_path, days=5)) as server:
        values = {
            "host": server.host, "port": str(server.port), "sender": "a@mairie.example",
            "ca_file": server.ca_file,
        }  # fmt: skip
        smtp = Route("email", "live", AccountSettings("smtp", "smtp", 20.0, values=values))
        for worker in (_round(ledger, smtp), _round(ledger, smtp)):
            await step(worker, now=NOON)
    standing = [one.raised.subject for one in await alarms.standing(ledger)]
    assert f"check/certificate:127.0.0.1:{server.port}:7" in standing
    lines = [one.kind for one in await logbook.read(ledger, COMMUNE)]
    assert lines.count("alarm.raised") == len(standing)
    good = tmp_path / "good"
    good.mkdir()
    async with mail_server(certificate(good, days=90)) as renewed:
        moved = {**values, "port": str(renewed.port), "ca_file": renewed.ca_file}
        well = replace(smtp, account=replace(smtp.account, values=moved))
        await step(_round(ledger, well), now=NOON + timedelta(days=1))
    kinds = {one.raised.kind for one in await alarms.standing(ledger)}
    assert "certificate" not in kinds


async def test_the_real_balance_of_an_account_is_compared_with_those_to_be_warned(
    ledger: Ledger, tmp_path: Path
) -> None:
    """The sandbox's operator tells 100.50 of credit."""
    await settle_in(ledger, crowd(700))
    async with running_sandbox(tmp_path) as sandbox:
        doors = {"http": sandbox.http, "texto_key": sandbox.texto_key, "texto_secret": "x"}
        account = texto(doors, name="second", rate_per_s=10.0)
        dear = Route("sms", "live", account, cost_eur=0.08)
        found = await check_all(ledger, [dear], public_url=PUBLIC_URL)
        cheap = await check_all(ledger, [replace(dear, cost_eur=0.05)], public_url=PUBLIC_URL)
    assert [one.subject for one in found] == ["check/credit:second"]
    assert cheap == []
