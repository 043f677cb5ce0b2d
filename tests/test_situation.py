"""What the pages are told of an alert is what stands in the ledger, on both databases."""

import time

import pytest

from dispatcher.alerts.clocks import CONTROL
from dispatcher.alerts.following import clocks
from dispatcher.delivery.tokens import answer_hash
from dispatcher.store.alert_lines import alert_versions, latest_alerts, question, unlocated
from dispatcher.store.confirmations import Confirmed
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import versions
from dispatcher.store.situation import RATE_WINDOW_S, progress
from dispatcher.store.statements import insert_rows
from dispatcher.store.tables import homes, persons
from plans.alerting import AlertPolicy
from tests.behind import put_behind
from tests.situations import COMMUNE, Planned, answer, change_version, move, write_alert

EVERY_STATE = (
    ("sms", "ready", 2),
    ("sms", "claimed", 1),
    ("sms", "sending", 3),
    ("sms", "unknown", 1),
    ("sms", "accepted", 5),
    ("sms", "delivered", 7),
    ("voice", "undelivered", 2),
    ("voice", "failed", 4),
    ("voice", "exhausted", 1),
    ("email", "expired", 1),
    ("email", "suppressed", 2),
    ("email", "cancelled", 3),
)


async def test_each_state_is_counted_apart_and_all_add_up(ledger: Ledger) -> None:
    written = await write_alert(ledger, Planned(lines=EVERY_STATE))
    shown = await progress(ledger, COMMUNE, written.version_id)
    assert shown.states == {state: count for _, state, count in EVERY_STATE}
    assert shown.planned == sum(shown.states.values()) == 32
    assert {medium.medium: medium.planned for medium in shown.media} == {
        "sms": 19,
        "voice": 7,
        "email": 6,
    }


async def test_a_person_is_in_one_case_only(ledger: Ledger) -> None:
    written = await write_alert(ledger, Planned(lines=EVERY_STATE, unreachable={"no_contact": 6}))
    shown = await progress(ledger, COMMUNE, written.version_id)
    assert (shown.reached, shown.handed, shown.lost) == (7, 5, 13)
    assert (shown.answered, shown.delivered) == (0, 7)  # nobody said that she had read it
    waiting = 2 + 1 + 3 + 1
    assert shown.people == 7 + 5 + 13 + waiting + 6
    assert shown.unreachable == {"no_contact": 6}


async def test_a_person_reached_by_mail_is_not_lost_because_her_phone_failed(
    ledger: Ledger,
) -> None:
    written = await write_alert(
        ledger, Planned(lines=(("sms", "undelivered", 1), ("email", "delivered", 1)))
    )
    await _also_reads(ledger, written.deliveries[1], "p0")
    shown = await progress(ledger, COMMUNE, written.version_id)
    assert shown.lost == 0
    assert shown.reached == 2
    assert shown.lost_by_reason == {"undelivered": 1}


async def test_a_shared_phone_answers_for_its_household(ledger: Ledger) -> None:
    written = await write_alert(ledger, Planned(lines=(("sms", "accepted", 2),)))
    await _also_reads(ledger, written.deliveries[0], "child")
    await answer(ledger, written.deliveries[0], "understood")
    await answer(ledger, written.deliveries[1], "help")
    shown = await progress(ledger, COMMUNE, written.version_id)
    assert (shown.understood, shown.need_help) == (2, 1)
    assert (shown.answered, shown.delivered) == (3, 0)  # three people behind two telephones
    assert (shown.reached, shown.handed) == (3, 0)  # who answers was reached, receipt or not


async def test_understood_and_need_help_of_one_person_are_two_facts(ledger: Ledger) -> None:
    written = await write_alert(ledger, Planned(lines=(("sms", "delivered", 1),)))
    await answer(ledger, written.deliveries[0], "understood")
    await answer(ledger, written.deliveries[0], "help")
    shown = await progress(ledger, COMMUNE, written.version_id)
    assert (shown.understood, shown.need_help, shown.reached) == (1, 1, 1)
    assert shown.confirmed == Confirmed(answered=1, reached=1)  # she is one person all the same


async def test_a_correction_does_not_forget_who_confirmed_what_it_corrects(ledger: Ledger) -> None:
    first = await write_alert(
        ledger, Planned(lines=(("sms", "delivered", 3), ("sms", "failed", 1)))
    )
    await answer(ledger, first.deliveries[0], "understood")
    await answer(ledger, first.deliveries[1], "help")
    second = await write_alert(ledger, Planned(lines=(("voice", "accepted", 4),)))
    await change_version(ledger, second, alert_id=first.alert_id, number=2)
    await answer(ledger, second.deliveries[0], "understood")
    shown = await progress(ledger, COMMUNE, second.version_id)
    assert (shown.understood, shown.need_help, shown.reached) == (1, 0, 1)  # of this version
    assert shown.confirmed == Confirmed(answered=2, reached=3)  # of the alert, each person once
    policy = AlertPolicy("Mairie", goal_reached_pct=50, goal_delay_min=1)
    of = (COMMUNE, first.alert_id, "update")
    control = next(
        one for one in await clocks(ledger, policy, of=of, progress=shown) if one.name == CONTROL
    )
    assert (control.state, control.reached_pct) == ("done", 50)


async def test_no_end_is_promised_while_a_channel_stands_still(ledger: Ledger) -> None:
    written = await write_alert(
        ledger,
        Planned(lines=(("sms", "accepted", 50), ("sms", "ready", 50), ("voice", "ready", 1))),
    )
    assert (await progress(ledger, COMMUNE, written.version_id)).expected_end is None


async def test_the_end_follows_from_what_is_left_and_the_present_rate(ledger: Ledger) -> None:
    written = await write_alert(
        ledger, Planned(lines=(("sms", "accepted", 50), ("sms", "ready", 100)))
    )
    shown = await progress(ledger, COMMUNE, written.version_id)
    rate = shown.media[0].rate_per_s
    assert (
        50 / RATE_WINDOW_S < rate <= 10
    )  # accepted five seconds ago, on a busy machine perhaps 20
    assert shown.expected_end == pytest.approx(time.time() + 100 / rate, abs=5)


async def test_nothing_left_means_no_end_to_wait_for(ledger: Ledger) -> None:
    written = await write_alert(ledger, Planned(lines=(("sms", "delivered", 3),)))
    assert (await progress(ledger, COMMUNE, written.version_id)).expected_end is None


async def test_figures_move_with_the_ledger(ledger: Ledger) -> None:
    written = await write_alert(ledger, Planned(lines=(("sms", "ready", 9),)))
    await move(ledger, written, to="delivered", first=4)
    shown = await progress(ledger, COMMUNE, written.version_id)
    assert shown.states == {"ready": 5, "delivered": 4}


async def test_one_commune_never_sees_another(ledger: Ledger) -> None:
    theirs = await write_alert(ledger, Planned(commune="99042", lines=(("sms", "ready", 3),)))
    mine = await write_alert(ledger, Planned(lines=(("sms", "ready", 1),)))
    assert [line.alert_id for line in await latest_alerts(ledger, COMMUNE)] == [mine.alert_id]
    assert await alert_versions(ledger, COMMUNE, theirs.alert_id) == []


async def test_alerts_are_listed_newest_first_each_with_its_newest_version(
    ledger: Ledger,
) -> None:
    old = await write_alert(ledger, Planned(title="ancienne", launched_ago_s=90_000))
    new = await write_alert(ledger, Planned(title="récente", launched_ago_s=60))
    await _second_version(ledger, old.version_id)
    listed = await latest_alerts(ledger, COMMUNE)
    assert [(line.title, line.number) for line in listed] == [("récente", 1), ("ancienne", 2)]
    assert [line.number for line in await alert_versions(ledger, COMMUNE, old.alert_id)] == [2, 1]
    assert new.alert_id == listed[0].alert_id


async def test_an_alert_runs_until_it_is_stopped_or_expires(ledger: Ledger) -> None:
    written = await write_alert(ledger, Planned(expires_in_s=100))
    (line,) = await latest_alerts(ledger, COMMUNE)
    assert line.runs_at(time.time())
    assert not line.runs_at(time.time() + 101)
    await change_version(ledger, written, state="cancelled")
    (line,) = await latest_alerts(ledger, COMMUNE)
    assert not line.runs_at(time.time())


async def test_a_token_leads_to_its_own_delivery_and_what_was_answered(ledger: Ledger) -> None:
    written = await write_alert(
        ledger, Planned(lines=(("sms", "delivered", 2),), languages=("fr", "en"))
    )
    first, second = written.deliveries
    await answer(ledger, second, "help")
    asked = await question(ledger, answer_hash(written.tokens[second]))
    assert asked is not None
    assert (asked.delivery_id, asked.language, asked.answered) == (
        second,
        "en",
        frozenset({"help"}),
    )
    assert asked.line.alert_id == written.alert_id
    silent = await question(ledger, answer_hash(written.tokens[first]))
    assert silent is not None
    assert silent.answered == frozenset()


async def test_an_unknown_token_leads_nowhere(ledger: Ledger) -> None:
    await write_alert(ledger, Planned(lines=(("sms", "delivered", 1),)))
    assert await question(ledger, answer_hash("A" * 22)) is None


async def test_people_are_without_coordinates_only_when_no_home_of_theirs_has_any(
    ledger: Ledger,
) -> None:
    async with ledger.writing() as connection:
        await insert_rows(connection, persons, [_person("a"), _person("b"), _person("c")])
        await insert_rows(
            connection,
            homes,
            [
                _home("a", 0, None),
                _home("b", 0, None),
                _home("b", 1, 5.02),
                _home("c", 0, 5.02),
                _home("a", 1, None),
            ],
        )
    assert await unlocated(ledger, COMMUNE) == 1


def _person(ident: str) -> dict[str, object]:
    return {
        "commune": COMMUNE,
        "person_id": ident,
        "source": "import",
        "name": ident,
        "language": "fr",
        "languages": ["fr"],
        "media": [],
    }


def _home(person: str, number: int, lon: float | None) -> dict[str, object]:
    lat = None if lon is None else 47.78
    return {
        "commune": COMMUNE,
        "person_id": person,
        "number": number,
        "label": "1 quai",
        "place_mark": "1 quai",
        "lon": lon,
        "lat": lat,
    }


async def _also_reads(ledger: Ledger, delivery: str, person: str) -> None:
    async with ledger.writing() as connection:
        await put_behind(connection, COMMUNE, [(delivery, person)])


async def _second_version(ledger: Ledger, version_id: str) -> None:
    async with ledger.writing() as connection:
        first = (
            await connection.execute(versions.select().where(versions.c.version_id == version_id))
        ).one()
        values = {**first._mapping, "version_id": f"{version_id}-2", "number": 2}
        await insert_rows(connection, versions, [values])


def test_the_states_shown_are_all_the_states_there_are() -> None:
    assert {state for _, state, _ in EVERY_STATE} == {
        *("ready", "claimed", "sending", "unknown", "accepted", "delivered"),
        *("undelivered", "failed", "exhausted", "expired", "suppressed", "cancelled"),
    }
