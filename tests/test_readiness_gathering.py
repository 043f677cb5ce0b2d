"""What « Prêt ? » asks with: real accounts alone, each of their domains, who may approve."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from channels.contract import AccountSettings
from dispatcher.access.signing_in import NewUser, create_user
from dispatcher.alarms.daily import Round
from dispatcher.alarms.telling import OnCall
from dispatcher.delivery.accounts import Route
from dispatcher.readiness.desk import desk_for
from dispatcher.readiness.gathering import QUESTIONS, day_of_tests, gather
from dispatcher.readiness.lines import Line
from dispatcher.settings import ReadySettings
from dispatcher.store import dailies
from dispatcher.store.canaries import WHAT
from dispatcher.store.ledger import Ledger
from dispatcher.store.users import User
from tests.dns_server import dns_server
from tests.outgoing import KEYS, LOGBOOK_KEY, PUBLIC_URL
from tests.situations import COMMUNE, PASSWORD, load_example_plan

PARIS = ZoneInfo("Europe/Paris")
HOUR = 10


@pytest.fixture
async def town(ledger: Ledger) -> Ledger:
    await load_example_plan(ledger)
    return ledger


def mailer(name: str, *, sandbox: bool = False, canary: str = "", **values: str) -> Route:
    """Return an account that sends mails."""
    settings = AccountSettings(name, "smtp", rate_per_s=1.0, sandbox=sandbox, values=values)
    return Route("email", "live", settings, canary=canary)


def _round(ledger: Ledger, routes: Sequence[Route] = ()) -> Round:
    people = OnCall((), lambda: routes, PUBLIC_URL)
    return Round(ledger, people, LOGBOOK_KEY, HOUR, PARIS, KEYS)


async def asked(
    ledger: Ledger, folder: Path, name: str, *, routes: Sequence[Route] = (), resolver: str = ""
) -> list[Line]:
    """Ask one question with these accounts."""
    desk = await desk_for(_round(ledger, routes), COMMUNE, data_dir=folder)
    desk = replace(desk, ready=ReadySettings(resolver=resolver, dkim_selector=""))
    return await gather(desk, [(name, dict(QUESTIONS)[name])])


async def test_the_daily_test_claims_no_account_of_the_sandbox_and_none_without_a_recipient(
    town: Ledger, tmp_path: Path
) -> None:
    routes = [
        mailer("un", canary="mairie@vaubrenne.example"),
        mailer("deux"),
        mailer("trois", sandbox=True, canary="mairie@vaubrenne.example"),
    ]
    day = day_of_tests(datetime.now(UTC), hour=HOUR, zone=PARIS)
    await dailies.note(town, f"{WHAT}un", day=day.isoformat())
    good, untested = await asked(town, tmp_path, "canary", routes=routes)
    assert (good.state, good.blanks["accounts"]) == ("ready", "un")
    assert (untested.state, untested.blanks["accounts"]) == ("warning", "deux")


async def test_every_domain_of_the_real_accounts_is_asked_for_and_that_of_the_envelope(
    town: Ledger, tmp_path: Path
) -> None:
    routes = [
        mailer("un", sender="a@un.example", bounces="b+{token}@retours.example"),
        mailer("deux", sender="a@deux.example"),
        mailer("trois", sandbox=True, sender="a@trois.example"),
    ]
    texts = {"un.example": ["v=spf1 mx -all"], "_dmarc.un.example": ["v=DMARC1; p=reject"]}
    async with dns_server(texts) as server:
        found = await asked(town, tmp_path, "mail", routes=routes, resolver=server)
    states = {one.subject: one.state for one in found}
    assert states["spf"] == states["dmarc"] == "ready"
    assert states["spf:deux.example"] == states["spf:retours.example"] == "not_ready"
    assert not any("trois" in subject for subject in states)


async def test_the_rac_with_her_access_lacks_none_where_the_plan_lets_her_approve(
    town: Ledger, tmp_path: Path
) -> None:
    desk = await desk_for(_round(town), COMMUNE, data_dir=tmp_path)
    plan = replace(desk.plan, policy=replace(desk.plan.policy, approvers=("DOS", "RAC")))
    rac = next(role for role in plan.roles if role.code == "RAC").people[0]
    user = User(COMMUNE, "rac", "Camille Aubry", "rac", contact_id=rac)
    await create_user(town, NewUser(user, PASSWORD, waived=True), by="test", key=b"k" * 32)
    questions = [("people", dict(QUESTIONS)["people"])]
    found = {one.subject: one for one in await gather(replace(desk, plan=plan), questions)}
    assert plan.contact(rac).full_name not in found["without_access"].blanks["names"]
    assert found["approvers"].state == "not_ready"  # but the mayor has no access yet
    assert plan.contact(rac).full_name in found["approvers"].blanks["there"]


async def test_postgresqls_disk_and_sqlites_own_clock_are_claimed_by_nobody(
    town: Ledger, tmp_path: Path
) -> None:
    found = {one.subject: one for one in await asked(town, tmp_path, "machine")}
    if town.dialect == "sqlite":
        assert set(found) == {"disk", "rehearsals"}
    else:
        assert set(found) == {"disk", "rehearsals", "clock"}
        assert found["disk"].state != "ready"
