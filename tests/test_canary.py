"""Each account sends one real test a day, whichever worker is up, and its arrival is waited for."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.contract import Address, Receipt, Status
from dispatcher.alarms import daily
from dispatcher.alarms.calendar import due_day
from dispatcher.alarms.canary import RECEIPT_S, content_of, recipient_of, verdict
from dispatcher.alarms.daily import Round
from dispatcher.alarms.telling import OnCall
from dispatcher.delivery.accounts import Route
from dispatcher.delivery.receipts import receive
from dispatcher.store import alarms, dailies, logbook
from dispatcher.store.alert_lines import latest_alerts
from dispatcher.store.canaries import Flown, flying
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry
from dispatcher.store.plans import PlanFiles, keep
from tests.outgoing import COMMUNE, KEYS, LOGBOOK_KEY, PUBLIC_URL, Plan, crowd, only_row, planned
from tests.sentinels import account
from tests.sms_operator import SmsOperator, sms_operator

PARIS = ZoneInfo("Europe/Paris")
OURS = "+33639989998"
TEN = datetime(2027, 3, 1, 10, tzinfo=UTC)


@given(st.integers(0, 2 * 365 * 24 * 60), st.integers(0, 23))
def test_every_local_day_is_due_once_also_when_the_clock_changes(minutes: int, hour: int) -> None:
    """Asked every ten minutes over four days: each whole day once, never before its hour."""
    start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    begun: list[str] = []
    for step in range(6 * 24 * 4):
        now = start + timedelta(minutes=10 * step)
        day = due_day(now, hour=hour, zone=PARIS)
        if day is not None:
            local = now.astimezone(PARIS)
            assert (local.date().isoformat(), local.hour >= hour) == (day, True)
            begun += [day] if day not in begun else []
    assert len(begun) in (4, 5)
    first = datetime.fromisoformat(begun[0])
    assert begun == [(first + timedelta(days=n)).date().isoformat() for n in range(len(begun))]


@pytest.mark.parametrize(
    ("night", "hour", "instants"),
    [
        # The spring leaves out 2 o'clock: the day's test is due at 3. The autumn has it twice.
        (datetime(2027, 3, 28, tzinfo=UTC), 2, ["01:00"]),
        (datetime(2027, 10, 31, tzinfo=UTC), 2, ["00:00"]),
    ],
)
def test_on_the_nights_when_the_clock_changes_the_test_leaves_once(
    night: datetime, hour: int, instants: list[str]
) -> None:
    """Told in UTC, asked every minute from midnight UTC to noon."""
    seen: list[str] = []
    day = night.date().isoformat()
    for minute in range(12 * 60):
        now = night + timedelta(minutes=minute)
        if due_day(now, hour=hour, zone=PARIS) == day and not seen:
            seen.append(f"{now:%H:%M}")
    assert seen == instants


async def _commune(ledger: Ledger) -> None:
    plan = PlanFiles("1", "d" * 64, {"pcs.yaml": b"x"})
    entry = Entry("dos", "plan.loaded", "essai")
    await keep(ledger, plan, commune=COMMUNE, entry=entry, key=LOGBOOK_KEY)


def workers(ledger: Ledger, url: str, count: int = 1) -> Sequence[Round]:
    """Give the daily rounds of so many workers, before any check of the day."""
    people = OnCall((), lambda: [account(url)], PUBLIC_URL)
    ours = (Address("sms", OURS),)
    return [Round(ledger, people, LOGBOOK_KEY, 8, PARIS, KEYS, usual=ours) for _ in range(count)]


async def _all_step(rounds: Sequence[Round], *, now: datetime) -> None:
    await asyncio.gather(*(daily.step(one, now=now) for one in rounds))


async def _receipt(ledger: Ledger, operator: SmsOperator, status: Status) -> None:
    (_, _, token), *_ = operator.entries()
    assert await receive(ledger, KEYS, token, Receipt("SM1", status))


async def test_several_workers_send_one_test_a_day_and_its_receipt_ends_it(
    ledger: Ledger, tmp_path: Path
) -> None:
    await _commune(ledger)
    async with sms_operator(tmp_path) as operator:
        rounds = workers(ledger, operator.url, 3)
        for minutes in (0, 1, 30):
            await _all_step(rounds, now=TEN + timedelta(minutes=minutes))
        assert operator.copies() == Counter([OURS])
        assert [one.state for one in await flying(ledger)] == ["accepted"]
        await _receipt(ledger, operator, Status.DELIVERED)
        await _all_step(rounds, now=TEN + timedelta(hours=1))
        assert (await flying(ledger), operator.copies()) == ([], Counter([OURS]))
        await _all_step(rounds, now=TEN + timedelta(days=1))
        assert operator.copies() == Counter([OURS, OURS])
    subjects = [one.raised.subject for one in await alarms.standing(ledger)]
    assert not any(subject.startswith("canary") for subject in subjects)
    lines = [one.kind for one in await logbook.read(ledger, COMMUNE)]
    assert lines.count("canary.sent") == 2
    assert await latest_alerts(ledger, COMMUNE) == []


async def test_a_test_whose_receipt_never_comes_is_an_alarm_that_names_the_account(
    ledger: Ledger, tmp_path: Path
) -> None:
    await _commune(ledger)
    async with sms_operator(tmp_path) as operator:
        rounds = workers(ledger, operator.url)
        await _all_step(rounds, now=TEN)
        async with ledger.writing() as connection:
            await connection.exec_driver_sql(
                f"UPDATE deliveries SET began_at = began_at - {RECEIPT_S + 1}"  # noqa: S608 - ours
            )
        await _all_step(rounds, now=TEN + timedelta(hours=1))
    (found,) = [one for one in await alarms.standing(ledger) if one.raised.kind == "canary"]
    assert "compte on-call a été accepté" in found.raised.problem
    assert "provider check" in found.raised.remedy


async def test_the_next_test_that_arrives_ends_the_alarm(ledger: Ledger, tmp_path: Path) -> None:
    await _commune(ledger)
    async with sms_operator(tmp_path) as operator:
        rounds = workers(ledger, operator.url)
        await _all_step(rounds, now=TEN)
        await _receipt(ledger, operator, Status.UNDELIVERED)
        await _all_step(rounds, now=TEN)
        assert "canary" in {one.raised.kind for one in await alarms.standing(ledger)}
        await _all_step(rounds, now=TEN + timedelta(days=1))
        (_, _, token) = operator.entries()[-1]
        await receive(ledger, KEYS, token, Receipt("SM2", Status.DELIVERED))
        await _all_step(rounds, now=TEN + timedelta(days=1))
    assert "canary" not in {one.raised.kind for one in await alarms.standing(ledger)}


async def test_while_an_alert_leaves_by_its_medium_the_test_waits(
    ledger: Ledger, tmp_path: Path
) -> None:
    await _commune(ledger)
    await planned(ledger, Plan(crowd(3)))
    async with sms_operator(tmp_path) as operator:
        await _all_step(workers(ledger, operator.url), now=TEN)
        assert operator.copies() == Counter()
        async with ledger.writing() as connection:
            await connection.exec_driver_sql("UPDATE deliveries SET state = 'accepted'")
        await _all_step(workers(ledger, operator.url), now=TEN)
        assert operator.copies() == Counter([OURS])


async def test_a_provider_that_refuses_its_test_is_told_at_once(
    ledger: Ledger, tmp_path: Path
) -> None:
    await _commune(ledger)
    async with sms_operator(tmp_path) as operator:
        await operator.harm("too-fast", 1)
        await _all_step(workers(ledger, operator.url), now=TEN)
    assert (await only_row(ledger))["state"] == "failed"
    (found,) = [one for one in await alarms.standing(ledger) if one.raised.kind == "canary"]
    assert "n'est pas passé" in found.raised.problem


async def test_a_day_s_work_is_taken_by_one_and_taken_over_only_from_the_dead(
    ledger: Ledger,
) -> None:
    taken = await asyncio.gather(*(dailies.begin(ledger, "x", day="2027-03-01") for _ in range(5)))
    assert sorted(taken) == [False] * 4 + [True]
    async with ledger.writing() as connection:
        await connection.exec_driver_sql("UPDATE dailies SET begun_at = begun_at - 1000")
    assert await dailies.begin(ledger, "x", day="2027-03-01")
    await dailies.done(ledger, "x", day="2027-03-01")
    assert not await dailies.begin(ledger, "x", day="2027-03-01")


async def test_a_test_that_was_sent_is_not_sent_again_by_who_takes_the_day_over(
    ledger: Ledger, tmp_path: Path
) -> None:
    await _commune(ledger)
    async with sms_operator(tmp_path) as operator:
        (one,) = workers(ledger, operator.url)
        route, to = account(operator.url), Address("sms", OURS)
        sent = [await daily.test_now(one, route, to, day="2027-03-01") for _ in range(2)]
        assert [outcome is None for outcome in sent] == [False, True]
        assert operator.copies() == Counter([OURS])


def test_a_test_says_first_that_it_is_an_exercise() -> None:
    texts = content_of("twilio-sms").texts["fr"]
    for text in (texts.sms, texts.voice, texts.email_subject, texts.email_body):
        assert text.startswith("EXERCICE")
    assert content_of("twilio-sms").mode == "public_test"


def test_an_account_tests_its_own_recipient_before_the_usual_one() -> None:
    route = account("http://127.0.0.1:1")
    usual = (Address("sms", OURS),)
    mine = Route("voice", "live", route.account, canary="+33199000001")
    assert recipient_of(mine, usual) == Address("voice", "+33199000001")
    assert recipient_of(Route("voice", "live", route.account), usual) == Address("voice", OURS)
    assert recipient_of(Route("email", "live", route.account), usual) is None


def test_a_mail_is_judged_by_its_acceptance_and_an_sms_by_its_receipt() -> None:
    flown = Flown("x", "2027-03-01", "accepted", None, 10.0, delivered=False, failed=False)
    assert verdict(flown, "email") is True
    assert verdict(flown, "sms") is False
