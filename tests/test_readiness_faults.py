"""« Prêt ? » when something is broken: each fault is a line, and the next round still comes."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest
import structlog
from sqlalchemy import text

from dispatcher.alarms.daily import Round
from dispatcher.alarms.telling import OnCall
from dispatcher.delivery.accounts import Route
from dispatcher.delivery.accounts_file import AccountsFault
from dispatcher.readiness.desk import Desk, desk_for
from dispatcher.readiness.gathering import gather
from dispatcher.readiness.lines import MOST_SUBJECT, Line, filled, merged, not_ready, ready, warning
from dispatcher.readiness.rounds import Watchman, look, step
from dispatcher.readiness.showing import as_json, headline, readiness_of
from dispatcher.store import readiness
from dispatcher.store.ledger import Ledger
from tests.outgoing import KEYS, LOGBOOK_KEY, PUBLIC_URL
from tests.situations import COMMUNE, load_example_plan

pytest_plugins = ("tests.console_visits",)
PARIS = ZoneInfo("Europe/Paris")
NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
NIGHT = NOON.replace(hour=3)
GOOD = ready("sender", "Bien.")


def faulty() -> Sequence[Route]:
    """Read an accounts file that somebody has just mistyped."""
    raise AccountsFault(Path("comptes.yaml"), ["ligne 3 : « kind » manque."])


def sound() -> Sequence[Route]:
    """Read an accounts file that names nobody."""
    return ()


def watchman(ledger: Ledger, folder: Path, *, broken: bool = False) -> Watchman:
    """Return a watchman whose accounts file is broken, or empty."""
    people = OnCall((), faulty if broken else sound, PUBLIC_URL)
    return Watchman(Round(ledger, people, LOGBOOK_KEY, 10, PARIS, KEYS), folder)


async def states(ledger: Ledger) -> dict[str, str]:
    """Return the state of each line that a page shows."""
    return {one.subject: one.state for one in (await readiness_of(ledger, COMMUNE)).lines}


async def test_a_fault_in_the_accounts_file_is_its_red_line_and_the_rest_is_found(
    ledger: Ledger, tmp_path: Path
) -> None:
    await load_example_plan(ledger)
    man = watchman(ledger, tmp_path, broken=True)
    assert await step(man, now=NOON, tells=False) == [COMMUNE]
    found = {one.subject: one for one in (await readiness_of(ledger, COMMUNE)).lines}
    assert found["accounts"].state == "not_ready"
    assert "ligne 3 : « kind » manque." in filled(found["accounts"].said, found["accounts"])
    assert (found["mail"].state, found["templates"].state) == ("unknown", "ready")
    await readiness.ask(ledger, COMMUNE, by="rac")
    assert await step(watchman(ledger, tmp_path), now=NOON) == [COMMUNE]
    assert "accounts" not in await states(ledger)


async def test_a_question_that_falls_is_logged_and_the_others_are_answered(
    ledger: Ledger, tmp_path: Path
) -> None:
    async def falls(_desk: Desk) -> Sequence[Line]:
        return [ready("mail", GOOD.blanks["nothing"])]

    async def answers(_desk: Desk) -> Sequence[Line]:
        return [GOOD]

    await load_example_plan(ledger)
    desk = await desk_for(watchman(ledger, tmp_path).round, COMMUNE, data_dir=tmp_path)
    with structlog.testing.capture_logs() as told:
        found = await gather(desk, (("mail", falls), ("sender", answers)))
    assert [(one.subject, one.state) for one in found] == [("mail", "unknown"), ("sender", "ready")]
    assert ("ready.failed", "mail") in [(one["event"], one.get("question")) for one in told]


async def test_a_round_that_falls_is_logged_and_the_next_commune_has_its_own(
    ledger: Ledger, tmp_path: Path
) -> None:
    await load_example_plan(ledger)
    await readiness.keep(ledger, COMMUNE, [GOOD])  # so that a week's mail is due, by the accounts
    async with ledger.writing() as connection:
        await connection.execute(text("UPDATE plans SET loaded_at = 1"))
    await readiness.ask(ledger, "99999", by="rac")
    with structlog.testing.capture_logs() as told:
        done = await step(watchman(ledger, tmp_path, broken=True), now=NIGHT)
    assert done == ["99999"]
    fell = [one["commune"] for one in told if one["event"] == "ready.round_failed"]
    assert fell == [COMMUNE]


async def test_two_lines_of_one_subject_are_one_the_worst_and_a_long_one_is_cut(
    ledger: Ledger,
) -> None:
    long, longer = "tls:" + "x" * 90 + "a", "tls:" + "x" * 90 + "b"
    worst = not_ready("tls:relay", "Mort.", "Changez.")
    lines = [ready("tls:relay", "Bien."), worst, warning("tls:relay", "Bientôt.", "Changez.")]
    found = merged([*lines, ready(long, "Bien."), ready(longer, "Bien."), ready(long, "Bien.")])
    assert found[0] == worst
    assert len(found) == 3
    assert all(len(one.subject) <= MOST_SUBJECT for one in found)
    await readiness.keep(ledger, COMMUNE, found)
    assert len(await readiness.kept(ledger, COMMUNE)) == 3


async def test_two_accounts_at_one_server_lose_no_round(ledger: Ledger, tmp_path: Path) -> None:
    async def twice(_desk: Desk) -> Sequence[Line]:
        return [ready("tls:relay:587", "Bien."), not_ready("tls:relay:587", "Mort.", "Changez.")]

    await load_example_plan(ledger)
    desk = await desk_for(watchman(ledger, tmp_path).round, COMMUNE, data_dir=tmp_path)
    await readiness.keep(ledger, COMMUNE, await gather(desk, (("tls", twice),)))
    assert await states(ledger) == {"tls:relay:587": "not_ready"}


async def put_back(ledger: Ledger, seconds: int) -> None:
    """Let time pass since somebody asked."""
    async with ledger.writing() as connection:
        await connection.execute(
            text(
                "UPDATE readiness_rounds SET asked_at = asked_at - :s, begun_at = begun_at - :s,"
                " done_at = done_at - :s"
            ),
            {"s": seconds},
        )


async def test_a_service_that_takes_no_round_within_a_minute_is_the_first_line(
    ledger: Ledger,
) -> None:
    await readiness.keep(ledger, COMMUNE, [not_ready("backup", "Rien.", "Faites-la."), GOOD])
    await readiness.ask(ledger, COMMUNE, by="rac")
    assert "worker" not in await states(ledger)
    await put_back(ledger, 61)
    known = await readiness_of(ledger, COMMUNE)
    assert known.lines[0].subject == "worker"
    assert "Aucun service d'envoi ne répond" in known.lines[0].said
    assert "systemctl restart tocsin" in known.lines[0].remedy
    assert headline(known) == "Pas prêt : 2 points."
    assert as_json(known)["lines"][0]["subject"] == "worker"  # type: ignore[index]
    assert await readiness.take(ledger, COMMUNE)
    assert "worker" not in await states(ledger)
    await put_back(ledger, 361)  # the one that took it died, and nobody took it up
    assert (await readiness_of(ledger, COMMUNE)).lines[0].subject == "worker"


async def test_the_page_says_that_no_service_answers_and_not_that_it_is_checking(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    await readiness.keep(town, COMMUNE, [GOOD])
    await readiness.ask(town, COMMUNE, by="rac")
    await put_back(town, 61)
    page = (await operator.get("/pret")).text
    assert "Pas prêt : 1 point" in page
    assert "Vérification en cours" not in page
    assert "aucun service d&#39;envoi ne l&#39;a prise" in page.replace("'", "&#39;")
    english = (await operator.get("/pret?lang=en")).text
    assert "No sending service answers" in english


async def test_what_is_asked_during_a_round_is_answered_by_the_next_one(ledger: Ledger) -> None:
    await readiness.ask(ledger, COMMUNE, by="rac")
    assert await readiness.take(ledger, COMMUNE)
    await asyncio.sleep(0.02)
    await readiness.ask(ledger, COMMUNE, by="maire")  # she mended something meanwhile
    await asyncio.sleep(0.02)
    await readiness.keep(ledger, COMMUNE, [GOOD])
    assert (await readiness.round_of(ledger, COMMUNE)).waits
    assert await readiness.take(ledger, COMMUNE)
    assert not await readiness.take(ledger, COMMUNE)
    await asyncio.sleep(0.02)
    await readiness.keep(ledger, COMMUNE, [GOOD])
    assert not (await readiness.round_of(ledger, COMMUNE)).waits


async def test_without_a_plan_who_asks_is_told_so(ledger: Ledger, tmp_path: Path) -> None:
    await readiness.ask(ledger, COMMUNE, by="rac")
    assert await step(watchman(ledger, tmp_path), now=NIGHT) == [COMMUNE]
    known = await readiness_of(ledger, COMMUNE)
    assert not known.round.waits
    assert [(one.subject, one.state) for one in known.lines] == [("plan", "not_ready")]
    assert "n'a pas de plan" in filled(known.lines[0].said, known.lines[0])
    assert "plan load" in known.lines[0].remedy


async def test_a_plan_that_cannot_be_read_any_more_leaves_nothing_green(
    ledger: Ledger, tmp_path: Path
) -> None:
    await load_example_plan(ledger)
    await readiness.keep(ledger, COMMUNE, [GOOD])
    async with ledger.writing() as connection:
        await connection.execute(text("UPDATE plans SET files = '{}', digest = 'unreadable'"))
    await step(watchman(ledger, tmp_path), now=NIGHT)  # nobody asked, and it is no hour of a round
    assert await states(ledger) == {"plan": "not_ready"}
    since = (await readiness_of(ledger, COMMUNE)).lines[0].found_at
    await step(watchman(ledger, tmp_path), now=NIGHT)
    assert (await readiness_of(ledger, COMMUNE)).lines[0].found_at == since


async def test_a_plan_that_can_be_read_again_is_looked_at_at_once(
    ledger: Ledger, tmp_path: Path
) -> None:
    man = watchman(ledger, tmp_path)
    await look(man, COMMUNE)
    assert await states(ledger) == {"plan": "not_ready"}
    await load_example_plan(ledger)
    await step(man, now=NIGHT)
    assert (await states(ledger))["templates"] == "ready"


@pytest.mark.parametrize("subject", ["duty", "sender", "caller", "templates"])
async def test_what_the_plan_mends_leads_to_the_plan(
    operator: httpx.AsyncClient, town: Ledger, subject: str
) -> None:
    await readiness.keep(town, COMMUNE, [not_ready(subject, "Mal.", "Changez.")])
    page = (await operator.get("/pret")).text
    assert 'class="button" href="/plan"' in page
