"""Means lent and brought back: never more out than there is, whoever lends at once."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatcher.alerts.office import Office, utc_now
from dispatcher.alerts.refusals import NotNow, NotSo, NotThere, NotYou
from dispatcher.crisis.standing_down import warnings_of
from dispatcher.crisis.steps import Asked
from dispatcher.lending import lending
from dispatcher.lending.lending import Coming, Lending, Return, figure
from dispatcher.lending.showing import as_csv, shown
from dispatcher.lending.stock import Stock, stock
from dispatcher.logbook.books import Keeper
from dispatcher.logbook.sitrep import draft
from dispatcher.store import plans as plan_files
from dispatcher.store.crises import open_event_of
from dispatcher.store.ledger import Ledger
from operator_ui.plan_shown import METROPOLIS
from tests.crises import CHIEF, MAYOR, OBSERVER, OPERATOR, activated, by, opened, town_hall
from tests.sheltered_town import lines_of, stood_down
from tests.situations import COMMUNE, load_example_plan, office

pytest_plugins = ("tests.console_visits",)
GYM, CREW = "centre:gymnase", "team:ACCUEIL1"


@pytest.fixture
def desk(town: Ledger) -> Office:
    """Be at work in a commune whose plan is in force already."""
    return office(town)


async def lent(
    town: Office, event_id: str, means: str, quantity: float, *, asked: Asked | None = None
) -> Stock:
    wanted = Lending(means, quantity, CREW)
    return await lending.lend(town, event_id, wanted, asked=asked or by(CHIEF))


async def test_what_is_lent_is_out_until_it_is_back_and_what_is_lost_is_gone(
    ledger: Ledger,
) -> None:
    town = await town_hall(ledger)
    event = await opened(town)
    again = by(CHIEF, key="un-clic")
    await lent(town, event.event_id, "lits", 60, asked=again)
    found = await lent(town, event.event_id, "lits", 60, asked=again)
    assert found.item("lits").available == 30
    with pytest.raises(NotNow, match="Il reste 30 u de « Lits de camp », vous en demandez 31"):
        await lent(town, event.event_id, "lits", 31)
    (loan,) = found.item("lits").loans
    part = Return(20, 5, "pieds cassés")
    key = by(OPERATOR, key="retour-1")
    for _ in range(2):
        found = await lending.take_back(town, event.event_id, loan.loan_id, back=part, asked=key)
    assert (found.item("lits").available, found.item("lits").out) == (50, 35)
    with pytest.raises(NotSo, match="Il ne reste que 35"):
        await lending.take_back(
            town, event.event_id, loan.loan_id, back=Return(36), asked=by(CHIEF)
        )  # fmt: skip
    with pytest.raises(NotSo, match="ce qui est arrivé"):
        await lending.take_back(
            town, event.event_id, loan.loan_id, back=Return(0, 1), asked=by(CHIEF)
        )  # fmt: skip
    found = await lending.take_back(
        town, event.event_id, loan.loan_id, back=Return(35), asked=by(CHIEF)
    )  # fmt: skip
    assert (found.item("lits").available, found.item("lits").out) == (85, 0)
    kinds = [line.kind for line in await lines_of(ledger, "means.")]
    assert kinds == ["means.lent", "means.returned", "means.returned"]


async def test_what_is_consumed_is_given_and_not_waited_for(desk: Office) -> None:
    event = await opened(desk)
    wanted = Lending("repas", 120, GYM, given=True)
    found = await lending.lend(desk, event.event_id, wanted, asked=by(CHIEF))
    item = found.item("repas")
    assert (item.available, item.out) == (130, 0)
    assert "means_out" not in {one.kind for one in await warnings_of(desk, event)}
    back = Return(20, condition="non servis")
    found = await lending.take_back(
        desk, event.event_id, item.loans[0].loan_id, back=back, asked=by(CHIEF)
    )  # fmt: skip
    assert found.item("repas").available == 150


async def test_two_operators_at_once_share_what_there_is(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    event = await opened(town)
    done = await asyncio.gather(
        *(lent(town, event.event_id, "groupe_3kva", 1) for _ in range(5)), return_exceptions=True
    )
    assert sum(isinstance(one, Stock) for one in done) == 2  # the plan has two
    assert sum(isinstance(one, NotNow) for one in done) == 3
    assert (await stock(town, event.event_id)).item("groupe_3kva").available == 0


steps = st.lists(
    st.tuples(
        st.sampled_from(("lend", "give", "back", "lose")),
        st.integers(1, 40),
        st.integers(0, 3),
    ),
    min_size=1,
    max_size=8,
)


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(waves=st.lists(steps, min_size=1, max_size=3))
async def test_available_is_what_there_is_without_what_is_out_and_never_below_nothing(
    ledger: Ledger, waves: list[list[tuple[str, int, int]]]
) -> None:
    """Each wave's steps run at once: whatever their order, the sums hold after it."""
    town = office(ledger)
    if await plan_files.in_force(ledger, COMMUNE) is None:
        await load_example_plan(ledger)
    event = await still_open(town)
    extra = await lending.add(town, event, Coming("Bottes", 60), asked=by(CHIEF))
    means = next(one.means_id for one in extra.items if one.extra)
    for wave in waves:
        held = (await stock(town, event)).item(means).loans
        acts = [
            step(town, event, means, one, loans=[loan.loan_id for loan in held]) for one in wave
        ]
        for done in await asyncio.gather(*acts, return_exceptions=True):
            assert done is None or isinstance(done, NotNow | NotSo)
        item = (await stock(town, event)).item(means)
        out = sum(one.quantity - one.returned for one in item.loans)
        assert item.quantity - item.taken == item.available == 60 - out
        assert item.available >= 0
        assert all(one.left >= 0 for one in item.loans)


async def still_open(town: Office) -> str:
    """Return the event that is open, whatever the examples before left."""
    event = await open_event_of(town.ledger, COMMUNE) or await opened(town)
    return event.event_id


async def step(
    town: Office, event: str, means: str, one: tuple[str, int, int], *, loans: list[str]
) -> None:
    what, quantity, which = one
    if what in ("lend", "give"):
        wanted = Lending(means, quantity, GYM, given=what == "give")
        await lending.lend(town, event, wanted, asked=by(CHIEF))
    elif loans:
        back = Return(quantity) if what == "back" else Return(0, quantity, "cassé")
        loan = loans[which % len(loans)]
        await lending.take_back(town, event, loan, back=back, asked=by(CHIEF))


async def test_what_an_earlier_event_still_waits_for_is_not_lent_twice(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    first = await activated(town)
    await lent(town, first.event_id, "radios", 8)
    rehearsed = await opened(town, mode="exercise")
    assert (await stock(town, rehearsed.event_id)).item("radios").available == 12
    left = {one.kind: one.number for one in await warnings_of(town, first)}
    assert left["means_out"] == 1
    await stood_down(town, first)
    with pytest.raises(NotNow):
        await lent(town, first.event_id, "radios", 1)
    second = await opened(town)
    item = (await stock(town, second.event_id)).item("radios")
    assert (item.available, item.out) == (4, 8)
    (loan,) = item.loans
    await lending.take_back(town, first.event_id, loan.loan_id, back=Return(8), asked=by(CHIEF))
    assert (await stock(town, second.event_id)).item("radios").available == 12


async def test_who_borrows_is_of_the_plan_or_said_in_words(desk: Office) -> None:
    event = await opened(desk)
    for to in ("team:NOBODY", "nobody", "other: ", ""):
        nobody = Lending("radios", 1, to)
        with pytest.raises(NotSo):
            await lending.lend(desk, event.event_id, nobody, asked=by(CHIEF))
    wanted = Lending("radios", 1, "other:Marcel, commune de Langres")
    found = await lending.lend(desk, event.event_id, wanted, asked=by(CHIEF))
    assert found.borrower(found.loans[0]) == "Marcel, commune de Langres"
    (line,) = await lines_of(desk.ledger, "means.lent")
    assert "Marcel" not in f"{line.text} {line.data}"
    with pytest.raises(NotYou):
        await lending.lend(desk, event.event_id, wanted, asked=by(OBSERVER))
    with pytest.raises(NotThere):
        await lent(desk, event.event_id, "soucoupe", 1)
    for wrong in (0, -1, float("nan"), float("inf"), 0.0004):
        with pytest.raises(NotSo):
            await lent(desk, event.event_id, "radios", wrong)


async def test_what_is_overdue_is_told_and_the_table_says_where_everything_is(
    desk: Office,
) -> None:
    event = await opened(desk)
    past = Lending("lits", 10, GYM, due_at=utc_now() - timedelta(hours=1))
    with pytest.raises(NotSo, match="déjà passée"):
        await lending.lend(desk, event.event_id, past, asked=by(CHIEF))
    due = utc_now() + timedelta(seconds=1)
    soon = Lending("lits", 10, "other:=commune voisine", due_at=due)
    found = await lending.lend(desk, event.event_id, soon, asked=by(CHIEF))
    assert found.late == []
    await asyncio.sleep(1.1)
    found = await stock(desk, event.event_id)
    assert [one.label for one in found.late] == ["Lits de camp"]
    assert shown(found)["overdue"] == [found.loans[0].loan_id]
    sheet = as_csv(found, METROPOLIS)
    (row,) = [line for line in sheet.splitlines() if "Lits de camp" in line]
    assert '"\'=commune voisine"' in row  # no formula
    assert '"oui"' in row
    keeper = Keeper(desk.ledger, COMMUNE, desk.logbook_key)
    report = await draft(keeper, event=event.event_id, zone=METROPOLIS)
    assert "Lits de camp : 10 u" in report.parts["moyens"]


async def test_what_comes_for_the_event_is_lent_as_the_rest(desk: Office) -> None:
    event = await opened(desk)
    coming = Coming("Pelleteuse", 1, "u", "requisition", "Travaux publics Boulanger")
    again = by(MAYOR, key="requisition-1")
    await lending.add(desk, event.event_id, coming, asked=again)
    found = await lending.add(desk, event.event_id, coming, asked=again)
    (item,) = [one for one in found.items if one.extra]
    assert (item.label, item.available) == ("Pelleteuse", 1)
    found = await lent(desk, event.event_id, item.means_id, 1)
    assert found.item(item.means_id).available == 0
    (line,) = await lines_of(desk.ledger, "means.added")
    assert "Boulanger" not in f"{line.text} {line.data}"
    with pytest.raises(NotSo):
        await lending.add(desk, event.event_id, Coming("", 1), asked=by(MAYOR))


@given(st.integers(0, 10**9))
def test_a_quantity_is_written_as_french_writes_it(thousandths: int) -> None:
    said = figure(thousandths / 1000)
    assert round(float(said.replace(",", ".")) * 1000) == thousandths
    assert not said.endswith((",", "0")) or "," not in said
