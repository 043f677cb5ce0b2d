"""The register of vulnerable people kept day by day: who may, what is refused, nobody twice."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from dispatcher.alerts.office import Office
from dispatcher.alerts.refusals import NotNow, NotSo, NotThere, NotYou
from dispatcher.ciphers import Ring
from dispatcher.store.ledger import Ledger
from dispatcher.store.users import disable_user
from dispatcher.store.vulnerable import AsSeen
from dispatcher.store.vulnerable_looks import journal_of
from dispatcher.vulnerable import agents, looking
from dispatcher.vulnerable.declaration import Declared, Whom
from dispatcher.vulnerable.keeping import Filed, acknowledge, correct, enrol, remove
from dispatcher.vulnerable.register import Register, keeps, owed
from tests.crises import DEPUTY, MAYOR, OBSERVER, OPERATOR
from tests.registers import (
    ASKED_FOR_YVES,
    CCAS,
    LEA,
    SECRETARY,
    TODAY,
    YVES,
    Held,
    filed,
    kept,
    know_doors,
    lines,
    register,
)
from tests.situations import COMMUNE, add_user, office


async def card_of(found: Register, name: str) -> looking.Card:
    (one,) = await looking.search(found, name, reason="person", actor=CCAS)
    return await looking.numbers(found, one.kept.entry_id, reason="person", actor=CCAS)


async def test_a_person_is_enrolled_at_once_and_found_by_her_name_or_her_number(
    ledger: Ledger,
) -> None:
    found = await kept(office(ledger))
    assert await filed(found, key="un-clic") == 1
    assert await filed(found, key="un-clic") == 1  # clicked twice
    card = await card_of(found, "MARECHAL")
    assert card.told.name == "Léa Maréchal"
    assert card.told.phones == ("+33199000102",)
    assert card.told.to_warn == Whom("Ana Lopez", "child", "+33639980103")
    assert (card.told.lon, card.told.lat) == (5.0147, 47.7801)
    by_phone = await looking.search(found, "0199000102", reason="person", actor=CCAS)
    assert [one.told.name for one in by_phone] == ["Léa Maréchal"]
    assert by_phone[0].told.phones == ()  # a number is shown by an act of its own
    assert await looking.search(found, "Maré", reason="person", actor=CCAS) == []


async def test_an_address_that_is_not_known_is_kept_without_a_place(ledger: Ledger) -> None:
    found = await kept(office(ledger))
    await filed(found, replace(LEA, address="12 rue de la Sérolle, 3e étage"))
    await filed(found, replace(YVES, address="chez sa fille"))
    assert (await card_of(found, "Maréchal")).told.lon == 5.0147
    assert (await card_of(found, "Henry")).told.lon is None


async def test_the_same_person_is_not_enrolled_twice(ledger: Ledger) -> None:
    found = await kept(office(ledger))
    await filed(found)
    with pytest.raises(NotNow, match="déjà inscrite"):
        await filed(found, replace(LEA, surname="marechal", first_names="LEA", phones=()))
    by_neighbour = replace(LEA, asked_by="third_party", born="", requester=Whom("Zoé"))
    with pytest.raises(NotNow, match="déjà inscrite"):
        await filed(found, by_neighbour)  # who does not know her birth
    son = replace(LEA, born="1959-01-01")  # of one name in one house
    assert await filed(found, son) == 2


async def test_who_left_is_not_brought_back_by_a_third_party(ledger: Ledger) -> None:
    found = await kept(office(ledger))
    await filed(found, ASKED_FOR_YVES)
    entry = (await card_of(found, "Henry")).kept.entry_id
    await remove(found, entry, "objected", actor=CCAS)
    assert await looking.search(found, "Henry", reason="person", actor=CCAS) == []
    for again in (ASKED_FOR_YVES, replace(ASKED_FOR_YVES, born="")):
        with pytest.raises(NotNow, match="a demandé à ne pas figurer"):
            await filed(found, again)
    assert await filed(found, YVES) == 2  # her own request does
    entry = (await card_of(found, "Henry")).kept.entry_id
    await remove(found, entry, "moved", actor=CCAS)
    assert await filed(found, ASKED_FOR_YVES) == 3  # who only moved away has refused nothing


async def test_who_came_back_by_herself_is_no_more_among_those_who_left(ledger: Ledger) -> None:
    found = await kept(office(ledger))
    await filed(found, YVES)
    await remove(found, (await card_of(found, "Henry")).kept.entry_id, "left", actor=CCAS)
    await filed(found, replace(YVES, address="12 rue de la Sérolle"))  # known by his birth
    await remove(found, (await card_of(found, "Henry")).kept.entry_id, "moved", actor=CCAS)
    assert await filed(found, replace(ASKED_FOR_YVES, born="")) == 3  # known by his first home


async def test_a_request_is_acknowledged_within_eight_days_of_its_coming(ledger: Ledger) -> None:
    desk = office(ledger)
    found = await kept(desk)
    await filed(found, LEA, day=TODAY - timedelta(days=9))
    await filed(found, ASKED_FOR_YVES)
    assert [(one.due, one.days_left) for one in await owed(found)] == [
        (date(2026, 7, 13), -1), (date(2026, 7, 22), 8)
    ]  # fmt: skip
    first = (await owed(found))[0].waiting
    for _ in range(2):
        await acknowledge(found, first.entry_id, "post", actor=CCAS)
    late = register(desk, now=datetime(2026, 7, 22, 21, 59, tzinfo=UTC))  # 23:59 in Paris
    assert [(one.waiting.number, one.days_left) for one in await owed(late)] == [(2, 0)]
    said = [one for one in await lines(ledger) if "accusé" in one]
    assert len(said) == 1


async def test_the_clock_of_a_third_party_s_request_runs_until_the_person_is_told(
    ledger: Ledger,
) -> None:
    found = await kept(office(ledger))
    await filed(found, ASKED_FOR_YVES)
    (one,) = await owed(found)
    with pytest.raises(NotSo, match="comment l'accusé"):
        await acknowledge(found, one.waiting.entry_id, "before", actor=CCAS)
    assert [still.days_left for still in await owed(found)] == [8]


async def test_a_card_is_put_right_by_who_saw_its_last_change(ledger: Ledger) -> None:
    found = await kept(office(ledger))
    await filed(found)
    await filed(found, YVES)
    entry = (await card_of(found, "Maréchal")).kept.entry_id
    moved = replace(LEA, surname="Durand", phones=("06 39 98 01 09",), address="3 quai Bas")
    await correct(found, AsSeen(entry, 1), moved, actor=CCAS)
    with pytest.raises(NotNow, match="vient de changer"):
        await correct(found, AsSeen(entry, 1), LEA, actor=CCAS)
    assert await looking.search(found, "Maréchal", reason="person", actor=CCAS) == []
    card = await card_of(found, "Durand")
    assert (card.told.phones, card.told.lon) == (("+33639980109",), 5.0232)
    with pytest.raises(NotNow, match="demande n° 2"):
        await correct(found, AsSeen(entry, 2), YVES, actor=CCAS)  # it would be another's card


async def test_the_register_is_kept_by_who_is_named_and_nobody_else(ledger: Ledger) -> None:
    desk = office(ledger)
    found = await kept(desk)
    number = await filed(found)
    assert number == 1
    entry = (await card_of(found, "Maréchal")).kept.entry_id
    for actor in (SECRETARY, OBSERVER, OPERATOR):
        assert not await keeps(found, actor)
        for act in (
            enrol(found, YVES, filed=Filed(TODAY), actor=actor),
            correct(found, AsSeen(entry, 1), LEA, actor=actor),
            remove(found, entry, "left", actor=actor),
            acknowledge(found, entry, "post", actor=actor),
            looking.card(found, entry, reason="person", actor=actor),
            looking.numbers(found, entry, reason="person", actor=actor),
            looking.for_letter(found, entry, reason="person", actor=actor),
            looking.search(found, "Maréchal", reason="person", actor=actor),
        ):
            with pytest.raises(NotYou, match="désignés"):
                await act
    assert all([await keeps(found, MAYOR), await keeps(found, DEPUTY), await keeps(found, CCAS)])
    await agents.end(found, CCAS.login, actor=MAYOR)
    assert not await keeps(found, CCAS)
    with pytest.raises(NotYou, match="Le maire désigne"):
        await agents.name(found, CCAS.login, actor=CCAS)
    await add_user(ledger, "vu", "observer", "Ob Server")
    with pytest.raises(NotSo, match="fonction active"):
        await agents.name(found, "vu", actor=MAYOR)


async def test_nothing_of_a_person_stands_in_clear_anywhere(ledger: Ledger) -> None:
    found = await kept(office(ledger))
    await know_doors(ledger, {"7 autre rue": (5.1, 47.7)})  # else her door stands in the addresses
    whole = replace(
        ASKED_FOR_YVES, surname="Zébulonnais", first_names="Hyacinthine", born="1931-03-17",
        address="3 quai Bas, escalier Zinzolin", email="hyacinthine@zz.example",
        service="Aidacoeur", service_phone="01 99 00 77 88",
        to_warn=Whom("Philomène Ravaux", "child", "06 39 98 76 54"),
        requester=Whom("Barnabé Cloquart", "neighbour", "06 39 98 65 43"),
    )  # fmt: skip
    await filed(found, whole)
    card = await card_of(found, "Zebulonnais")
    await correct(found, AsSeen(card.kept.entry_id, 1), whole, actor=CCAS)
    await acknowledge(found, card.kept.entry_id, "hand", actor=CCAS)
    await remove(found, card.kept.entry_id, "left", actor=CCAS)
    await filed(found, replace(whole, asked_by="person"))
    held = (await ledger.read(Held.of)).words
    secrets = (
        "bulonnais", "ulonnais", "yacinthin", "1931-03-17", "Zinzolin", "99007788", "Aidacoeur",
        "Philom", "39987654", "Cloquart", "39986543", "zz.example", "99000102", "5.0232",
    )  # fmt: skip
    assert [one for one in secrets if one.casefold() in held.casefold()] == []
    assert "Chloé Caron" in held  # the agent's name: what is read is the whole ledger


async def test_without_its_key_a_card_says_what_to_do_and_is_not_lost(ledger: Ledger) -> None:
    desk = office(ledger)
    found = await kept(desk)
    await filed(found)
    entry = (await card_of(found, "Maréchal")).kept.entry_id
    other = register(desk, ring=Ring({1: b"w" * 32}))
    for act in (
        looking.card(other, entry, reason="person", actor=CCAS),
        looking.search(other, "Maréchal", reason="person", actor=CCAS),
        filed(other, YVES),
    ):
        with pytest.raises(NotNow, match="remettez le dossier « keys »"):
            await act
    lost = register(desk, ring=Ring({1: found.ring.keys[1], 2: b"2" * 32}))
    await filed(lost, YVES)
    with pytest.raises(NotNow, match="la fiche n° 2 : remettez le dossier « keys »"):
        await card_of(found, "Henry")  # the second key is not in this folder
    assert (await looking.card(found, entry, reason="person", actor=CCAS)).told.name


async def test_who_is_gone_is_not_there(ledger: Ledger) -> None:
    found = await kept(office(ledger))
    await filed(found)
    entry = (await card_of(found, "Maréchal")).kept.entry_id
    await remove(found, entry, "died", actor=CCAS)
    for act in (
        remove(found, entry, "died", actor=CCAS),
        looking.card(found, entry, reason="person", actor=CCAS),
        looking.for_letter(found, entry, reason="person", actor=CCAS),
    ):
        with pytest.raises(NotThere, match="n'est plus"):
            await act


def test_there_is_no_field_for_an_illness() -> None:
    assert set(Declared.__dataclass_fields__) == {
        "surname", "first_names", "born", "quality", "address", "asked_by", "phones", "email",
        "service", "service_phone", "to_warn", "requester", "lon", "lat",
    }  # fmt: skip


async def test_another_commune_sees_nobody(ledger: Ledger) -> None:
    desk: Office = office(ledger)
    found = await kept(desk)
    await filed(found)
    entry = (await card_of(found, "Maréchal")).kept.entry_id
    other = register(office(ledger, "35047"))
    with pytest.raises(NotThere):
        await looking.card(other, entry, reason="person", actor=MAYOR)
    assert await looking.search(other, "Maréchal", reason="person", actor=MAYOR) == []


async def test_who_gets_a_login_next_is_not_named_by_it(ledger: Ledger) -> None:
    desk = office(ledger)
    found = await kept(desk)
    line = desk.line("maire", "access.removed", "Accès retiré")
    await disable_user(ledger, COMMUNE, CCAS.login, line=(line.entry, line.key))
    await add_user(ledger, CCAS.login, CCAS.function, "Une autre")
    assert not await keeps(found, CCAS)
    await agents.name(found, CCAS.login, actor=MAYOR)
    assert await keeps(found, CCAS)


async def test_a_refusal_that_tells_of_somebody_is_in_the_journal(ledger: Ledger) -> None:
    found = await kept(office(ledger))
    await filed(found, YVES)
    with pytest.raises(NotNow):
        await filed(found, ASKED_FOR_YVES)
    (look,) = await journal_of(ledger, COMMUNE)
    assert (look.login, look.what, look.reason) == ("ccas", "search", "enrolment")


async def test_a_correction_does_not_bring_back_who_left(ledger: Ledger) -> None:
    found = await kept(office(ledger))
    await filed(found, YVES)
    await remove(found, (await card_of(found, "Henry")).kept.entry_id, "objected", actor=CCAS)
    await filed(found, replace(ASKED_FOR_YVES, surname="Henri"))
    entry = (await card_of(found, "Henri")).kept.entry_id
    with pytest.raises(NotNow, match="a demandé à ne pas figurer"):
        await correct(found, AsSeen(entry, 1), ASKED_FOR_YVES, actor=CCAS)


async def test_one_click_for_two_people_enrols_both(ledger: Ledger) -> None:
    found = await kept(office(ledger))
    assert await filed(found, LEA, key="un-clic") == 1
    assert await filed(found, YVES, key="un-clic") == 2  # the form was gone back to
