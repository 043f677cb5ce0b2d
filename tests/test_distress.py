"""Calls for help: each request is one, somebody has it, it ends in words, all is in the logbook."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from dispatcher.alerts.refusals import NotNow, NotSo, NotThere, NotYou
from dispatcher.distress import calls
from dispatcher.distress.calls import End
from dispatcher.store import help_calls, logbook
from dispatcher.store.following_tables import help_calls as rows
from dispatcher.store.ledger import Ledger
from tests.answering_town import Town as Answering
from tests.distress_town import OBSERVER, OPERATOR, RAC, town_in_distress
from tests.outgoing import COMMUNE, Plan, crowd, phone


async def kinds(ledger: Ledger) -> list[str]:
    return [
        line.kind
        async for line in logbook.read_all(ledger, COMMUNE)
        if line.kind.startswith("help.")
    ]


async def test_a_request_is_a_call_and_to_have_understood_is_none(ledger: Ledger) -> None:
    town = await town_in_distress(ledger)
    await town.cries(0)
    await town.cries(1, kind="understood")
    call = await town.the_call()
    assert (call.alert_id, call.mode, call.via) == (town.version.alert_id, "real", "keypad")
    assert call.owner is None


async def test_one_telephone_that_answers_for_two_messages_is_one_call(ledger: Ledger) -> None:
    town = Answering(ledger)
    await town.sent(Plan(crowd(1), (("sms",), ("voice",)), two_way=True))
    await town.texts(phone(0), "2")
    (call,) = await help_calls.open_calls(ledger, COMMUNE)
    assert call.via == "sms"
    assert call.again_at is None


async def test_a_stranger_who_texts_for_help_is_a_call_too(ledger: Ledger) -> None:
    town = Answering(ledger)
    version = await town.sent(Plan(crowd(1), two_way=True))
    await town.presses("", "2", version)
    (call,) = await help_calls.open_calls(ledger, COMMUNE)
    assert (call.via, call.delivery_id) == ("ring", None)
    assert call.sid is not None


async def test_who_asks_again_has_the_same_call_while_it_is_open_and_a_new_one_after(
    ledger: Ledger,
) -> None:
    town = await town_in_distress(ledger)
    await town.cries()
    first = await town.the_call()
    await town.age(60)
    await town.cries()
    again = await town.the_call()
    assert again.call_id == first.call_id
    assert again.again_at is not None
    await calls.end(town.office, first.call_id, End("called_back"), actor=RAC)
    assert await town.open() == []
    await town.cries()
    assert (await town.the_call()).call_id != first.call_id


async def test_of_two_operators_who_take_a_call_at_once_one_has_it_and_the_other_is_told_who(
    ledger: Ledger,
) -> None:
    town = await town_in_distress(ledger)
    await town.cries()
    ident = (await town.the_call()).call_id
    taken = await asyncio.gather(
        calls.take(town.office, ident, actor=RAC),
        calls.take(town.office, ident, actor=OPERATOR),
        return_exceptions=True,
    )
    (refused,) = [one for one in taken if isinstance(one, NotNow)]
    owner = (await town.the_call()).owner
    assert owner in {"rac", "operateur"}
    assert {"rac": "Camille Aubry", "operateur": "Noé Petit"}[owner] in str(refused)
    assert await kinds(ledger) == ["help.taken"]


async def test_a_second_click_takes_nothing_and_writes_nothing(ledger: Ledger) -> None:
    town = await town_in_distress(ledger)
    await town.cries()
    ident = (await town.the_call()).call_id
    for _ in range(2):
        await calls.take(town.office, ident, actor=RAC)
    assert await kinds(ledger) == ["help.taken"]


async def test_only_its_owner_ends_a_call_and_another_may_take_it_over(ledger: Ledger) -> None:
    town = await town_in_distress(ledger)
    await town.cries()
    ident = (await town.the_call()).call_id
    await calls.take(town.office, ident, actor=RAC)
    with pytest.raises(NotNow, match="Camille Aubry"):
        await calls.end(town.office, ident, End("called_back"), actor=OPERATOR)
    await calls.hand_over(town.office, ident, "operateur", actor=OPERATOR)
    ended = await calls.end(town.office, ident, End("team_sent"), actor=OPERATOR)
    assert (ended.outcome, ended.closed_by, ended.owner) == ("team_sent", "operateur", "operateur")
    assert await kinds(ledger) == ["help.taken", "help.handed_over", "help.ended"]


async def test_a_call_goes_to_nobody_who_may_not_read_who_called(ledger: Ledger) -> None:
    town = await town_in_distress(ledger)
    await town.cries()
    ident = (await town.the_call()).call_id
    for stranger in ("voit", "personne"):
        with pytest.raises(NotSo):
            await calls.hand_over(town.office, ident, stranger, actor=RAC)
    for act in (
        calls.take(town.office, ident, actor=OBSERVER),
        calls.look(town.office, ident, actor=OBSERVER),
        calls.end(town.office, ident, End("called_back"), actor=OBSERVER),
        calls.reopen(town.office, ident, actor=OBSERVER, reason="x"),
    ):
        with pytest.raises(NotYou):
            await act
    assert (await town.the_call()).owner is None


LONG_AGO, FAR_OFF = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("how", "lacks"),
    [
        (End("no_action"), "pourquoi"),
        (End("passed_on"), "CODIS"),
        (End("passed_on", passed_at=LONG_AGO), "CODIS"),
        (End("passed_on", passed_at=FAR_OFF, reference="x"), "avenir"),
        (End("passed_on", passed_at=LONG_AGO, reference="x"), "avant"),
        (End("vanished"), "issue"),
        (End("team_sent", note="x" * 2001), "trop long"),
    ],
)
async def test_an_end_that_lacks_its_words_is_refused(
    ledger: Ledger, how: End, lacks: str
) -> None:  # fmt: skip
    town = await town_in_distress(ledger)
    await town.cries()
    with pytest.raises(NotSo, match=lacks):
        await calls.end(town.office, (await town.the_call()).call_id, how, actor=RAC)
    assert (await town.the_call()).is_open


async def test_passed_on_to_the_control_room_is_kept_with_its_hour_and_reference(
    ledger: Ledger,
) -> None:
    town = await town_in_distress(ledger)
    await town.cries()
    at = datetime.now(UTC)
    how = End("passed_on", passed_at=at, reference="intervention 4412")
    ended = await calls.end(town.office, (await town.the_call()).call_id, how, actor=RAC)
    assert ended.passed_at == pytest.approx(at.timestamp())
    assert ended.passed_ref == "intervention 4412"
    (line,) = [one async for one in logbook.read_all(ledger, COMMUNE) if one.kind == "help.ended"]
    assert line.text == "Demande d'aide : transmis au CODIS"
    assert line.data["reference"] == "intervention 4412"


async def test_what_was_ended_too_soon_is_opened_again_with_a_reason(ledger: Ledger) -> None:
    town = await town_in_distress(ledger)
    await town.cries()
    ident = (await town.the_call()).call_id
    await calls.end(town.office, ident, End("called_back"), actor=RAC)
    with pytest.raises(NotSo):
        await calls.reopen(town.office, ident, actor=OPERATOR, reason=" ")
    with pytest.raises(NotNow, match="rappelé"):
        await calls.take(town.office, ident, actor=OPERATOR)
    opened = await calls.reopen(town.office, ident, actor=OPERATOR, reason="rappelle")
    assert (opened.owner, opened.is_open, opened.outcome) == ("operateur", True, None)


async def test_an_older_call_is_not_opened_beside_a_newer_one_of_the_same_telephone(
    ledger: Ledger,
) -> None:
    town = await town_in_distress(ledger)
    await town.cries()
    first = (await town.the_call()).call_id
    await calls.end(town.office, first, End("called_back"), actor=RAC)
    await town.cries()
    with pytest.raises(NotNow):
        await calls.reopen(town.office, first, actor=RAC, reason="erreur")
    assert len(await town.open()) == 1


async def test_who_called_is_told_to_who_looks_and_each_look_is_in_the_logbook_without_a_name(
    ledger: Ledger,
) -> None:
    town = await town_in_distress(ledger)
    await town.cries(1)
    call, found = await calls.look(town.office, (await town.the_call()).call_id, actor=OPERATOR)
    assert found.contact == phone(1)
    assert [one.person_id for one in found.people] == ["p00001"]
    lines = [one async for one in logbook.read_all(ledger, COMMUNE) if one.kind == "help.looked"]
    assert [(one.author, one.data["call"]) for one in lines] == [("operateur", call.call_id)]
    assert phone(1) not in str(lines)


async def test_the_words_of_an_sms_that_nobody_could_count_are_shown_with_its_number(
    ledger: Ledger,
) -> None:
    town = Answering(ledger)
    version = await town.sent(Plan(crowd(1), two_way=True))
    await town.presses("+33639987777", "2", version)
    (call,) = await help_calls.open_calls(ledger, COMMUNE)
    _, found = await calls.look(town.counter.office, call.call_id, actor=RAC)
    assert found.contact == "+33639987777"
    assert found.people == ()


async def test_the_ledger_keeps_no_number_with_a_call(ledger: Ledger) -> None:
    town = await town_in_distress(ledger)
    await town.cries()
    kept = await ledger.read(lambda one: [tuple(row) for row in one.execute(select(rows))])
    assert phone(0) not in str(kept)


async def test_of_a_call_that_is_not_there_it_is_said(ledger: Ledger) -> None:
    town = await town_in_distress(ledger)
    with pytest.raises(NotThere):
        await calls.take(town.office, "jamais", actor=RAC)


async def test_ten_operators_at_one_call_leave_one_owner_and_one_line_each_act(
    ledger: Ledger,
) -> None:
    town = await town_in_distress(ledger)
    await town.cries()
    ident = (await town.the_call()).call_id
    await asyncio.gather(
        *(
            calls.end(town.office, ident, End("called_back"), actor=actor)
            for actor in (RAC, OPERATOR) * 5
        ),
        return_exceptions=True,
    )
    assert await town.open() == []
    assert await kinds(ledger) == ["help.ended"]
