"""The rounds of « Prêt ? »: asked once, kept with their age, one mail a week, three telephones."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from dispatcher.alarms.daily import Round
from dispatcher.alarms.telling import OnCall
from dispatcher.alerts.office import Actor
from dispatcher.alerts.refusals import NotNow, NotSo
from dispatcher.delivery.answers import record_to
from dispatcher.delivery.planning import materialise_next
from dispatcher.readiness.copies import hours_of
from dispatcher.readiness.desk import Desk, desk_for
from dispatcher.readiness.gathering import gather
from dispatcher.readiness.lines import Line, not_ready, ready
from dispatcher.readiness.rounds import Watchman, step
from dispatcher.readiness.showing import STALE_S, aged, as_json, headline, readiness_of
from dispatcher.readiness.trials import last_tried, may_be_tried, try_phones
from dispatcher.readiness.weekly import concerned, due_week, tell_week, worded
from dispatcher.staff.asking import plan_of
from dispatcher.store import readiness
from dispatcher.store.alert_lines import latest_alerts
from dispatcher.store.ledger import Ledger
from dispatcher.store.phone_trials import last_trial, sent_of
from dispatcher.store.readiness import Week
from plans.plan import Plan
from tests.outgoing import KEYS, LOGBOOK_KEY, PUBLIC_URL
from tests.sentinels import account
from tests.situations import COMMUNE, load_example_plan, office
from tests.sms_operator import SmsOperator, sms_operator

PARIS = ZoneInfo("Europe/Paris")
NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
GOOD, BAD = ready("sender", "Bien."), not_ready("backup", "Rien du tout.", "Faites-la.")


@pytest.fixture
async def town(ledger: Ledger) -> Ledger:
    await load_example_plan(ledger)
    return ledger


def watchman(ledger: Ledger, folder: Path, people: OnCall | None = None) -> Watchman:
    """Return a watchman whose accounts are those of `people`, by default none."""
    out = people or OnCall((), lambda: (), PUBLIC_URL)
    one = Round(ledger, out, LOGBOOK_KEY, 10, PARIS, KEYS)
    return Watchman(one, folder)


async def plan_in(ledger: Ledger) -> Plan:
    plan = await plan_of(office(ledger))
    assert plan is not None
    return plan


async def test_a_state_keeps_its_since_until_it_changes(ledger: Ledger) -> None:
    await readiness.keep(ledger, COMMUNE, [GOOD, BAD])
    first = {one.subject: one for one in await readiness.kept(ledger, COMMUNE)}
    await asyncio.sleep(0.02)
    await readiness.keep(ledger, COMMUNE, [replace(GOOD, state="not_ready"), BAD])
    second = {one.subject: one for one in await readiness.kept(ledger, COMMUNE)}
    assert second["backup"].since == first["backup"].since
    assert second["sender"].since > first["sender"].since
    assert second["backup"].found_at > first["backup"].found_at


async def test_a_round_that_is_asked_for_is_taken_once(ledger: Ledger) -> None:
    assert not await readiness.take(ledger, COMMUNE)
    await readiness.ask(ledger, COMMUNE, by="rac")
    assert (await readiness.round_of(ledger, COMMUNE)).waits
    taken = [await readiness.take(ledger, COMMUNE) for _ in range(2)]
    assert taken == [True, False]
    await readiness.keep(ledger, COMMUNE, [GOOD])
    assert not (await readiness.round_of(ledger, COMMUNE)).waits
    assert not await readiness.take(ledger, COMMUNE)


async def test_a_round_whose_worker_died_is_taken_up_by_another(ledger: Ledger) -> None:
    await readiness.ask(ledger, COMMUNE, by="rac")
    assert await readiness.take(ledger, COMMUNE)
    async with ledger.writing() as connection:
        await connection.execute(
            text("UPDATE readiness_rounds SET begun_at = begun_at - 301, asked_at = asked_at - 400")
        )
    assert await readiness.take(ledger, COMMUNE)


def test_what_was_ready_days_ago_is_not_known_to_be() -> None:
    then = replace(GOOD, found_at=1000.0)
    assert aged(then, now=1000.0 + STALE_S) == then
    assert aged(then, now=1001.0 + STALE_S).state == "unknown"
    assert aged(replace(BAD, found_at=1000.0), now=1001.0 + STALE_S).state == "not_ready"


async def test_a_question_that_hangs_or_fails_is_one_line_and_the_rest_is_found(
    town: Ledger, tmp_path: Path
) -> None:
    async def hangs(_desk: Desk) -> Sequence[Line]:
        await asyncio.sleep(60)
        return []

    async def fails(_desk: Desk) -> Sequence[Line]:
        raise OSError

    async def answers(_desk: Desk) -> Sequence[Line]:
        return [GOOD]

    questions = (("tls", hangs), ("mail", fails), ("sender", answers))
    desk = await desk_for(watchman(town, tmp_path).round, COMMUNE, data_dir=tmp_path)
    async with asyncio.timeout(5):
        found = await gather(replace(desk, within_s=0.1), questions)
    assert [(one.subject, one.state) for one in found] == [
        ("tls", "unknown"), ("mail", "unknown"), ("sender", "ready"),
    ]  # fmt: skip


async def test_everything_is_asked_once_a_day_and_again_when_somebody_asks(
    town: Ledger, tmp_path: Path
) -> None:
    man = watchman(town, tmp_path)
    assert await step(man, now=NOON.replace(hour=8)) == []  # 9 in Paris: before the hour
    assert await step(man, now=NOON) == [COMMUNE]
    assert await step(man, now=NOON) == []
    await readiness.ask(town, COMMUNE, by="rac")
    assert await step(man, now=NOON) == [COMMUNE]
    known = await readiness_of(town, COMMUNE)
    states = {one.subject: one.state for one in known.lines}
    assert states["medium:sms"] == states["medium:voice"] == states["backup"] == "not_ready"
    assert states["templates"] == states["revision"] == "ready"
    assert states.get("clock") == ("ready" if town.dialect == "postgresql" else None)
    assert known.lines[0].state == "not_ready"
    assert headline(known).startswith("Pas prêt : ")
    told = as_json(known)
    assert told["ready"] is False
    assert told["in_service"] is False


def test_the_age_of_a_backup_is_that_of_the_newest_file(tmp_path: Path) -> None:
    assert hours_of(tmp_path / "nowhere") is None
    assert hours_of(tmp_path) is None
    (tmp_path / "one").touch()
    found = hours_of(tmp_path)
    assert found is not None
    assert 0 <= found < 0.01
    assert hours_of(tmp_path / "one") == pytest.approx(found, abs=0.01)


@pytest.mark.parametrize(
    ("now", "week"),
    [
        ("2026-11-30T08:59+00:00", None),  # Monday 9:59 in Paris
        ("2026-11-30T09:00+00:00", "2026-W49"),
        ("2026-12-02T03:00+00:00", "2026-W49"),  # a machine that was down on Monday
        ("2027-01-01T12:00+00:00", "2026-W53"),
    ],
)
def test_the_mail_is_due_from_monday_at_the_hour_of_the_commune(now: str, week: str | None) -> None:
    assert due_week(datetime.fromisoformat(now), hour=10, zone=PARIS) == week


async def test_the_weeks_mail_goes_once_to_approvers_and_says_also_that_all_is_well(
    town: Ledger, tmp_path: Path
) -> None:
    await readiness.keep(town, COMMUNE, [GOOD])
    async with sms_operator(tmp_path) as operator:
        people = OnCall((), lambda: (account(operator.url),), PUBLIC_URL)
        man = watchman(town, tmp_path, people)
        await step(man, now=NOON.replace(hour=2))
        assert _told(operator) == 0  # the plan came after this week's Monday
        async with town.writing() as connection:
            await connection.execute(text("UPDATE plans SET loaded_at = 1"))
        await step(man, now=NOON.replace(hour=3))  # before the day's round: what is kept is told
        first = _told(operator)
        await step(man, now=NOON.replace(hour=4))
        assert _told(operator) == first
    plan = await plan_in(town)
    assert first == len(await concerned(town, plan)) > 0
    last = await readiness.last_week(town, COMMUNE)
    assert last is not None
    assert (last.week, last.states) == ("2026-W48", {"sender": "ready"})


def _told(operator: SmsOperator) -> int:
    return len(operator.book.read_text("utf-8").splitlines())


async def test_two_workers_at_the_same_mail_send_it_once(town: Ledger, tmp_path: Path) -> None:
    await readiness.keep(town, COMMUNE, [GOOD])
    plan, known = await plan_in(town), await readiness_of(town, COMMUNE)
    async with sms_operator(tmp_path) as operator:
        people = OnCall((), lambda: (account(operator.url),), PUBLIC_URL)
        one, other = await asyncio.gather(
            *(tell_week(town, people, plan, known=known, week="2026-W48") for _ in range(2))
        )
        assert sorted((one, other)) == [0, _told(operator)]


async def test_the_mail_says_what_changed_and_the_remedies(town: Ledger) -> None:
    await readiness.keep(town, COMMUNE, [GOOD, BAD])
    plan, known = await plan_in(town), await readiness_of(town, COMMUNE)
    before = Week("2026-W47", {"sender": "ready", "backup": "ready"})
    said = worded(known, before, plan)
    assert "Pas prêt : 1 point." in said.subject
    assert "- Rien du tout. (prêt → pas prêt)" in said.text
    assert "- Rien du tout. → Faites-la." in said.text
    assert "PRÊT\n- Bien." in said.text
    same = worded(known, Week("2026-W47", {"sender": "ready", "backup": "not_ready"}), plan)
    assert "- rien" in same.text


async def test_three_people_get_an_sms_and_a_call_marked_essai_and_confirm(town: Ledger) -> None:
    plan = await plan_in(town)
    chosen = [one.id for one in may_be_tried(plan)[:3]]
    rac = Actor("rac", "rac")
    trial = await try_phones(office(town), chosen, actor=rac)
    with pytest.raises(NotNow):
        await try_phones(office(town), chosen, actor=rac)
    while await materialise_next(town) is not None:
        pass
    sent = await sent_of(town, COMMUNE, trial)
    assert sorted((one.contact_id, one.medium) for one in sent) == sorted(
        (person, medium) for person in chosen for medium in ("sms", "voice")
    )
    kept = await last_trial(town, COMMUNE)
    assert kept is not None
    assert (kept.asked_by, list(kept.people)) == ("rac", chosen)
    assert await latest_alerts(town, COMMUNE, limit=5) == []  # on no page of alerts
    async with town.reading() as connection:
        rows = await connection.execute(
            text("SELECT commune, delivery_id FROM deliveries ORDER BY serial")
        )
        deliveries = [tuple(row) for row in rows]
    async with town.writing() as connection:
        await connection.execute(text("UPDATE deliveries SET provider = 'twilio'"))
    for commune, delivery in deliveries[:-1]:
        await record_to(town, commune, delivery, kind="understood", via="page")
    tried = await last_tried(town, plan, COMMUNE)
    assert tried is not None
    assert sorted(len(media) for media in tried.answers.values()) == [1, 2, 2]


@pytest.mark.parametrize("people", [[], ["maire"], ["maire", "maire", "maire"], ["a", "b", "c"]])
async def test_a_test_goes_to_three_people_of_the_plan_and_to_nobody_else(
    town: Ledger, people: list[str]
) -> None:
    with pytest.raises(NotSo):
        await try_phones(office(town), people, actor=Actor("rac", "rac"))
    assert await last_trial(town, COMMUNE) is None
