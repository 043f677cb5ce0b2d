"""The register opened in a crisis: on which ground, by whom, every look in the journal."""

import asyncio
import io
import re
from dataclasses import replace

import pytest
from pypdf import PdfReader
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from dispatcher.alerts.office import Actor
from dispatcher.alerts.plan_in_force import in_force
from dispatcher.alerts.refusals import NotNow, NotSo, NotThere, NotYou
from dispatcher.distress import calls
from dispatcher.distress.calls import End
from dispatcher.logbook.typesetting import typeset
from dispatcher.store import help_calls, vulnerable_looks
from dispatcher.store.help_due import due_calls
from dispatcher.store.help_whose import Whose
from dispatcher.store.ledger import Ledger
from dispatcher.store.vulnerable_looks import Look, RegisterShut
from dispatcher.store.vulnerable_rules import Opening
from dispatcher.vulnerable import letters, looking, opening
from dispatcher.vulnerable.keeping import acknowledge
from dispatcher.vulnerable.letters import Town
from dispatcher.vulnerable.opening import ACTIVATION, PREFECT, Ground
from dispatcher.vulnerable.register import Register
from tests.crises import DEPUTY, MAYOR, OPERATOR, RAC, activated, by, town_hall
from tests.registers import ASKED_FOR_YVES, CCAS, DPO, HEAT, LEA, TODAY, YVES, filed, kept, lines
from tests.sheltered_town import stood_down
from tests.situations import COMMUNE


async def journal(found: Register) -> list[tuple[str, str, str, int]]:
    looks = await vulnerable_looks.journal_of(found.office.ledger, COMMUNE)
    return [(one.login, one.what, one.reason, one.people) for one in reversed(looks)]


async def opened(found: Register, ground: Ground = HEAT) -> Opening:
    return await opening.open_register(found, ground, asked=by(MAYOR))


async def test_the_prefect_s_plan_opens_it_and_its_closing_says_what_was_seen(
    ledger: Ledger,
) -> None:
    found = await kept(await town_hall(ledger))
    await filed(found)
    await filed(found, YVES)
    with pytest.raises(NotSo, match="quel message du préfet"):
        await opened(found, Ground(PREFECT))
    now = await opened(found)
    listed = await looking.listing(found, None, actor=CCAS)
    entry = listed[0].kept.entry_id
    await looking.numbers(found, entry, reason="", actor=CCAS)
    await looking.card(found, entry, reason="person", actor=CCAS)  # the ground goes before
    assert await journal(found) == [
        ("ccas", "list", PREFECT, 2), ("ccas", "numbers", PREFECT, 1), ("ccas", "card", PREFECT, 1)
    ]  # fmt: skip
    for _ in range(2):
        await opening.close_register(found, now.opening_id, actor=DEPUTY)
    told = await lines(ledger)
    assert told[-2:] == [
        "Registre des personnes vulnérables ouvert : le préfet déclenche le plan d'alerte et"
        " d'urgence (14 h 10, message n° 3 du SIDPC)",
        "Registre des personnes vulnérables fermé (consultations : 3, fiches ouvertes une à une :"
        " 1)",
    ]
    with pytest.raises(NotNow, match="fermé"):
        await looking.listing(found, None, actor=CCAS)
    with pytest.raises(NotSo, match="pour quoi"):
        await looking.card(found, entry, reason="", actor=CCAS)


async def test_the_pcs_opens_it_only_where_the_dpo_wrote_so_and_it_is_active(
    ledger: Ledger,
) -> None:
    desk = await town_hall(ledger)
    found = await kept(desk)
    by_pcs = Ground(ACTIVATION)
    event = await activated(desk)
    with pytest.raises(NotNow, match="n'a pas permis"):
        await opened(found, by_pcs)
    with pytest.raises(NotYou, match="délégué"):
        await opening.rule(found, on_activation=True, reference="avis", actor=MAYOR)
    with pytest.raises(NotSo, match="référence"):
        await opening.rule(found, on_activation=True, reference=" ", actor=DPO)
    await opening.rule(found, on_activation=True, reference="avis du 2 mars", actor=DPO)
    now = await opened(found, by_pcs)
    assert (now.ground, now.event_id, now.reference) == (ACTIVATION, event.event_id, event.title)
    with pytest.raises(NotNow, match="autre fondement"):
        await opened(found)  # the prefect's: its reference would be lost
    await opening.rule(found, on_activation=False, reference="avis du 3 mars", actor=DPO)
    assert await opening.now_open(found) is None  # the officer has withdrawn
    with pytest.raises(NotNow, match="n'a pas permis"):
        await opened(found, by_pcs)
    await opening.rule(found, on_activation=True, reference="avis du 4 mars", actor=DPO)
    await opened(found, by_pcs)
    await stood_down(desk, event)
    with pytest.raises(NotNow, match="sa liste ne se consulte"):
        await looking.listing(found, None, actor=CCAS)  # its ground has ended
    assert "son fondement a pris fin" in (await lines(ledger))[-1]
    with pytest.raises(NotNow, match="n'est pas activé"):
        await opened(found, by_pcs)


async def test_who_needs_help_in_the_opened_register_is_one_call_that_holds_her_card_s_id_alone(
    ledger: Ledger,
) -> None:
    desk = await town_hall(ledger)
    found = await kept(desk)
    await filed(found)
    await opened(found)
    entry = (await looking.listing(found, None, actor=CCAS))[0].kept.entry_id
    for outcome in ("absent", "help", "help"):
        await opening.note_outcome(found, entry, outcome, actor=CCAS)
    (call,) = await help_calls.open_calls(ledger, COMMUNE)
    assert (call.via, call.mode, call.sid, call.owned) == ("register", "real", entry, False)
    assert await calls.look(desk, call.call_id, actor=RAC) == (call, Whose())
    (due,) = await due_calls(ledger, after_s=0, spared_s=60)
    assert due.calls == (call.call_id,)  # the RAC is rung for it
    await calls.end(desk, call.call_id, End("called_back"), actor=RAC)
    await opening.note_outcome(found, entry, "well", actor=CCAS)
    assert await help_calls.open_calls(ledger, COMMUNE) == []
    await opening.note_outcome(found, entry, "help", actor=CCAS)
    assert len(await help_calls.open_calls(ledger, COMMUNE)) == 1


async def test_an_exercise_does_not_open_it(ledger: Ledger) -> None:
    desk = await town_hall(ledger)
    found = await kept(desk)
    await opening.rule(found, on_activation=True, reference="avis", actor=DPO)
    await activated(desk, mode="exercise")
    for ground in (Ground(ACTIVATION), HEAT):
        with pytest.raises(NotNow, match="Un exercice est en cours"):
            await opened(found, ground)


async def test_a_look_on_a_ground_that_has_just_ended_gives_nothing(ledger: Ledger) -> None:
    found = await kept(await town_hall(ledger))
    await filed(found)
    now = await opened(found)
    await opening.close_register(found, now.opening_id, actor=MAYOR)
    stale = Look(CCAS.login, "list", PREFECT, now.opening_id)
    with pytest.raises(RegisterShut):
        await vulnerable_looks.look_over(ledger, COMMUNE, look=stale)
    assert await journal(found) == []
    clicked = by(MAYOR, key="un-clic")
    current = await opening.open_register(found, HEAT, asked=clicked)
    await opening.close_register(found, current.opening_id, actor=MAYOR)
    with pytest.raises(NotNow, match="déjà finie"):  # an old form, sent again
        await opening.open_register(found, HEAT, asked=clicked)


@pytest.mark.parametrize("actor", [RAC, OPERATOR, CCAS, DPO], ids=lambda one: str(one.login))
async def test_the_mayor_or_a_deputy_opens_it(ledger: Ledger, actor: Actor) -> None:
    found = await kept(await town_hall(ledger))
    with pytest.raises(NotYou):
        await opening.open_register(found, HEAT, asked=by(actor))
    now = await opened(found)
    with pytest.raises(NotYou):
        await opening.close_register(found, now.opening_id, actor=actor)
    with pytest.raises(NotSo, match="fondement"):
        await opened(found, Ground("curiosity", "x"))


async def test_two_who_open_at_once_open_it_once(ledger: Ledger) -> None:
    found = await kept(await town_hall(ledger))
    both = await asyncio.gather(
        *(opening.open_register(found, HEAT, asked=by(one)) for one in (MAYOR, DEPUTY))
    )
    assert both[0].opening_id == both[1].opening_id
    assert sum("ouvert" in one for one in await lines(ledger)) == 1


async def test_the_list_goes_by_sector_and_whoever_is_to_be_reached_comes_first(
    ledger: Ledger,
) -> None:
    desk = await town_hall(ledger)
    found = await kept(desk)
    for one in (LEA, YVES, replace(LEA, first_names="Ida", born="1930-01-01", address="ailleurs")):
        await filed(found, one)
    plan = (await in_force(desk)).plan
    await opened(found)
    listed = await looking.listing(found, plan, actor=CCAS)
    assert [one.sector for one in listed][-1] == ""  # nobody without a place is left out
    assert all(one.sector for one in listed[:-1])
    assert looking.left_of(listed) == 3
    first = listed[0].kept.entry_id
    for outcome in ("absent", "well"):
        await opening.note_outcome(found, first, outcome, actor=CCAS)
    await opening.note_outcome(found, listed[1].kept.entry_id, "help", actor=CCAS)
    again = await looking.listing(found, plan, actor=CCAS)
    became = {one.kept.entry_id: one.outcome for one in again}
    assert (became[first], looking.left_of(again)) == ("well", 1)
    with pytest.raises(NotSo, match="dans la liste"):
        await opening.note_outcome(found, first, "ill", actor=CCAS)
    now = await opening.now_open(found)
    assert now is not None
    await opening.close_register(found, now.opening_id, actor=MAYOR)
    with pytest.raises(NotNow, match="plus rien ne s'y note"):
        await opening.note_outcome(found, first, "well", actor=CCAS)
    await opened(found)  # the same night: what was noted still counts
    assert looking.left_of(await looking.listing(found, plan, actor=CCAS)) == 1
    with pytest.raises(NotThere):
        await opening.note_outcome(found, "nobody", "well", actor=CCAS)


async def test_a_look_that_found_nobody_is_in_the_journal_too(ledger: Ledger) -> None:
    found = await kept(await town_hall(ledger))
    await looking.search(found, "Personne", reason="relative", actor=CCAS)
    assert await journal(found) == [("ccas", "search", "relative", 0)]
    with pytest.raises(NotSo, match="pour quoi"):
        await looking.search(found, "Personne", reason="curiosity", actor=CCAS)


@pytest.mark.parametrize(
    "change", ["DELETE FROM vulnerable_looks", "UPDATE vulnerable_looks SET login = 'autre'"]
)
async def test_the_journal_only_grows(ledger: Ledger, change: str) -> None:
    found = await kept(await town_hall(ledger))
    await looking.search(found, "Personne", reason="person", actor=CCAS)
    with pytest.raises(DBAPIError, match="only grows"):
        async with ledger.writing() as connection:
            await connection.execute(text(change))
    assert len(await journal(found)) == 1


async def test_looks_at_once_are_all_in_the_journal(ledger: Ledger) -> None:
    found = await kept(await town_hall(ledger))
    await filed(found)
    sought = [looking.search(found, "Maréchal", reason="person", actor=CCAS) for _ in range(8)]
    await asyncio.gather(*sought)
    assert len(await journal(found)) == 8


async def test_the_receipt_tells_her_who_asked_and_that_she_may_object(ledger: Ledger) -> None:
    found = await kept(await town_hall(ledger))
    await filed(found, ASKED_FOR_YVES)
    await filed(found)
    told = []
    for name in ("Henry", "Maréchal"):
        (one,) = await looking.search(found, name, reason="acknowledge", actor=CCAS)
        card = await looking.for_letter(found, one.kept.entry_id, reason="", actor=CCAS)
        await acknowledge(found, one.kept.entry_id, "post", actor=CCAS)
        with pytest.raises(NotSo, match="déjà remis"):
            await looking.for_letter(found, one.kept.entry_id, reason="", actor=CCAS)
        data = letters.receipt(found, card, town=Town("Vaubrenne", "03 99 00 00 00"), issued=TODAY)
        pdf = PdfReader(io.BytesIO(await typeset(letters.FORM, data)))
        assert len(pdf.pages) == 1
        told.append(" ".join(" ".join(one.extract_text() for one in pdf.pages).split()))
    by_neighbour, by_her = told
    assert "Zoé Martin (voisinage) a demandé pour vous" in by_neighbour
    assert "vous y opposer" in by_neighbour
    assert "vous avez demandé à figurer" in by_her
    assert "vous y opposer" not in by_her
    assert "03 99 00 00 00" in by_neighbour
    assert "+33 1 99 00 01 02" in by_neighbour
    assert "65 ans et plus" in by_neighbour
    for paper in told:
        assert re.search(r"demande n° \d", paper)
        assert "effacer" in paper
    letter = ("ccas", "letter", "acknowledge", 1)
    assert (await journal(found)).count(letter) == 2
