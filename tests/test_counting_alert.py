"""What the panel counts is what a launch delivers: drawn towns, counted, then launched."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from dispatcher.alerts import life, plan_in_force
from dispatcher.alerts.counting import Figures, count
from dispatcher.alerts.drafting import Wanted
from dispatcher.alerts.life import find
from dispatcher.alerts.office import Office
from dispatcher.alerts.plan_in_force import load
from dispatcher.delivery.content import Content
from dispatcher.delivery.planning import materialise_next
from dispatcher.store.addresses import Address, replace_addresses
from dispatcher.store.enrolment import put_residents
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import deliveries, unreachable
from dispatcher.store.people import Contact
from dispatcher.store.registers import Home, Resident
from tests.keyring import opened
from tests.offices import APPROVER, AUTHOR, MIDDLE, bruz_plan, office_of

LON, LAT = MIDDLE
METRE = 1 / 111_320  # degrees of latitude
INSIDE, BESIDE, FAR = 0.0, 180.0, 900.0  # metres north of the middle of a circle of 150 m
STREETS = ("rue Basse", "rue Haute")
_COMMUNES = itertools.count(1)


@dataclass(frozen=True)
class Drawn:
    """Somebody of a drawn town: where, how to be reached, what was asked for."""

    at_m: float | None
    kinds: tuple[str, ...]
    shared: bool
    language: str
    warn_first: bool
    help_to_leave: bool
    street: int


drawn = st.builds(
    Drawn,
    st.sampled_from([INSIDE, INSIDE, BESIDE, FAR, None]),
    st.lists(st.sampled_from(["mobile", "fixed", "email"]), max_size=3, unique=True).map(tuple),
    st.booleans(),
    st.sampled_from(["fr", "en", "de"]),
    st.booleans(),
    st.booleans(),
    st.integers(0, 1),
)
media = st.lists(st.sampled_from(["sms", "voice", "email"]), unique=True).map(tuple)


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as one:
        yield one


@settings(
    max_examples=15,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(town=st.lists(drawn, max_size=14), doors=st.integers(0, 5), chosen=media)
def test_what_is_counted_is_what_a_launch_delivers(
    runner: asyncio.Runner, ledger_url: str, town: list[Drawn], doors: int, chosen: tuple[str, ...]
) -> None:
    async def law() -> None:
        async with opened(ledger_url) as ledger:
            office = await settled(ledger, town, doors=doors)
            alert, figures = await counted(office, chosen)
            here = [one for one in town if one.at_m == INSIDE]
            beside = [one for one in town if one.at_m == BESIDE]
            assert figures.people == len(here)
            assert figures.beside == len(beside)
            assert len(figures.found.here.unlocated) == sum(one.at_m is None for one in town)
            assert figures.reach.asks["warn_first"] == sum(one.warn_first for one in here)
            assert figures.reach.asks["help_to_leave"] == sum(one.help_to_leave for one in here)
            assert figures.streets.addresses == len(here) + doors
            bare = {one.street: one.uncovered for one in figures.streets.inside if one.uncovered}
            assert bare == uncovered(here, doors=doors)
            assert figures.streets.edge_addresses == len(beside)
            if here:
                assert await delivered(office, alert) == told(figures)

    runner.run(law())


def uncovered(here: list[Drawn], *, doors: int) -> Mapping[str, int]:
    """Count the doors without a subscriber as one walks: nobody lives there, or has no number."""
    bare = Counter(STREETS[one.street] for one in here if not one.kinds)
    bare.update({STREETS[0]: doors} if doors else {})
    return bare


async def settled(ledger: Ledger, town: list[Drawn], *, doors: int) -> Office:
    """Put a drawn town into a commune of its own; `doors` stand inside and nobody lives there."""
    office = replace(office_of(ledger), commune=f"{next(_COMMUNES):05d}")
    reading = await load(office, bruz_plan("circle_150m"), actor=AUTHOR)
    assert not reading.faults
    await put_residents(
        ledger, [resident(at, one) for at, one in enumerate(town)], commune=office.commune
    )
    rows = [door(at, one) for at, one in enumerate(town) if one.at_m is not None]
    rows += [address(f"empty-{at}", STREETS[0], INSIDE) for at in range(doors)]
    await replace_addresses(ledger, office.commune, rows)
    return office


def resident(at: int, one: Drawn) -> Resident:
    values = {
        "mobile": "+33639980001" if one.shared else f"+3363998{1000 + at}",
        "fixed": f"+3319900{1000 + at}",
        "email": f"r{at}@bruz.example",
    }
    ways = tuple(Contact(kind, values[kind], rank) for rank, kind in enumerate(one.kinds))
    lat = None if one.at_m is None else LAT + one.at_m * METRE
    home = Home(f"{at}", f"key-{at}", None if lat is None else LON, lat)
    return Resident(
        f"x{at}", f"N{at}", (one.language,), contacts=ways, homes=(home,),
        warn_first=one.warn_first, help_to_leave=one.help_to_leave,
    )  # fmt: skip


def door(at: int, one: Drawn) -> Address:
    return address(f"key-{at}", STREETS[one.street], one.at_m or 0.0)


def address(key: str, street: str, at_m: float) -> Address:
    return Address(key, f"{key} {street}", street, key, LON, LAT + at_m * METRE)


async def counted(office: Office, chosen: tuple[str, ...]) -> tuple[str, Figures]:
    wanted = Wanted(template="crue", scenario="crue", media=chosen, escalates=False)
    alert = await life.make_draft(office, wanted, actor=AUTHOR)
    content = Content.of((await find(office, alert)).content)
    plan = (await plan_in_force.in_force(office)).plan
    return alert, await count(office, plan, content, alert_id=alert)


async def delivered(office: Office, alert: str) -> tuple[dict[str, int], dict[str, int]]:
    """Launch, let a worker make every delivery, and count what it made."""
    await life.submit(office, alert, actor=AUTHOR)
    await life.approve(office, alert, actor=APPROVER)
    version = await life.launch(office, alert, actor=APPROVER)
    while await materialise_next(office.ledger) is not None:
        pass
    async with office.ledger.reading() as connection:
        made = await connection.execute(
            select(deliveries.c.medium, func.count())
            .where(deliveries.c.version_id == version.version_id)
            .group_by(deliveries.c.medium)
        )
        lost = await connection.execute(
            select(unreachable.c.reason, func.count())
            .where(unreachable.c.version_id == version.version_id)
            .group_by(unreachable.c.reason)
        )
        return dict(map(tuple, made)), dict(map(tuple, lost))


def told(figures: Figures) -> tuple[dict[str, int], dict[str, int]]:
    return dict(figures.reach.by_channel), dict(figures.reach.unreachable)
