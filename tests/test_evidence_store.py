"""The sealed evidence: opened by two for a reason, outliving the register, gone by a visa alone."""

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from dispatcher.alerts.refusals import NotNow, NotSo, NotThere, NotYou
from dispatcher.privacy import eliminating
from dispatcher.privacy.eliminating import Visa, eliminate, give_up, make_slip, record_visa
from dispatcher.privacy.holding import hold
from dispatcher.privacy.opening import agree, ask, close, sent_for, sent_to
from dispatcher.store import eliminations, logbook
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook_tables import evidence
from dispatcher.store.outgoing import answers, blocks, deliveries
from dispatcher.store.privacy_tables import evidence_openings
from dispatcher.store.rights import erase_person
from tests.law import (
    DAY_S,
    DEPUTY,
    DPO,
    MAYOR,
    OPERATOR,
    asked,
    behind,
    later,
    proofs,
    said_to,
    sealed_alert,
)
from tests.outgoing import COMMUNE, LOGBOOK_KEY, Plan, crowd, phone, planned
from tests.sealed import PEOPLE, over, seal, settle, verified
from tests.situations import answer, office

WHY = {"reason": "la famille dit n'avoir rien reçu", "reference": "réquisition du 3 mars"}
ERASED = ("residents.erased", "Effacé")


async def erased(ledger: Ledger, person: str) -> None:
    line = office(ledger).line("dos", *ERASED)
    assert await erase_person(ledger, person, commune=COMMUNE, entry=line.entry, key=LOGBOOK_KEY)


async def opened(ledger: Ledger) -> str:
    here = office(ledger)
    ident = await ask(here, **WHY, asked=asked(DPO, "once"))
    await agree(here, ident, actor=MAYOR)
    return ident


async def answered(ledger: Ledger) -> list[tuple[str, str]]:
    """Return what was answered, and to which message that is still there."""
    same = answers.c.delivery_id == deliveries.c.delivery_id
    wanted = select(answers.c.kind, deliveries.c.delivery_id).join(deliveries, same)
    async with ledger.reading() as connection:
        return [(one[0], one[1]) for one in await connection.execute(wanted)]


async def test_who_was_erased_is_proved_still_and_her_number_is_nowhere(ledger: Ledger) -> None:
    version = await sealed_alert(ledger)
    await erased(ledger, "p00003")
    assert await said_to(ledger) == PEOPLE - 1
    ident = await opened(ledger)
    (found,) = await sent_to(office(ledger), ident, phone(3), actor=DPO)
    assert (found.alert_id, found.medium, found.state) == (version.alert_id, "sms", "delivered")
    assert found.settled_ms
    assert await sent_to(office(ledger), ident, "+33639989999", actor=DPO) == []


async def test_who_is_erased_before_the_minute_of_the_seal_is_proved_too(ledger: Ledger) -> None:
    version = await planned(ledger, Plan(crowd(PEOPLE)))
    await settle(ledger, list(range(PEOPLE)))
    await erased(ledger, "p00003")
    await over(ledger, version)
    await seal(ledger)
    assert await said_to(ledger) == PEOPLE - 1
    assert len(await sent_to(office(ledger), await opened(ledger), phone(3), actor=DPO)) == 1


async def test_a_hold_keeps_the_number_of_who_is_erased(ledger: Ledger) -> None:
    version = await sealed_alert(ledger)
    why = {"reason": "plainte", "reference": "TJ"}
    await hold(office(ledger), version.alert_id, **why, asked=asked(MAYOR))
    await erased(ledger, "p00003")
    assert await said_to(ledger) == PEOPLE


async def test_nobody_opens_the_evidence_alone_or_without_a_reason(ledger: Ledger) -> None:
    await sealed_alert(ledger)
    here = office(ledger)
    with pytest.raises(NotYou):
        await ask(here, **WHY, asked=asked(OPERATOR))
    for lacks in ("reason", "reference"):
        with pytest.raises(NotSo):
            await ask(here, **{**WHY, lacks: " "}, asked=asked(DPO))
    ident = await ask(here, **WHY, asked=asked(DPO, "once"))
    assert await ask(here, **WHY, asked=asked(DPO, "once")) == ident
    with pytest.raises(NotNow, match="n'est pas ouverte"):
        await sent_to(here, ident, phone(3), actor=DPO)
    with pytest.raises(NotYou, match="une autre personne"):
        await agree(here, ident, actor=DPO)
    with pytest.raises(NotYou):
        await agree(here, ident, actor=OPERATOR)
    await agree(here, ident, actor=MAYOR)
    with pytest.raises(NotNow):
        await agree(here, ident, actor=DEPUTY)
    assert len(await sent_to(here, ident, phone(3), actor=MAYOR)) == 1
    assert await sent_to(here, ident, "+32 470 12 34 56", actor=MAYOR) == []
    with pytest.raises(NotThere):
        await agree(here, "nothing", actor=MAYOR)


async def test_an_opening_ends_after_a_day_or_when_it_is_closed(ledger: Ledger) -> None:
    version = await sealed_alert(ledger)
    ident = await opened(ledger)
    assert len(await sent_for(office(ledger), ident, version.alert_id, actor=DPO)) == PEOPLE
    agreed = evidence_openings.c.agreed_at
    async with ledger.writing() as connection:
        await connection.execute(update(evidence_openings).values(agreed_at=agreed - DAY_S))
    with pytest.raises(NotNow):
        await sent_to(office(ledger), ident, phone(3), actor=DPO)
    async with ledger.writing() as connection:
        await connection.execute(update(evidence_openings).values(agreed_at=agreed + DAY_S))
    await close(office(ledger), ident, actor=MAYOR)
    with pytest.raises(NotNow):
        await sent_to(office(ledger), ident, phone(3), actor=DPO)


async def test_each_look_is_told_and_names_no_number(ledger: Ledger) -> None:
    await sealed_alert(ledger)
    ident = await opened(ledger)
    await sent_to(office(ledger), ident, phone(3), actor=DPO)
    told = [one for one in await logbook.read(ledger, COMMUNE) if one.kind.startswith("evidence.")]
    kinds = [(one.kind.partition(".")[2], one.author) for one in told]
    assert kinds == [("asked", "dpd"), ("opened", "maire"), ("looked_up", "dpd")]
    assert phone(3) not in str(told)


async def test_old_evidence_goes_by_a_slip_a_visa_and_a_second_person(ledger: Ledger) -> None:
    await sealed_alert(ledger)
    with pytest.raises(NotNow, match="reste 1825 jours"):
        await make_slip(later(ledger, 1800), actor=DPO)
    here = later(ledger, 1830)
    slip = await make_slip(here, actor=DPO)
    assert (slip.state, slip.seals, slip.counts["messages"]) == ("made", [1], PEOPLE)
    assert (await make_slip(here, actor=MAYOR)).number == slip.number
    with pytest.raises(NotNow, match="visa"):
        await eliminate(here, slip.number, actor=MAYOR)
    signed = Visa("La directrice", "2031-12", f"{here.clock():%Y-%m-%d}")
    for wrong in ("", "2019-01-01", "2999-01-01"):
        with pytest.raises(NotSo):
            await record_visa(here, slip.number, Visa("X", "Y", wrong), actor=DPO)
    await record_visa(here, slip.number, signed, actor=DPO)
    with pytest.raises(NotYou, match="une autre personne"):
        await eliminate(here, slip.number, actor=DPO)
    assert await proofs(ledger) == PEOPLE
    done = await eliminate(here, slip.number, actor=MAYOR)
    assert (done.state, await proofs(ledger), await behind(ledger)) == ("done", 0, 0)
    found = await verified(ledger)
    assert (found.valid, found.proof.eliminated) == (True, 1)
    async with ledger.reading() as connection:
        kept = (await connection.execute(select(blocks.c.people))).scalars().all()
        states = (await connection.execute(select(deliveries.c.state))).scalars().all()
    assert kept == [[]]
    assert states == ["delivered"] * PEOPLE  # counts stay: they name nobody


async def test_what_is_left_of_a_message_counts_it_and_leads_to_no_contact(
    ledger: Ledger,
) -> None:
    await sealed_alert(ledger)
    async with ledger.reading() as connection:
        ident = (await connection.execute(select(deliveries.c.delivery_id).limit(1))).scalar_one()
    await answer(ledger, ident, "understood")
    here = later(ledger, 1830)
    slip = await make_slip(here, actor=DPO)
    signed = Visa("La directrice", "2031-12", f"{here.clock():%Y-%m-%d}")
    await record_visa(here, slip.number, signed, actor=DPO)
    assert await answered(ledger) == [("understood", ident)]
    await eliminate(here, slip.number, actor=MAYOR)
    ((kind, drawn),) = await answered(ledger)
    assert (kind, drawn != ident) == ("understood", True)


async def test_an_elimination_that_died_is_gone_on_with_and_the_proof_is_whole_meanwhile(
    ledger: Ledger,
) -> None:
    await sealed_alert(ledger)
    here = later(ledger, 1830)
    slip = await make_slip(here, actor=DPO)
    signed = Visa("La directrice", "2031-12", f"{here.clock():%Y-%m-%d}")
    await record_visa(here, slip.number, signed, actor=DPO)
    line = here.line(
        "maire", eliminations.BEGUN, "Commencée", slip=slip.number, seals=list(slip.seals)
    )
    assert await eliminations.begin(ledger, COMMUNE, slip.number, by="maire", line=line)
    async with ledger.writing() as connection:  # half of it
        await connection.execute(delete(evidence).where(evidence.c.place <= PEOPLE // 2))
    assert await proofs(ledger) == PEOPLE // 2
    assert (await verified(ledger)).valid
    await eliminating.go_on(here)
    assert await proofs(ledger) == 0
    assert (await verified(ledger)).valid


async def test_the_database_lets_no_evidence_go_that_no_visa_names(ledger: Ledger) -> None:
    await sealed_alert(ledger)
    await make_slip(later(ledger, 1830), actor=DPO)
    with pytest.raises(DBAPIError, match="only grows"):
        async with ledger.writing() as connection:
            await connection.execute(delete(evidence))


async def test_a_row_put_back_under_an_eliminated_seal_is_found_out(ledger: Ledger) -> None:
    await sealed_alert(ledger)
    async with ledger.reading() as connection:
        row = dict((await connection.execute(select(evidence).limit(1))).mappings().one())
    here = later(ledger, 1830)
    slip = await make_slip(here, actor=DPO)
    signed = Visa("La directrice", "2031-12", f"{here.clock():%Y-%m-%d}")
    await record_visa(here, slip.number, signed, actor=DPO)
    await eliminate(here, slip.number, actor=MAYOR)
    async with ledger.writing() as connection:
        await connection.execute(evidence.insert().values(row))
    assert "est éliminé" in (await verified(ledger)).proof.problem


async def test_what_is_held_after_the_slip_stays_and_what_is_held_before_is_on_none(
    ledger: Ledger,
) -> None:
    version = await sealed_alert(ledger)
    here = later(ledger, 1830)
    slip = await make_slip(here, actor=DPO)
    signed = Visa("La directrice", "2031-12", f"{here.clock():%Y-%m-%d}")
    await record_visa(here, slip.number, signed, actor=DPO)
    why = {"reason": "plainte", "reference": "TJ"}
    await hold(here, version.alert_id, **why, asked=asked(MAYOR))
    with pytest.raises(NotNow, match="conservation"):
        await eliminate(here, slip.number, actor=MAYOR)
    assert await proofs(ledger) == PEOPLE
    await give_up(here, slip.number, actor=MAYOR)
    with pytest.raises(NotNow, match="Rien n'est arrivé"):
        await make_slip(here, actor=DPO)


async def test_a_seal_with_something_younger_in_it_stays_whole(ledger: Ledger) -> None:
    assert eliminations.wholly_among(
        {1: ["a"], 2: ["a", "b"], 3: ["b"], 4: ["c"]}, {"a", "c"}, gone=set()
    ) == ([1, 4], ["c"])
    assert eliminations.wholly_among({1: ["a"], 2: ["a"]}, {"a"}, gone={1}) == ([2], ["a"])
