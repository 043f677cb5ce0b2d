"""The register as a table: nobody known again in it, or in clear by two people with a reason."""

import csv
import io
from collections import Counter
from dataclasses import replace

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from dispatcher.alerts.refusals import NotNow, NotSo, NotYou
from dispatcher.privacy.exporting import FEWEST, IN_CLEAR, in_clear, shared, without_names
from dispatcher.privacy.opening import agree, ask, close, sent_to
from dispatcher.store import logbook
from dispatcher.store.enrolment import put_residents
from dispatcher.store.ledger import Ledger
from dispatcher.store.people import Contact
from dispatcher.store.registers import Home, Resident
from dispatcher.store.tables import persons
from tests.law import DPO, MAYOR, OPERATOR, asked
from tests.privacy_visits import be, post
from tests.signing import send
from tests.situations import COMMUNE, load_example_plan, office

pytest_plugins = ("tests.console_visits",)
WHY = {"reason": "Changement de prestataire", "reference": "Délibération 12"}
QUAI = Home("3 Quai Bas", "3 quai bas", 5.0232, 47.7822)
FAR = Home("9 rue Loin", "9 rue loin", 5.9, 47.0)


def resident(number: int, home: Home = QUAI, language: str = "fr") -> Resident:
    return Resident(
        f"R{number}", f"=CANARI{number} Zoé", (language,), homes=(home,),
        contacts=(Contact("mobile", f"+3363998{3500 + number}"),), help_to_leave=number == 1,
    )  # fmt: skip


async def enrolled(ledger: Ledger, *more: Resident) -> None:
    await load_example_plan(ledger)
    people = [resident(number) for number in range(FEWEST + 1)]
    await put_residents(ledger, [*people, *more], commune=COMMUNE)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))


async def test_without_names_nobody_is_known_again(ledger: Ledger) -> None:
    await enrolled(ledger, resident(20, FAR), resident(21, language="en"))
    text = await without_names(office(ledger), actor=OPERATOR)
    for word in ("canari", "3363998", "quai bas", "R1", "5.02"):
        assert word not in text.casefold()
    told = rows(text)
    assert len(told) == FEWEST + 3
    assert {one["besoins_aide"] for one in told} == {""}  # of one alone it is not told
    again = rows(await without_names(office(ledger), actor=OPERATOR))
    first, second = ({one["pseudonyme"] for one in some} for some in (told, again))
    assert not first & second  # two tables cannot be joined


async def test_no_sector_and_no_language_that_fewer_than_five_share_is_told(
    ledger: Ledger,
) -> None:
    await enrolled(ledger, resident(20, FAR), resident(21, language="en"))
    told = rows(await without_names(office(ledger), actor=OPERATOR))
    alike = Counter((one["secteur"], one["langue"]) for one in told)
    alike.pop(("", ""), None)
    assert alike
    assert min(alike.values()) >= FEWEST
    assert "en" not in {one["langue"] for one in told}


async def test_the_one_person_of_a_sector_is_not_told_by_what_she_needs(ledger: Ledger) -> None:
    alone = replace(
        resident(30, FAR), warn_first=True, help_to_leave=True,
        contacts=(Contact("fixed", "+33199003530"),),
    )  # fmt: skip
    needing = [replace(resident(number), help_to_leave=True) for number in range(40, 45)]
    await enrolled(ledger, alone, *needing)
    told = rows(await without_names(office(ledger), actor=OPERATOR))
    cells = [tuple(cell for name, cell in one.items() if name != "pseudonyme") for one in told]
    alike = Counter(one for one in cells if any(one))
    assert min(alike.values()) >= FEWEST
    assert {one["prevenir_en_premier"] for one in told} == {""}
    assert "fixed" not in {one["moyens"] for one in told}
    # Six of the same sector need it (one of the others, and these five): that is told.
    assert Counter(one["besoins_aide"] for one in told)["oui"] == FEWEST + 1
    assert len({one["secteur"] for one in told if one["besoins_aide"]}) == 1


cells = st.tuples(
    st.sampled_from(["", "a", "b"]), st.sampled_from(["fr", "en"]), st.sampled_from(["", "m", "f"]),
    st.sampled_from(["", "oui"]), st.sampled_from(["", "oui"]),
)  # fmt: skip


@given(st.lists(cells, max_size=60))
def test_whatever_is_told_of_anybody_five_share_and_nothing_is_invented(
    told: list[tuple[str, ...]],
) -> None:
    shown = shared(told)
    alike = Counter(one for one in shown if any(one))
    assert all(count >= FEWEST for count in alike.values())
    before = Counter(told)
    for was, now in zip(told, shown, strict=True):
        assert all(cell in ("", kept) for kept, cell in zip(was, now, strict=True))
        assert before[was] < FEWEST or was == now


async def test_in_clear_by_two_with_a_reason_and_each_taking_is_told(ledger: Ledger) -> None:
    await enrolled(ledger)
    here = office(ledger)
    with pytest.raises(NotYou):
        await ask(here, **WHY, asked=asked(OPERATOR), what="register")
    with pytest.raises(NotSo):
        await ask(here, **WHY, asked=asked(DPO), what="everything")
    ident = await ask(here, **WHY, asked=asked(DPO), what="register")
    with pytest.raises(NotNow, match="n'est pas ouvert"):
        await in_clear(here, ident, actor=DPO)
    with pytest.raises(NotYou, match="une autre personne"):
        await agree(here, ident, actor=DPO)
    await agree(here, ident, actor=MAYOR)
    with pytest.raises(NotYou):
        await in_clear(here, ident, actor=OPERATOR)
    told = rows(await in_clear(here, ident, actor=DPO))
    assert tuple(told[0]) == IN_CLEAR
    assert len(told) == FEWEST + 1
    assert all(one["nom"].startswith("'=CANARI") for one in told)  # no formula
    assert all(one["contacts"].startswith("'+33") for one in told)
    assert {one["adresses"] for one in told} == {"3 Quai Bas"}
    kinds = [
        (one.kind, one.author)
        for one in await logbook.read(ledger, COMMUNE)
        if one.kind.startswith("register.")
    ]
    assert kinds == [
        ("register.asked", "dpd"), ("register.opened", "maire"), ("register.handed_out", "dpd"),
    ]  # fmt: skip
    await close(here, ident, actor=MAYOR)
    with pytest.raises(NotNow):
        await in_clear(here, ident, actor=DPO)


async def test_what_was_opened_opens_nothing_else(ledger: Ledger) -> None:
    await enrolled(ledger)
    here = office(ledger)
    register = await ask(here, **WHY, asked=asked(DPO, "one"), what="register")
    evidence = await ask(here, **WHY, asked=asked(DPO, "one"))
    assert register != evidence
    for one in (register, evidence):
        await agree(here, one, actor=MAYOR)
    with pytest.raises(NotNow):
        await sent_to(here, register, "+33639983500", actor=DPO)
    with pytest.raises(NotNow):
        await in_clear(here, evidence, actor=DPO)


async def test_who_left_and_who_is_of_the_plan_are_in_no_table(ledger: Ledger) -> None:
    await enrolled(ledger)
    async with ledger.writing() as connection:
        left = update(persons).where(persons.c.external_id == "R0")
        await connection.execute(left.values(unsubscribed_at=1.0))
    assert len(rows(await without_names(office(ledger), actor=OPERATOR))) == FEWEST


async def test_the_pages_lead_to_both(visitor: httpx.AsyncClient, town: Ledger) -> None:
    await put_residents(town, [resident(number) for number in range(6)], commune=COMMUNE)
    await be(visitor, town, "op", "operator")
    assert "/habitants/sans-noms.csv" in (await visitor.get("/habitants")).text
    table = await visitor.get("/habitants/sans-noms.csv")
    assert table.headers["content-type"].startswith("text/csv")
    assert len(rows(table.text)) == 6
    await be(visitor, town, "dpd", "dpo")
    assert (await visitor.get("/habitants/sans-noms.csv")).status_code == 403
    asked_for = await post(visitor, to="demander", what="register", **WHY)
    assert "Registre en clair" in asked_for.text
    ident = asked_for.text.partition('name="ident" value="')[2].partition('"')[0]
    await be(visitor, town, "maire2", "dos")
    opened = await post(visitor, to="accepter", ident=ident)
    assert "Prendre le registre" in opened.text
    taken = await send(visitor, "/donnees/preuve", to="/donnees/preuve/registre", ident=ident)
    assert len(rows(taken.text)) == 6
    assert "attachment" in taken.headers["content-disposition"]
