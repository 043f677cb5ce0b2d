"""Corrections over HTTP: two people for new instructions, one for the words approved before."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from dispatcher.alerts.office import Office
from dispatcher.store.ledger import Ledger
from tests.offices import bruz_office
from tests.test_api import bearers, client_of


@pytest.fixture
async def office(ledger: Ledger, tmp_path: Path) -> Office:
    return await bruz_office(ledger, tmp_path, "circle_150m")


@pytest.fixture
async def client(office: Office) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(office) as one:
        yield one


async def test_new_instructions_take_two_over_http_and_a_false_alarm_takes_one(
    office: Office, client: httpx.AsyncClient
) -> None:
    who = await bearers(office)
    key = {"Idempotency-Key": "click-0001"}
    made = await client.post(
        "/api/v1/alerts", json={"scenario": "crue"}, headers={**who["rac"], **key}
    )
    alert = f"/api/v1/alerts/{made.json()['alert']}"
    await client.post(f"{alert}/submit", headers=who["rac"])
    digest = {"digest": made.json()["digest"]}
    await client.post(f"{alert}/approve", json=digest, headers=who["maire"])
    await client.post(f"{alert}/launch", headers={**who["rac"], **key})
    body = {"kind": "update", "blanks": {"consigne": "restez chez vous"}}
    clicks = [
        await client.post(f"{alert}/corrections", json=body, headers={**who["rac"], **key})
        for _ in range(2)
    ]
    assert [one.status_code for one in clicks] == [201, 201]
    drafted = clicks[1]
    assert drafted.json()["preparing"] == clicks[0].json()["preparing"]
    await client.post(f"{alert}/submit", headers=who["rac"])
    digest = {"digest": drafted.json()["preparing"]["digest"]}
    refused = await client.post(f"{alert}/approve", json=digest, headers=who["rac"])
    assert refused.status_code == 403
    assert (await client.post(f"{alert}/false-alarm", headers=who["temoin"])).status_code == 403
    taken = await client.post(f"{alert}/false-alarm", headers=who["rac"])
    assert (taken.json()["kind"], taken.json()["preparing"]) == ("false_alarm", None)
    nothing = await client.post(f"{alert}/withdraw", headers=who["rac"])
    assert nothing.status_code == 409
