"""A hold stops an elimination wherever it is: before it begins, and between any two parts of it."""

import pytest
from sqlalchemy import delete, select

from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import NotNow
from dispatcher.privacy import eliminating
from dispatcher.privacy.eliminating import Visa, eliminate, make_slip, record_visa
from dispatcher.privacy.holding import hold, lift
from dispatcher.store import eliminations
from dispatcher.store.eliminations import Slip
from dispatcher.store.held_back import paused
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook_tables import evidence
from dispatcher.store.outgoing import blocks
from dispatcher.store.privacy_tables import legal_holds
from tests.law import DEPUTY, DPO, MAYOR, asked, later, proofs, sealed_alert
from tests.outgoing import COMMUNE
from tests.sealed import PEOPLE, verified

WHY = {"reason": "plainte", "reference": "TJ"}


async def signed(here: Office) -> Slip:
    slip = await make_slip(here, actor=DPO)
    visa = Visa("La directrice", "2031-12", f"{here.clock():%Y-%m-%d}")
    await record_visa(here, slip.number, visa, actor=DPO)
    return slip


async def begun(here: Office, slip: Slip) -> bool:
    line = here.line("maire", eliminations.BEGUN, "Commencée", slip=1, seals=list(slip.seals))
    return await eliminations.begin(here.ledger, COMMUNE, slip.number, by="maire", line=line)


async def half_of_it(ledger: Ledger) -> None:
    async with ledger.writing() as connection:
        await connection.execute(delete(evidence).where(evidence.c.place <= PEOPLE // 2))


async def audience(ledger: Ledger) -> int:
    async with ledger.reading() as connection:
        return sum(map(len, (await connection.execute(select(blocks.c.people))).scalars()))


async def state_of(here: Office, slip: Slip) -> str:
    return (await eliminating.slip(here, slip.number)).state


@pytest.mark.parametrize("of_all", [False, True])
async def test_what_is_held_once_it_has_begun_stays_until_the_hold_is_lifted(
    ledger: Ledger, *, of_all: bool
) -> None:
    version = await sealed_alert(ledger)
    here = later(ledger, 1830)
    slip = await signed(here)
    assert await begun(here, slip)
    await half_of_it(ledger)
    ident = await hold(here, "" if of_all else version.alert_id, **WHY, asked=asked(MAYOR))
    await eliminating.go_on(here)
    assert (await proofs(ledger), await audience(ledger)) == (PEOPLE // 2, PEOPLE)
    assert (await state_of(here, slip), await paused(ledger, COMMUNE)) == ("begun", {slip.number})
    assert (await verified(ledger)).valid
    await lift(here, ident, asked=asked(MAYOR))
    await lift(here, ident, asked=asked(DEPUTY))
    assert await paused(ledger, COMMUNE) == set()
    await eliminating.go_on(here)
    assert (await proofs(ledger), await audience(ledger)) == (0, 0)
    assert await state_of(here, slip) == "done"


async def test_who_a_version_was_for_stays_where_it_is_held_after_its_last_message(
    ledger: Ledger,
) -> None:
    version = await sealed_alert(ledger)
    here = later(ledger, 1830)
    slip = await signed(here)
    assert await begun(here, slip)
    while await eliminations.end_part(ledger, COMMUNE, 1):
        pass
    await hold(here, version.alert_id, **WHY, asked=asked(MAYOR))
    await eliminating.go_on(here)
    assert (await audience(ledger), await state_of(here, slip)) == (PEOPLE, "begun")


async def test_it_does_not_begin_over_a_hold_that_came_since_it_was_looked_for(
    ledger: Ledger,
) -> None:
    version = await sealed_alert(ledger)
    here = later(ledger, 1830)
    slip = await signed(here)
    await hold(here, version.alert_id, **WHY, asked=asked(MAYOR))
    assert not await begun(here, slip)
    with pytest.raises(NotNow, match="conservation"):
        await eliminate(here, slip.number, actor=MAYOR)
    assert (await state_of(here, slip), await proofs(ledger)) == ("signed", PEOPLE)


async def test_a_hold_of_another_alert_stops_nothing(ledger: Ledger) -> None:
    await sealed_alert(ledger)
    here = later(ledger, 1830)
    slip = await signed(here)
    async with ledger.writing() as connection:
        await connection.execute(
            legal_holds.insert().values(
                commune=COMMUNE, hold_id="h", alert_id="another", reason="a", reference="b",
                placed_by="m", placed_at=1.0,
            )
        )  # fmt: skip
    assert (await eliminate(here, slip.number, actor=MAYOR)).state == "done"
