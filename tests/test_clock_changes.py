"""The nights when the clocks change (fault F28): what is shown, and how long things last."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import select, text

from dispatcher.alerts.call_list import Attempted, CallList, ToCall
from dispatcher.alerts.call_list_csv import as_csv
from dispatcher.alerts.drafting import LIFE, LONGEST_LIFE, Wanted, draft
from dispatcher.alerts.local_hour import local_hour
from dispatcher.alerts.plan_in_force import read
from dispatcher.alerts.refusals import NotSo
from dispatcher.store.clock import db_now
from dispatcher.store.ledger import Ledger
from plans.plan import Plan
from tests.model.town import PLAN
from tests.situations import Planned, change_version, write_alert

pytest_plugins = ("tests.console_visits",)

PARIS = ZoneInfo("Europe/Paris")
BACK, FORTH = datetime(2026, 10, 25, 1, tzinfo=UTC), datetime(2027, 3, 28, 1, tzinfo=UTC)
HALF = timedelta(minutes=30)
SHOWN = {
    BACK - 3 * HALF: "01:30",
    BACK - HALF: "02:30 (UTC+2)",
    BACK + HALF: "02:30 (UTC+1)",
    BACK + 2 * HALF: "03:00",
    FORTH - HALF: "01:30",
    FORTH: "03:00",
    FORTH + HALF: "03:30",
}


@pytest.fixture
def plan() -> Plan:
    """Read a small plan."""
    found = read(PLAN).plan
    assert found is not None
    return found


async def test_the_hour_that_comes_twice_is_told_apart_on_pages(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    written = await write_alert(town, Planned(lines=(("sms", "delivered", 1),)))
    (token,) = written.tokens.values()
    for at, hour in SHOWN.items():
        await change_version(town, written, launched_at=at.timestamp())
        page = (await visitor.get(f"/a/{token}")).text
        assert f", {hour}</span>" in page, at


def test_the_hour_that_comes_twice_is_told_apart_on_the_call_list() -> None:
    tried = tuple(Attempted("voice", "+33199000001", at, "accepted", None) for at in SHOWN)
    line = ToCall(
        "", "", "", "", "", "fr", (), (), "silent", tried, (),
        help_asked=False, warn_first=False, help_to_leave=False,
    )  # fmt: skip
    table = as_csv(CallList("a", "Europe/Paris", [line]))
    assert all(f"{hour} " in table for hour in SHOWN.values())
    assert "25/10 02:30 (UTC+2) " in table


def test_overseas_no_hour_comes_twice() -> None:
    assert [local_hour(at, ZoneInfo("Indian/Reunion")) for at in (BACK - HALF, BACK + HALF)] == [
        "04:30", "05:30",
    ]  # fmt: skip


@pytest.mark.parametrize("change", [BACK, FORTH])
@pytest.mark.parametrize("earlier", range(-2, 16))
def test_an_alert_of_such_a_night_lives_as_long_as_any(
    plan: Plan, change: datetime, earlier: int
) -> None:
    now = (change - earlier * HALF).astimezone(PARIS)
    wanted = Wanted(template="crue", sectors=("A",))
    drafted = draft(plan, wanted, plan_digest="", now=now)
    assert drafted.expires_at.astimezone(UTC) - now.astimezone(UTC) == LIFE
    longest = now.astimezone(UTC) + LONGEST_LIFE
    for late, refused in ((timedelta(), False), (timedelta(seconds=1), True)):
        asked = Wanted(template="crue", sectors=("A",), expires_at=longest + late)
        try:
            draft(plan, asked, plan_digest="", now=now.astimezone(UTC))
        except NotSo:
            assert refused
        else:
            assert not refused


def test_an_end_at_the_hour_that_comes_twice_is_the_one_that_was_written(plan: Plan) -> None:
    kept = []
    for offset in ("+02:00", "+01:00"):
        end = datetime.fromisoformat(f"2026-10-25T02:30:00{offset}")
        wanted = Wanted(template="crue", sectors=("A",), expires_at=end)
        drafted = draft(plan, wanted, plan_digest="", now=BACK - 4 * HALF)
        kept.append(drafted.expires_at.timestamp())
    assert kept == [(BACK - HALF).timestamp(), (BACK + HALF).timestamp()]


async def test_the_ledgers_clock_is_no_clock_on_a_wall(ledger: Ledger) -> None:
    """Leases, waits and ends are seconds since the epoch, whatever zone the database lives in."""
    async with ledger.reading() as connection:
        if ledger.dialect == "postgresql":
            await connection.execute(text("SET TIME ZONE 'Europe/Paris'"))
        now = (await connection.execute(select(db_now()))).scalar_one()
    assert now == pytest.approx(datetime.now(UTC).timestamp(), abs=60)
