"""A team phone over HTTP: no account, no look that acts, one team, words when it is over."""

import re
import time
import uuid
from dataclasses import replace

import httpx
from sqlalchemy import update

from dispatcher.store.ledger import Ledger
from dispatcher.store.phone_tables import team_links
from dispatcher.store.team_links import links_of
from dispatcher.store.team_photos import photos_of
from dispatcher.store.team_rows import team_rows, timeline
from dispatcher.teams.phone_links import revoke_links
from operator_ui.phone_pace import BURST, PhonePaces
from operator_ui.phone_words import MISSION_MOVES, NEVER_HEARD, STATUS_MOVES
from plans.teams import STATUS_CODES, may_become
from tests.consoles import SAME, form_token
from tests.phoned_teams import CHIEF, phoned_team
from tests.situations import COMMUNE, office

pytest_plugins = ("tests.console_visits",)
TEAM = "TERRAIN1"
SCRIPT = {"accept": "application/json"}
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"\x00" * 64


def tap(act: str, **more: object) -> dict[str, str]:
    """Return a form as the page's script sends it."""
    given = {"ident": uuid.uuid4(), "at": int(time.time() * 1000), "act": act, **more}
    return {name: str(value) for name, value in given.items()}


async def test_looking_writes_nothing_and_a_button_without_script_acts(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    phoned = await phoned_team(office(town), TEAM)
    before = await timeline(town, COMMUNE, team=TEAM)
    page, _again = await visitor.get(phoned.path), await visitor.get(phoned.path)
    assert page.status_code == 200
    assert page.headers["permissions-policy"] == "camera=(self), microphone=(), geolocation=(self)"
    assert page.headers["cache-control"] == "no-store"
    assert "Porte-à-porte, rue de la Lerne" in page.text
    assert "geo:47.7803,5.0152" in page.text
    assert await timeline(town, COMMUNE, team=TEAM) == before
    assert (await links_of(town, COMMUNE, TEAM))[0].seen_at is None
    shown = re.findall(r'<button[^>]*name="act" value="(\w+)"(?![^>]*hidden)', page.text)
    assert {"mission_accepted", "en_route", "available"} <= set(shown)
    assert not {"mission_done", "returning", "follow_off"} & set(shown)
    form = {"act": "en_route", "ident": str(uuid.uuid4()), "mission": phoned.mission.mission}
    sent = await visitor.post(phoned.path, data=form)
    assert (sent.status_code, sent.headers["location"]) == (303, phoned.path)
    row = (await team_rows(town, COMMUNE))[TEAM]
    assert (row.state, row.mission) == ("en_route", phoned.mission.mission)
    english = await visitor.get(f"{phoned.path}?lang=en")
    assert "Reinforcement" in english.text
    assert "en_route" in re.findall(r"<b>(.*?)</b>", english.text) or "En route" in english.text


async def test_a_script_is_told_the_state_now_and_a_repeat_as_one(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    phoned = await phoned_team(office(town), TEAM)
    form = tap("on_scene", mission=phoned.mission.mission, strength=3)
    first = await visitor.post(phoned.path, data=form, headers=SCRIPT)
    told = first.json()
    assert abs(told.pop("now") - time.time()) < 30
    assert told == {
        "state": "on_scene",
        "mission_state": "in_progress",
        "applied": True,
        "missing": ["accepted"],
        "repeated": False,
    }
    again = (await visitor.post(phoned.path, data=form, headers=SCRIPT)).json()
    assert (again["repeated"], again["state"]) == (True, "on_scene")
    assert len([one for one in await timeline(town, COMMUNE, team=TEAM) if one.said]) == 1
    now = (await visitor.post(f"{phoned.path}/etat")).json()
    assert (now["state"], now["mission_state"], now["counts"]) == ("on_scene", "in_progress", True)
    assert "Sur les lieux" in now["html"]
    (link,) = await links_of(town, COMMUNE, TEAM)
    assert link.seen_at is not None


async def test_what_is_refused_is_said_and_what_is_too_heavy_is_not_read(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    phoned = await phoned_team(office(town), TEAM)
    odd = await visitor.post(phoned.path, data=tap("launch"), headers=SCRIPT)
    assert (odd.status_code, odd.json()["refused"]) == (422, True)
    page = await visitor.post(phoned.path, data=tap("launch"))
    assert (page.status_code, "Ce bouton n&#39;existe pas" in page.text) == (422, True)
    heavy = {"photo": ("p.jpg", JPEG + b"\0" * 1_700_000, "image/jpeg")}
    sent = await visitor.post(phoned.path, data=tap("photo"), files=heavy, headers=SCRIPT)
    assert (sent.status_code, sent.json()["refused"]) == (413, True)
    good = {"photo": ("p.jpg", JPEG, "image/jpeg")}
    kept = await visitor.post(phoned.path, data=tap("photo"), files=good, headers=SCRIPT)
    assert kept.status_code == 200
    (photo,) = await photos_of(town, COMMUNE, TEAM)
    stranger = await visitor.get(f"/equipes/photos/{photo.photo}")
    assert stranger.headers["location"].startswith("/connexion")


async def test_a_flood_is_slowed_down_and_distress_is_not(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    paces = PhonePaces(monotonic=lambda: 0.0)
    waits = [paces.wait_s(("a", "b")) for _ in range(int(BURST) + 1)]
    assert not any(waits[:-1])
    assert waits[-1] > 0
    assert paces.wait_s(("a", "c")) == 0
    phoned = await phoned_team(office(town), TEAM)
    state = visitor._transport.app.state  # type: ignore[attr-defined]  # the application under test
    state.installation = replace(state.installation, phones=paces)
    (link,) = await links_of(town, COMMUNE, TEAM)
    while not paces.wait_s((COMMUNE, link.link)):
        pass
    slow = await visitor.post(phoned.path, data=tap("available"), headers=SCRIPT)
    assert slow.status_code == 429
    help_ = await visitor.post(phoned.path, data=tap("distress"), headers=SCRIPT)
    assert help_.status_code == 200


async def test_a_link_that_was_cut_opens_nothing_and_says_so(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    phoned = await phoned_team(office(town), TEAM)
    await revoke_links(office(town), TEAM, actor=CHIEF)
    before = await timeline(town, COMMUNE, team=TEAM)
    page = await visitor.get(phoned.path)
    assert (page.status_code, "coupé" in page.text) == (410, True)
    assert "rue de la Lerne" not in page.text
    for path in (phoned.path, f"{phoned.path}/doors", f"{phoned.path}/etat"):
        sent = await visitor.post(path, data=tap("distress"), headers=SCRIPT)
        assert (sent.status_code, sent.json()) == (410, {"over": "revoked"})
    assert await timeline(town, COMMUNE, team=TEAM) == before
    for unknown in ("x", "A" * 32, "A" * 5000, "%00"):
        page = await visitor.get(f"/t/{unknown}")
        assert (page.status_code, "équipe" in page.text) == (404, True)


async def ended(town: Ledger, *, ago_s: float) -> None:
    """Let every link have ended so long ago."""
    async with town.writing() as connection:
        now = time.time()
        values = {"made_at": now - ago_s - 7200, "ends_at": now - ago_s}
        await connection.execute(update(team_links).values(**values))


async def test_a_link_that_has_ended_brings_what_was_pressed_before_and_a_call_for_help(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    phoned = await phoned_team(office(town), TEAM)
    await ended(town, ago_s=3600)
    before, after = int((time.time() - 4000) * 1000), int((time.time() - 3000) * 1000)
    late = await visitor.post(phoned.path, data=tap("en_route", at=before), headers=SCRIPT)
    assert (late.status_code, late.json()["state"]) == (200, "en_route")
    door = {"door": "3 rue du Pont", "result": "empty"}
    noted = await visitor.post(
        f"{phoned.path}/doors", data=tap("", at=before, **door), headers=SCRIPT
    )
    assert noted.status_code == 200
    for form in (tap("on_scene", at=after), tap("on_scene"), tap("on_scene", at="")):
        sent = await visitor.post(phoned.path, data=form, headers=SCRIPT)
        assert (sent.status_code, sent.json()) == (410, {"over": "ended"})
    help_ = await visitor.post(phoned.path, data=tap("distress", at=after), headers=SCRIPT)
    assert help_.status_code == 200
    page = await visitor.get(phoned.path)
    assert (page.status_code, page.headers["link-over"]) == (410, "ended")
    assert "a votre appel de DÉTRESSE" in page.text
    assert 'value="distress"' in page.text
    assert "+33353010002" in page.text  # the town hall's own number
    await ended(town, ago_s=8 * 86_400)
    for act in ("en_route", "distress"):
        sent = await visitor.post(phoned.path, data=tap(act, at=before), headers=SCRIPT)
        assert sent.status_code == 410


async def test_the_worker_is_for_the_pages_of_teams_alone(visitor: httpx.AsyncClient) -> None:
    worker = await visitor.get("/t/sw.js")
    assert worker.status_code == 200
    assert worker.headers["service-worker-allowed"] == "/t/"
    assert worker.headers["cache-control"] == "no-cache"
    assert worker.headers["content-type"].startswith("text/javascript")


async def test_the_cell_makes_a_link_sees_it_once_and_cuts_it(
    operator: httpx.AsyncClient, town: Ledger
) -> None:
    path = f"/equipes/{TEAM}/liens"
    token = await form_token(operator)
    made = await operator.post(path, data={"token": token, "hours": "12"}, headers=SAME)
    assert made.status_code == 200
    found = re.search(r"<code>(http[^<]+)</code>", made.text)
    assert found is not None
    phone = found[1].partition("8700")[2]
    assert (await operator.get(phone)).status_code == 200
    assert 'src="data:image/svg' in made.text
    listed = (await operator.get(path)).text
    assert phone not in listed
    assert "jamais ouvert" in listed
    bad = await operator.post(path, data={"token": token, "hours": "x"}, headers=SAME)
    assert bad.status_code == 422
    cut = await operator.post(f"{path}/couper", data={"token": token}, headers=SAME)
    assert (cut.status_code, cut.headers["location"]) == (303, path)
    assert (await operator.get(phone)).status_code == 410
    assert (await operator.get("/equipes/rien/liens")).status_code == 404
    session = {"authorization": f"Bearer {operator.cookies['tocsin']}"}
    operator.cookies.clear()
    api = f"/api/v1/teams/{TEAM}/links"
    told = await operator.post(api, json={"hours": 2}, headers=session)
    assert (told.status_code, "/t/" in told.json()["url"]) == (201, True)
    states = [one["state"] for one in (await operator.get(api, headers=session)).json()["links"]]
    assert states == ["open", "revoked"]
    assert (await operator.delete(api, headers=session)).json() == {"revoked": 1}


def test_a_page_offers_the_legal_next_statuses_and_no_other() -> None:
    for old in STATUS_CODES:
        offered = {one.act for one in STATUS_MOVES if one.offered(old)}
        assert offered == {new for new in STATUS_CODES if may_become(new, old=old)}
    first = {one.act for one in STATUS_MOVES if NEVER_HEARD in one.origins}
    assert first == {"available", "en_route", "on_scene", "off_duty"}
    assert [one.act for one in MISSION_MOVES if one.offered("ordered")] == ["mission_accepted"]
    assert [one.act for one in MISSION_MOVES if one.offered("in_progress")] == ["mission_done"]
