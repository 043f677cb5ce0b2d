"""Going into service and out of it: nothing unverified, nothing under a mayor's feet.

A worker launches a held emergency by the same accounts that it sends by.
"""

from dataclasses import replace

import pytest
from sqlalchemy import text

from channels.contract import AccountSettings
from dispatcher.alerts.office import Actor, Office
from dispatcher.alerts.refusals import NotNow, NotYou
from dispatcher.crisis import overriding
from dispatcher.crisis.overriding import Emergency
from dispatcher.delivery.accounts import Granted, Route
from dispatcher.distress.callers import callers
from dispatcher.readiness import service
from dispatcher.readiness.lines import not_ready, ready
from dispatcher.store import overrides
from dispatcher.store.in_service import Opening, opening_of
from dispatcher.store.logbook import Entry
from dispatcher.store.users import Credentials, User, put_user
from dispatcher.worker import Bench, office_of
from tests.crises import opened
from tests.situations import COMMUNE
from tests.staffed_hall import ADMIN, MAYOR

pytest_plugins = ("tests.hall_visits",)
DEPUTY = User(COMMUNE, "marc", "Marc", "deputy", "adjoint_securite")
LINES = [ready("sender", "Bien."), not_ready("backup", "Rien.", "Faites.")]
SAW = service.seeing(LINES)
REAL = {medium: Granted(1.0, 0.0, real=True) for medium in ("sms", "voice", "email")}
EMERGENCY = Emergency(template="danger_immediat", sectors=("bas_bourg",), reason="rupture")
HELENE = Actor("helene", "dos")


@pytest.fixture
async def staffed(hall: Office) -> Office:
    for one in (MAYOR, DEPUTY):
        hers = Credentials(one, "no password opens it", totp_secret="x")
        await put_user(hall.ledger, hers, line=(Entry("test", "access.opened", "x"), b"k" * 32))
    return replace(hall, granted=REAL)


async def open_service(office: Office) -> None:
    """Put the commune in service, by two people."""
    await service.ask(office, LINES, by=MAYOR, saw=SAW)
    await service.confirm(office, LINES, by=ADMIN, saw=SAW)


def account(medium: str, *, sandbox: bool) -> Route:
    """Return an account that a worker sends by."""
    settings = AccountSettings(f"{medium}-one", f"twilio-{medium}", rate_per_s=2.0, sandbox=sandbox)
    return Route(medium, "live", settings)


def bench(office: Office, *, sandbox: bool) -> Bench:
    """Return what a worker works with."""
    routes = tuple(account(medium, sandbox=sandbox) for medium in ("sms", "voice"))
    key, keys = office.logbook_key, office.tokens
    return Bench(office.ledger, routes, keys, key, "", "redis://127.0.0.1:1", 1)


@pytest.mark.parametrize(("sandbox", "state"), [(False, "lost"), (True, "launched")])
async def test_a_worker_holds_back_what_would_leave_by_a_real_account_once_out_of_service(
    staffed: Office, *, sandbox: bool, state: str
) -> None:
    await open_service(staffed)
    alert = await overriding.hold(staffed, EMERGENCY, actor=HELENE)
    await service.close(staffed, by=MAYOR, reason="fournisseur en litige")
    async with staffed.ledger.writing() as connection:  # the minute of its hold passes
        await connection.execute(text("UPDATE overrides SET leaves_at = leaves_at - 61"))
    turns = dict(callers(office_of(bench(staffed, sandbox=sandbox))))
    await turns["call up"]()
    held = await overrides.override_of(staffed.ledger, COMMUNE, alert)
    assert held is not None
    assert held.state == state


async def test_nothing_goes_live_before_anything_was_verified(staffed: Office) -> None:
    with pytest.raises(NotNow, match="Rien n'a été vérifié"):
        await service.ask(staffed, [], by=MAYOR, saw=service.seeing([]))
    assert await opening_of(staffed.ledger, COMMUNE) == Opening()
    allright = [ready("sender", "Bien.")]
    await service.ask(staffed, allright, by=MAYOR, saw=service.seeing(allright))
    with pytest.raises(NotNow, match="Rien n'a été vérifié"):
        await service.confirm(staffed, [], by=ADMIN, saw=service.seeing([]))
    assert not (await opening_of(staffed.ledger, COMMUNE)).live


@pytest.mark.parametrize("what", ["event", "held", "launched"])
async def test_in_a_real_crisis_only_who_leads_takes_the_commune_out_of_service(
    staffed: Office, what: str
) -> None:
    await open_service(staffed)
    await opened(staffed, mode="exercise")  # an exercise keeps nobody
    if what == "event":
        await opened(staffed)
    else:
        await overriding.hold(staffed, EMERGENCY, actor=HELENE)
    if what == "launched":
        async with staffed.ledger.writing() as connection:
            await connection.execute(text("UPDATE overrides SET leaves_at = leaves_at - 61"))
        await dict(callers(office_of(bench(staffed, sandbox=True))))["call up"]()
    with pytest.raises(NotYou, match="le maire ou un suppléant"):
        await service.close(staffed, by=ADMIN, reason="maintenance")
    assert (await opening_of(staffed.ledger, COMMUNE)).live
    await service.close(staffed, by=DEPUTY, reason="fournisseur en litige")
    assert not (await opening_of(staffed.ledger, COMMUNE)).live


async def test_an_administrator_takes_it_out_in_quiet_times_and_a_request_at_any(
    staffed: Office,
) -> None:
    await open_service(staffed)
    await opened(staffed, mode="exercise")
    await service.close(staffed, by=ADMIN, reason="maintenance")
    assert not (await opening_of(staffed.ledger, COMMUNE)).live
    await service.ask(staffed, LINES, by=MAYOR, saw=SAW)
    await opened(staffed)
    await service.close(staffed, by=ADMIN, reason="une erreur")
    assert (await opening_of(staffed.ledger, COMMUNE)).state == "closed"
