"""Who is rung for words that are no longer the alert's is rung no more, and hears it changed."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from dispatcher.alerts import by_phone, judging, life, sketching
from dispatcher.alerts.office import Office
from dispatcher.store import rings, sketches
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import versions
from dispatcher.store.versions import SUMMONS, Draft
from tests.decided_town import CLERK, RAC, edited, frozen_by, lines_of, submitted_by
from tests.phoned_town import PIN, called, phoned_town, state, typed


@pytest.fixture
async def office(ledger: Ledger, tmp_path: Path) -> Office:
    return await phoned_town(ledger, tmp_path)


async def anew(office: Office, alert: str) -> bool:
    """Make the version of an unchanged sketch anew, as who began before it was submitted does."""
    made = await life.find(office, alert)
    draft = Draft(
        office.commune, alert, made.version_id, made.content, "f" * 64, made.lane,
        made.expires_at, made.people + 1, made.drafted_by,
    )  # fmt: skip
    line = office.line(RAC.login, "alert.drafted", "Alerte rédigée", alert=alert)
    voids = office.line(RAC.login, "alert.reopened", "Alerte modifiée", alert=alert)
    return await sketches.freeze(office.ledger, draft, revision=1, line=line, voids=voids)


async def rung(office: Office) -> list[str]:
    """Return the states of the messages that ring somebody."""
    wanted = select(versions.c.state).where(versions.c.kind == SUMMONS)
    async with office.ledger.reading() as connection:
        return list((await connection.execute(wanted)).scalars())


async def test_a_version_made_anew_ends_the_ring_of_the_old_one_and_the_logbook_tells_it(
    office: Office,
) -> None:
    alert = await submitted_by(office, CLERK)
    version = await life.find(office, alert)
    assert await rung(office) == ["launched"]
    assert await anew(office, alert)
    assert await state(office, alert) == "draft"
    (ring,) = await rings.rings_of(office.ledger, office.commune, version.version_id)
    assert (ring.over, await rings.open_rings(office.ledger)) == ("decided", [])
    assert await rung(office) == ["cancelled"]  # the SMS and the call that had not left
    assert (await lines_of(office, alert))[-2:] == ["alert.reopened", "alert.drafted"]


async def test_what_nobody_was_asked_about_is_made_anew_without_a_word_of_it(
    office: Office,
) -> None:
    alert = await frozen_by(office, CLERK)
    assert await anew(office, alert)
    assert await lines_of(office, alert) == ["alert.begun", "alert.drafted", "alert.drafted"]


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_who_listens_while_it_changes_is_told_so_and_approves_nothing(
    office: Office, language: str
) -> None:
    said = {"fr": "L'alerte a changé", "en": "The alert has changed"}[language]
    alert = await submitted_by(office, CLERK)
    people = str((await life.find(office, alert)).people)
    call = replace(await called(office), language=language)
    heard = await by_phone.begin(office, call)
    second = await typed(office, call, heard.step, people)
    assert second is not None
    assert await anew(office, alert)
    over = await typed(office, call, second.step, PIN)
    assert over is not None
    assert (over.text[: len(said)], over.asks, over.language) == (said, False, language)
    assert await typed(office, call, second.step, PIN) is None
    again = await by_phone.begin(office, call)  # she picks up what still rings
    assert again.text.startswith(said)
    assert await state(office, alert) == "draft"


async def test_what_was_submitted_again_while_she_listened_is_not_what_she_heard(
    office: Office,
) -> None:
    alert = await submitted_by(office, CLERK)
    call = await called(office)
    heard = await by_phone.begin(office, call)
    await edited(office, alert, by=CLERK, margin_m=2.0)
    await sketching.freeze(office, alert, revision=2, actor=CLERK)
    await life.submit(office, alert, actor=CLERK)
    over = await typed(office, call, heard.step, str((await life.find(office, alert)).people))
    assert over is not None
    assert over.text.startswith("L'alerte a changé ou a été renvoyée")
    assert await state(office, alert) == "pending_approval"
    await judging.ask_again(office, alert, actor=CLERK)
    assert len(await rings.open_rings(office.ledger)) == 1
