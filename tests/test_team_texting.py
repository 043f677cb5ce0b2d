"""Teams text and ring our number: each word a report, an answer or the desk's."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from channels.twilio_inbound import Rung
from dispatcher.sandbox.twiml import read_twiml, spoken_words
from dispatcher.store import desk_items, team_tables
from dispatcher.store.ledger import Ledger
from dispatcher.store.mission_rows import mission_of
from dispatcher.store.outgoing import versions
from dispatcher.store.people import Contact
from dispatcher.store.reply_tables import replies
from dispatcher.store.team_alarms import alarms_of
from dispatcher.store.team_rows import team_rows, timeline
from dispatcher.teams.keypad import Pressed, answer_call, answer_press
from tests.answering_town import HOOKS, NUMBER, new_sid
from tests.inbound_requests import REPLY, SMS, post, twilio_at
from tests.keyring import opened
from tests.outgoing import COMMUNE, Inhabitant, Plan
from tests.texting_town import Field, field_town

_SAYINGS = (
    "FIN",
    "ok",
    "1",
    "7 x",
    "EQUIPE 1",
    "ROUTE",
    "retour",
    "STOP ça monte",
    "IMPOSSIBLE",
    "aide",
)

# What is said does not depend on the database; what is kept is asked of both.
ONE = pytest.mark.parametrize("ledger_url", ["sqlite"], indirect=True)


@pytest.fixture
async def here(ledger: Ledger) -> Field:
    return await field_town(ledger)


async def test_a_mission_is_done_by_words_alone(here: Field) -> None:
    mission = await here.mission()
    said = [await here.texts(word) for word in ("RECU", "parti", "Sur place, 2 familles", "FIN")]
    assert [one.partition(", noté")[0] for one in said] == [
        "TERRAIN 1: mission acceptée",
        "TERRAIN 1: parti",
        "TERRAIN 1: sur les lieux",
        "TERRAIN 1: mission terminée, disponible sur les lieux",
    ]
    assert await here.state() == "available_on_scene"
    found = await mission_of(here.ledger, COMMUNE, mission)
    assert found is not None
    assert (found.state, list(found.missing)) == ("done", [])
    rows = await timeline(here.ledger, COMMUNE, team="TERRAIN1")
    assert [row.note for row in rows if row.said == "on_scene"] == ["2 familles"]


@ONE
async def test_a_senseless_word_is_asked_again_once_and_what_it_adds_is_kept(here: Field) -> None:
    await here.texts("ROUTE")
    answer = await here.texts("FIN, 3 familles parties")
    assert answer.startswith(
        "TERRAIN 1: pas noté sur les lieux. Répondez SURPLACE d'abord, ou FIN!"
    )
    assert await here.state() == "en_route"
    rows = await timeline(here.ledger, COMMUNE, team="TERRAIN1")
    assert [row.note for row in rows if row.said == "message"] == ["FIN, 3 familles parties"]
    await here.texts("FIN!")
    assert await here.state() == "available_on_scene"


@ONE
async def test_who_leaves_with_too_few_is_asked_first(here: Field) -> None:
    await here.texts("EQUIPE 1")
    assert "au moins 2" in await here.texts("PARTI")
    assert await here.state() is None
    await here.texts("PARTI!")
    assert await here.state() == "en_route"
    assert ("low_strength", "critical") not in await here.alarms()  # she said 1 before, not now


@ONE
async def test_a_letter_wrong_is_read_and_told_back(here: Field) -> None:
    assert (await here.texts("SURPLCE")).endswith("(lu SURPLACE)")
    assert await here.state() == "on_scene"


async def test_distress_is_taken_whatever_else_is_said(here: Field) -> None:
    assert "DETRESSE" in await here.texts("FIN de mission sos on est bloqués")
    assert await here.alarms() == [("distress", "critical")]


@ONE
async def test_a_mission_refused_tells_why_and_calls_the_cell(here: Field) -> None:
    mission = await here.mission()
    assert "Dites pourquoi" not in await here.texts("IMPOSSIBLE pneu crevé")
    found = await mission_of(here.ledger, COMMUNE, mission)
    assert found is not None
    assert found.state == "failed"
    assert await here.alarms() == [("not_acknowledged", "critical")]
    assert "aucune mission" in await here.texts("OK")


async def test_what_nobody_understands_is_the_desks_once(here: Field) -> None:
    sid = new_sid("SM")
    answers = {await here.texts("on a trouvé un chat", sid=sid) for _ in range(3)}
    assert len(answers) == 1
    (item,) = await desk_items.waiting(here.ledger, COMMUNE)
    assert (item.why, item.source) == ("unknown_word", "sms")
    assert item.body["note"] == "on a trouvé un chat"


async def test_one_sms_is_one_report_however_often_it_is_handed_in(here: Field) -> None:
    await here.mission()
    sid = new_sid("SM")
    await here.texts("ROUTE")
    await here.texts("SURPLACE")
    answers = [await here.texts("FIN", sid=sid)]
    await here.texts("RETOUR")
    answers += [await here.texts("FIN", sid=sid) for _ in range(2)]
    assert all("noté à" in one for one in answers)
    rows = await timeline(here.ledger, COMMUNE, team="TERRAIN1")
    assert [row.said for row in rows].count("available_on_scene") == 1
    assert await here.state() == "returning"


@ONE
async def test_stop_keeps_its_meaning(here: Field) -> None:
    assert "vous confie une fonction" in await here.texts("STOP")
    assert await here.state() is None


async def test_one_and_two_answer_an_alert_until_a_mission_is_given(here: Field) -> None:
    town = here.town
    await town.sent(Plan([Inhabitant("p1", (Contact("mobile", here.phone, 0),))], two_way=True))
    await here.texts("3")
    assert await here.state() == "en_route"  # no resident's word
    mission = await here.mission()
    await here.texts("OK")  # given since the alert left
    assert await town.answered() == set()
    found = await mission_of(here.ledger, COMMUNE, mission)
    assert found is not None
    assert found.state == "accepted"
    assert "compris" in await here.texts("1")  # nothing else awaits it
    assert {one[1] for one in await town.answered()} == {"understood"}


@ONE
async def test_who_is_in_several_teams_is_asked_for_which(here: Field) -> None:
    member = await here.members.behind(here.office, here.phone, to=NUMBER)
    assert member is not None
    number, both = "+33639980099", replace(member, teams=("TERRAIN1", "TERRAIN2"))
    here.members._by_number[number] = [both]
    asked = await here.texts("ROUTE", number=number)
    assert asked == "Pour quelle équipe ? Répondez par exemple: ROUTE TERRAIN 1."
    assert await team_rows(here.ledger, COMMUNE) == {}
    await here.texts("Terrain 2 route", number=number)
    assert await here.state("TERRAIN2") == "en_route"
    await here.mission("TERRAIN1")
    said = await here.texts("OK", number=number)  # of the team that has a mission
    assert said.startswith("TERRAIN 1: mission acceptée")
    assert said.endswith("Sinon: RECU TERRAIN 2.")
    cry = await here.texts("sos 3e étage", number=number)
    assert cry.startswith("TERRAIN 1 ou TERRAIN 2: DETRESSE entendue")
    (alarm,) = await alarms_of(here.ledger, COMMUNE)
    assert alarm.said == "Équipe présumée, ce peut être TERRAIN 2. 3e étage"
    assert "DETRESSE" in await here.texts("Terrain 2 sos", number=number)
    assert {one.said for one in await alarms_of(here.ledger, COMMUNE)} == {alarm.said, ""}
    rows = await timeline(here.ledger, COMMUNE, team="TERRAIN1")
    assert [one.said or one.mission_said for one in rows] == ["distress", "accepted", "ordered"]


@ONE
async def test_a_resident_is_answered_as_before(here: Field) -> None:
    stranger = "+33612345678"
    assert await here.texts("ROUTE", number=stranger) == await here.town.texts(stranger, "ROUTE")
    ring = Rung(new_sid("CA"), stranger, NUMBER)
    heard = await answer_call(here.town.counter, here.members, ring)
    assert heard == await here.town.rings(stranger)
    assert await answer_press(here.town.counter, here.members, ring, Pressed()) is None


@ONE
async def test_a_member_hears_her_teams_keys_then_what_a_resident_hears(here: Field) -> None:
    rung = Rung(new_sid("CA"), here.phone, NUMBER)
    document = await answer_call(here.town.counter, here.members, rung)
    said = spoken_words(read_twiml(document))
    assert said.startswith("TERRAIN 1. Mission reçue, tapez 1.")
    assert said.index("Détresse, 0") < said.index("Aucune alerte n'est en cours")
    action = read_twiml(document)[0].attributes["action"]
    assert action.startswith(f"{HOOKS}/teamkey/")
    assert action.endswith("/TERRAIN1/-")


async def test_a_key_is_a_report_and_a_grave_one_is_pressed_twice(here: Field) -> None:
    sid, start = new_sid("CA"), Pressed("TERRAIN1")
    assert "parti. C'est noté" in await here.presses("3", start, sid=sid)
    assert "retapez 5" in await here.presses("5", start, sid=sid)
    assert await here.state() == "en_route"
    await here.presses("5", Pressed("TERRAIN1", "5"), sid=sid)
    assert await here.state() == "available_on_scene"
    assert "retapez 0" in await here.presses("0", start, sid=sid)
    assert await here.alarms() == [("urgent_message", "warning")]  # who cannot press twice
    assert "détresse reçue" in await here.presses("0", Pressed("TERRAIN1", "0"), sid=sid)
    assert ("distress", "critical") in await here.alarms()


@ONE
async def test_a_cry_by_key_of_who_is_in_two_teams_names_both(here: Field) -> None:
    member = await here.members.behind(here.office, here.phone, to=NUMBER)
    assert member is not None
    here.members._by_number[here.phone] = [replace(member, teams=("TERRAIN1", "TERRAIN2"))]
    sid = new_sid("CA")
    asked = await here.presses("0", Pressed(), sid=sid)
    assert "/teamkey/" in asked
    assert "/-/0" in asked  # no team is chosen for her
    said = await here.presses("0", Pressed("-", "0"), sid=sid)
    assert "TERRAIN 1 ou TERRAIN 2, détresse reçue" in said
    told = {one.kind: one.said for one in await alarms_of(here.ledger, COMMUNE)}
    assert told["distress"] == "Équipe présumée, ce peut être TERRAIN 2."
    assert "TERRAIN 2. Touche 0, non confirmée" in told["urgent_message"]


async def test_the_signed_hook_takes_a_teams_word(here: Field) -> None:
    async with twilio_at(here.ledger) as client:
        form = {**SMS, "From": here.phone, "Body": "Parti !"}
        answers = {(await post(client, REPLY, form)).text for _ in range(3)}
    assert len(answers) == 1
    assert "TERRAIN 1: parti" in answers.pop()
    rows = await timeline(here.ledger, COMMUNE, team="TERRAIN1")
    assert [row.said for row in rows] == ["en_route"]


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as one:
        yield one


@ONE
@settings(
    max_examples=4,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(texts=st.lists(st.text(max_size=40) | st.sampled_from(_SAYINGS), min_size=8, max_size=8))
def test_all_that_a_member_texts_ends_as_a_report_an_answer_or_the_desks(
    runner: asyncio.Runner, ledger_url: str, texts: list[str]
) -> None:
    async def law() -> None:
        async with opened(ledger_url) as ledger:
            here = await field_town(ledger)
            for text in texts:
                before = await _kept(ledger)
                answer = await here.texts(text)
                assert answer or "\x00" in text or not here.members.texts.passes(here.phone)
                asked_back = (
                    "pas noté" in answer,
                    "aucune mission" in answer,
                    "au moins" in answer,
                )
                assert any(asked_back) or await _kept(ledger) > before

    runner.run(law())


async def _kept(ledger: Ledger) -> int:
    def look(connection: object) -> int:
        return sum(
            connection.execute(select(func.count()).select_from(table)).scalar_one()  # type: ignore[attr-defined]
            for table in (team_tables.field_reports, team_tables.desk_items, replies)
        )

    return await ledger.read(look)


@ONE
async def test_coming_answers_the_summons_that_waits_and_then_is_the_team_s(here: Field) -> None:
    called = Plan([Inhabitant("p1", (Contact("mobile", here.phone, 0),))], two_way=True)
    version = await here.town.sent(called)
    summons = {"kind": "summons", "content": {**version.content, "kind": "summons"}}
    this = versions.c.version_id == version.version_id
    async with here.ledger.writing() as connection:
        await connection.execute(update(versions).where(this).values(**summons))
    await here.texts("J'arrive")
    assert await here.town.answered() == {(version.version_id, "coming", "sms")}
    assert await here.state() is None
    await here.texts("J'arrive")  # the summons has its answer
    assert await here.state() == "en_route"
