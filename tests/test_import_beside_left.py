"""A file that names, by another number, who has left: enrolled, told by its lines, to be judged."""

from dataclasses import replace

import pytest

from dispatcher.residents.importing import Source, Summary
from dispatcher.store import logbook
from dispatcher.store.doubles import Pair, doubled, tell_apart
from dispatcher.store.ledger import Ledger
from dispatcher.store.people import Contact
from dispatcher.store.registers import Home
from tests.doubled_town import SAID, enrol, leave, line
from tests.residents_files import COMMUNE, HEADERS, everybody, imported, source
from tests.situations import office

__all__ = ["source"]
QUAY = Home("3 Quai Bas", "3 quai bas")
OTHERS = (",HENRY,Yves,fr,3,quai Bas,,,0639980107,,,", ",LOPEZ,Ana,fr,9,quai Bas,,,0639980108,,,")
HERS = ",LOPEZ,Ana,fr,3,quai Bas,,,,01 99 00 00 42,,"


@pytest.fixture
async def left(ledger: Ledger) -> str:
    """Have Ana, who signed up by her mobile, leave."""
    here = office(ledger, COMMUNE)
    own = await enrol(here, replace(SAID, homes=(QUAY,)))
    await leave(here, own)
    return own


def told(summary: Summary) -> list[int]:
    """Return the lines that are told to name who left."""
    return [one.line for one in summary.warnings if "a quitté les alertes" in one.reason]


async def test_such_a_line_is_enrolled_and_told_by_its_number(
    ledger: Ledger, source: Source, left: str
) -> None:
    summary = await imported(ledger, source, HEADERS, OTHERS[0], HERS, OTHERS[1], HERS)
    assert (summary.people.added, told(summary), summary.beside_who_left) == (3, [3, 5], 2)
    assert len(await everybody(ledger)) == 4
    (found,) = await doubled(ledger, COMMUNE, limit=9)
    assert left in found.pair
    assert found.one_left
    (entry,) = await logbook.read_kinds(ledger, COMMUNE, "residents.imported", limit=9)
    assert entry.data["beside_who_left"] == 2


async def test_it_is_told_at_each_import_until_somebody_has_judged(
    ledger: Ledger, source: Source, left: str
) -> None:
    for _ in range(2):
        assert told(await imported(ledger, source, HEADERS, HERS)) == [2]
    (found,) = await doubled(ledger, COMMUNE, limit=9)
    here = office(ledger, COMMUNE)
    assert await tell_apart(ledger, COMMUNE, Pair(*found.pair), by="rac", line=line(here))
    assert told(await imported(ledger, source)) == []


async def test_her_own_number_is_known_and_who_has_not_left_is_not_told(
    ledger: Ledger, source: Source, left: str
) -> None:
    own = ",LOPEZ,Ana,fr,3,quai Bas,,,06 39 98 00 42,,,"
    assert told(await imported(ledger, source, HEADERS, own)) == []
    assert len(await everybody(ledger)) == 1
    here = office(ledger, COMMUNE)
    luis = replace(SAID, name="Luis Lopez", contacts=(Contact("mobile", "+33639980099"),))
    await enrol(here, replace(luis, homes=(QUAY,)))
    beside = ",LOPEZ,Luis,fr,3,quai Bas,,,,01 99 00 00 43,,"
    assert told(await imported(ledger, source, HEADERS, own, beside)) == []
