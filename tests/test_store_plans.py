"""The plan in force is whole, one for each commune, and its change is in the logbook."""

import asyncio
from pathlib import Path

import pytest

from dispatcher.store import acts, health, logbook, plans
from dispatcher.store.acts import Answer, KeyReused, StillActing
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry
from dispatcher.store.plans import PlanFiles
from dispatcher.store.statements import insert_missing
from dispatcher.store.tables import acts as acts_table
from tests.keyring import opened

COMMUNE = "99042"
KEY = b"k" * 32
FIRST = PlanFiles(
    "2026.1", "a" * 64, {"pcs.yaml": b"plan: {}\n", "geo/x.geojson": bytes(range(256))}
)
SECOND = PlanFiles("2026.2", "b" * 64, {"pcs.yaml": b"plan: {version: 2}\n"})


async def keep(ledger: Ledger, plan: PlanFiles, commune: str = COMMUNE) -> None:
    entry = Entry("dgs", "plan.loaded", f"Plan {plan.version} chargé.", {"digest": plan.digest})
    await plans.keep(ledger, plan, commune=commune, entry=entry, key=KEY)


async def test_the_plan_in_force_is_given_back_byte_for_byte(ledger: Ledger) -> None:
    assert await plans.in_force(ledger, COMMUNE) is None
    await keep(ledger, FIRST)
    assert await plans.in_force(ledger, COMMUNE) == FIRST


async def test_the_last_plan_kept_is_in_force_and_a_former_one_may_come_back(
    ledger: Ledger,
) -> None:
    for plan in (FIRST, SECOND, FIRST):
        await keep(ledger, plan)
        assert await plans.in_force(ledger, COMMUNE) == plan
    assert [line.data["digest"][0] for line in await logbook.read(ledger, COMMUNE)] == [*"aba"]


async def test_each_commune_has_its_own_plan(ledger: Ledger) -> None:
    await keep(ledger, FIRST)
    await keep(ledger, SECOND, "35047")
    assert await plans.communes(ledger) == ["35047", "99042"]
    assert await plans.in_force(ledger, COMMUNE) == FIRST


async def test_a_plan_whose_line_cannot_be_written_does_not_come_into_force(
    ledger: Ledger,
) -> None:
    await keep(ledger, FIRST)
    entry = Entry("dgs", "plan.loaded", "…", {"never": float("inf")})
    with pytest.raises(ValueError, match="JSON compliant"):
        await plans.keep(ledger, SECOND, commune=COMMUNE, entry=entry, key=KEY)
    assert await plans.in_force(ledger, COMMUNE) == FIRST


async def test_plans_kept_at_the_same_time_leave_one_in_force(ledger: Ledger) -> None:
    await keep(ledger, FIRST)
    await asyncio.gather(*(keep(ledger, plan) for plan in (FIRST, SECOND, FIRST, SECOND)))
    last = (await logbook.read(ledger, COMMUNE))[-1]
    assert (await plans.in_force(ledger, COMMUNE) or FIRST).digest == last.data["digest"]


async def test_rows_that_were_missing_are_counted(ledger: Ledger) -> None:
    rows = [
        {"commune": COMMUNE, "act_key": str(n), "fingerprint": "f", "acted_at": 1.0}
        for n in range(4)
    ]
    async with ledger.writing() as connection:
        counts = [await insert_missing(connection, acts_table, rows[:n]) for n in (1, 1, 4, 0)]
    assert counts == [1, 0, 3, 0]


async def test_the_first_request_acts_and_the_second_is_told_the_same(ledger: Ledger) -> None:
    assert await acts.begin(ledger, "key", commune=COMMUNE, fingerprint="f") is None
    with pytest.raises(StillActing):
        await acts.begin(ledger, "key", commune=COMMUNE, fingerprint="f")
    answer = Answer(201, {"state": "launched", "people": 12})
    await acts.finish(ledger, "key", commune=COMMUNE, answer=answer)
    assert await acts.begin(ledger, "key", commune=COMMUNE, fingerprint="f") == answer


async def test_a_key_used_for_another_request_is_refused(ledger: Ledger) -> None:
    await acts.begin(ledger, "key", commune=COMMUNE, fingerprint="f")
    with pytest.raises(KeyReused):
        await acts.begin(ledger, "key", commune=COMMUNE, fingerprint="g")
    assert await acts.begin(ledger, "key", commune="35047", fingerprint="g") is None


async def test_of_clicks_at_the_same_time_one_acts(ledger: Ledger) -> None:
    clicks = (acts.begin(ledger, "key", commune=COMMUNE, fingerprint="f") for _ in range(8))
    told = await asyncio.gather(*clicks, return_exceptions=True)
    assert sorted(type(one).__name__ for one in told) == ["NoneType", *["StillActing"] * 7]


@pytest.mark.parametrize(("age_s", "fingerprint"), [(120, "f"), (90_000, "another")])
async def test_what_was_begun_and_left_may_be_taken_up_again(
    ledger: Ledger, age_s: float, fingerprint: str
) -> None:
    await acts.begin(ledger, "key", commune=COMMUNE, fingerprint="f")
    async with ledger.writing() as connection:
        aged = acts_table.update().values(acted_at=acts_table.c.acted_at - age_s)
        await connection.execute(aged)
    assert await acts.begin(ledger, "key", commune=COMMUNE, fingerprint=fingerprint) is None


async def test_a_ledger_that_is_there_answers(ledger: Ledger) -> None:
    assert await health.fault(ledger) is None


@pytest.mark.parametrize(
    "url",
    ["sqlite+aiosqlite:///{empty}", "postgresql+psycopg://nobody@127.0.0.1:1/none"],
)
async def test_a_ledger_that_is_empty_or_gone_does_not(tmp_path: Path, url: str) -> None:
    async with opened(url.format(empty=tmp_path / "empty.sqlite")) as ledger:
        assert await health.fault(ledger) == "no answer"
