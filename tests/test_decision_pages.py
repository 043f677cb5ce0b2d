"""Deciding on the console: submitted, read by whoever was rung, approved, launched, sent back."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import update

from dispatcher.alerts import life, sketching
from dispatcher.alerts.sketch import Chosen
from dispatcher.alerts.sketching import Start
from dispatcher.store import logbook, rings
from dispatcher.store.ledger import Ledger
from dispatcher.store.tables import sessions
from tests.consoles import console, sign_in
from tests.crises import OPERATOR
from tests.decided_town import OVER_S, aged
from tests.peopled import people_in
from tests.signing import send
from tests.situations import COMMUNE, add_user, office

pytest_plugins = ("tests.console_visits",)
CHOSEN = Chosen(template="fin_alerte", sectors=("bas_bourg",), hours=2.0, night_confirmed=True)
PEOPLE = 23  # and four sensitive sites: 27


@pytest.fixture
async def peopled(town: Ledger) -> Ledger:
    """Give the town 23 residents, a mayor, a deputy and a clerk."""
    await people_in(town, PEOPLE)
    await add_user(town, "maire", "dos", "Hélène Vasseur")
    await add_user(town, "adj1", "deputy", "Marc Dumont")
    await add_user(town, "etat_civil", "operator", "Odile Perrin")
    return town


@asynccontextmanager
async def person(folder: Path, login: str) -> AsyncIterator[httpx.AsyncClient]:
    """Be somebody, signed in on a browser of her own."""
    async with console(folder) as client:
        assert (await sign_in(client, login)).status_code == 303
        yield client


async def begun(town: Ledger, mode: str = "real") -> str:
    """Write an alert that lacks nothing."""
    start = Start(mode=mode, chosen=CHOSEN.changed({"public_informed": True}))
    return await sketching.begin(office(town), start, actor=OPERATOR)


async def submitted(town: Ledger, mode: str = "real") -> str:
    """Write an alert and submit it."""
    alert = await begun(town, mode)
    await sketching.freeze(office(town), alert, revision=1, actor=OPERATOR)
    await life.submit(office(town), alert, actor=OPERATOR)
    return alert


async def state_of(town: Ledger, alert: str) -> str:
    """Return the state of an alert."""
    return (await life.find(office(town), alert)).state


def page_of(alert: str) -> str:
    """Return the path of a decision."""
    return f"/console/alertes/{alert}/decision"


async def decide(client: httpx.AsyncClient, alert: str, act: str, **fields: str) -> httpx.Response:
    """Fill the page in and send one of its forms."""
    return await send(client, page_of(alert), to=f"{page_of(alert)}/{act}", **fields)


async def test_what_lacks_is_told_and_nothing_can_be_submitted(
    tmp_path: Path, peopled: Ledger
) -> None:
    alert = await sketching.begin(office(peopled), Start(), actor=OPERATOR)
    async with person(tmp_path, "etat_civil") as clerk:
        page = (await clerk.get(page_of(alert))).text
        assert f'href="/console/alertes/{alert}/zone"' in page
        assert "Ce qui manque avant de soumettre" in page
        assert "decision/soumettre" not in page


async def test_submitting_says_who_will_be_rung_then_rings_them(
    tmp_path: Path, peopled: Ledger
) -> None:
    alert = await begun(peopled)
    async with person(tmp_path, "etat_civil") as clerk:
        page = (await clerk.get(page_of(alert))).text
        assert re.search(r"<li>[^<]*Vasseur</li>|<li>Hélène", page)
        answer = await decide(clerk, alert, "soumettre")
        assert answer.headers["location"] == page_of(alert)
        page = (await clerk.get(page_of(alert))).text
    assert await state_of(peopled, alert) == "pending_approval"
    assert "attend la validation" in page
    assert "on l&#39;appelle" in page
    assert 'name="people"' not in page  # she is no approver
    version = await life.find(office(peopled), alert)
    assert (await rings.rings_of(peopled, COMMUNE, version.version_id))[0].over is None


async def test_an_approver_reads_mode_zone_and_number_in_words_and_the_ringing_stops(
    tmp_path: Path, peopled: Ledger
) -> None:
    alert = await submitted(peopled)
    async with person(tmp_path, "maire") as mayor:
        page = (await mayor.get(page_of(alert))).text
        english = (await mayor.get(f"{page_of(alert)}?lang=en")).text
    assert "<title>RÉEL · " in page
    assert "Vingt-sept personnes" in page
    assert "Bas-Bourg" in page
    assert "Twenty-seven people" in english
    facts = re.search(r'<dl class="decision-words">(.*?)</dl>', page, re.DOTALL)
    assert facts is not None
    undated = re.sub(r"\d\d:\d\d|(?:di|dimanche) \d{1,2}", "", facts[1])
    assert "27" not in undated  # in words: the digits are hers to type
    version = await life.find(office(peopled), alert)
    assert (await rings.rings_of(peopled, COMMUNE, version.version_id))[0].over == "opened"
    kinds = [line.kind async for line in logbook.read_all(peopled, COMMUNE)]
    assert kinds.count("alert.opened") == 1


async def test_who_only_looks_stops_no_ringing(tmp_path: Path, peopled: Ledger) -> None:
    alert = await submitted(peopled)
    for login in ("etat_civil", "rac"):
        async with person(tmp_path, login) as reader:
            assert (await reader.get(page_of(alert))).status_code == 200
    version = await life.find(office(peopled), alert)
    assert (await rings.rings_of(peopled, COMMUNE, version.version_id))[0].over is None


async def test_approving_and_launching_is_one_click_with_the_number_typed(
    tmp_path: Path, peopled: Ledger
) -> None:
    alert = await submitted(peopled)
    async with person(tmp_path, "maire") as mayor:
        for wrong in ("", "vingt-sept", "28", "-27", "\uff12\uff17"):
            answer = await decide(mayor, alert, "valider", people=wrong, then="launch")
            assert answer.status_code == 422, wrong
            assert 'role="alert"' in answer.text
        assert await state_of(peopled, alert) == "pending_approval"
        done = await decide(mayor, alert, "valider", people=" 2 7 ", then="launch")
        assert done.headers["location"] == f"/console/alertes/{alert}"
    version = await life.find(office(peopled), alert)
    assert (version.state, version.approved_by, version.launched_by) == (
        "launched", "maire", "maire",
    )  # fmt: skip


async def test_an_approval_shows_what_it_has_left_and_says_when_it_is_over(
    tmp_path: Path, peopled: Ledger
) -> None:
    alert = await submitted(peopled)
    async with person(tmp_path, "maire") as mayor:
        assert (await decide(mayor, alert, "valider", people="27")).status_code == 303
        page = (await mayor.get(page_of(alert))).text
        left = re.search(r'data-left="(\d+)"', page)
        assert left is not None
        assert 1_750 < int(left[1]) <= 1_800
        assert re.search(r"Encore (29|30) min \d+ s", page)  # said without script too
        assert "dix minutes" in page
        await aged(peopled, alert, seconds=OVER_S)
        page = (await mayor.get(page_of(alert))).text
        assert "La validation a expiré : faites-la valider de nouveau." in page
        assert "decision/lancer" not in page
        late = await mayor.post(
            f"{page_of(alert)}/lancer", data=dict(_hidden(page)), headers=_same()
        )
        assert late.status_code == 409
        assert "La validation a expiré" in late.text
        assert (await decide(mayor, alert, "redemander")).status_code == 303
    assert await state_of(peopled, alert) == "pending_approval"


def _hidden(page: str) -> list[tuple[str, str]]:
    return re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)


def _same() -> dict[str, str]:
    return {"sec-fetch-site": "same-origin"}


@pytest.mark.parametrize(("act", "state"), [("renvoyer", "draft"), ("refuser", "refused")])
async def test_returning_and_refusing_ask_for_a_reason_that_the_author_reads(
    tmp_path: Path, peopled: Ledger, act: str, state: str
) -> None:
    alert = await submitted(peopled)
    async with person(tmp_path, "maire") as mayor:
        assert (await decide(mayor, alert, act, reason=" ")).status_code == 422
        assert await state_of(peopled, alert) == "pending_approval"
        why = "Le gymnase est fermé <b>"
        assert (await decide(mayor, alert, act, reason=why)).status_code == 303
    assert await state_of(peopled, alert) == state
    async with person(tmp_path, "etat_civil") as clerk:
        page = (await clerk.get(page_of(alert))).text
    assert "Le gymnase est fermé &lt;b&gt;" in page
    assert "Hélène Vasseur" in page


async def test_what_changed_since_it_was_read_last_is_shown(
    tmp_path: Path, peopled: Ledger
) -> None:
    alert = await submitted(peopled)
    desk = office(peopled)
    async with person(tmp_path, "maire") as mayor:
        assert "Ce qui a changé" not in (await mayor.get(page_of(alert))).text
        await decide(mayor, alert, "renvoyer", reason="Dites où aller")
        words = {"fr": {"sms": "Mairie: allez au gymnase. {lien}", "voice": "Allez au gymnase."}}
        await sketching.change(desk, alert, {"words": words}, revision=1, actor=OPERATOR)
        await sketching.freeze(desk, alert, revision=2, actor=OPERATOR)
        await life.submit(desk, alert, actor=OPERATOR)
        page = (await mayor.get(page_of(alert))).text
    assert "Ce qui a changé" in page
    assert re.search(r"<ins>.*?allez au gymnase", page, re.DOTALL)
    assert re.search(r"<del>", page)


async def test_two_who_decide_at_once_read_a_sentence(tmp_path: Path, peopled: Ledger) -> None:
    alert = await submitted(peopled)
    async with person(tmp_path, "maire") as mayor, person(tmp_path, "adj1") as deputy:
        read = _hidden((await deputy.get(page_of(alert))).text)
        await decide(mayor, alert, "valider", people="27", then="launch")
        answer = await deputy.post(
            f"{page_of(alert)}/valider", data={**dict(read), "people": "27"}, headers=_same()
        )
    assert answer.status_code == 409
    assert "elle ne peut pas être validée" in answer.text


async def test_a_text_that_changed_under_the_reader_is_not_approved(
    tmp_path: Path, peopled: Ledger
) -> None:
    alert = await submitted(peopled)
    desk = office(peopled)
    async with person(tmp_path, "maire") as mayor:
        read = _hidden((await mayor.get(page_of(alert))).text)
        await sketching.change(desk, alert, {"margin_m": 3.0}, revision=1, actor=OPERATOR)
        await sketching.freeze(desk, alert, revision=2, actor=OPERATOR)
        await life.submit(desk, alert, actor=OPERATOR)
        answer = await mayor.post(
            f"{page_of(alert)}/valider", data={**dict(read), "people": "27"}, headers=_same()
        )
    assert answer.status_code == 409
    assert "relisez-la" in answer.text
    assert await state_of(peopled, alert) == "pending_approval"


async def test_a_grave_act_asks_for_the_factor_again_and_comes_back_to_the_page(
    tmp_path: Path, peopled: Ledger
) -> None:
    alert = await submitted(peopled)
    async with person(tmp_path, "maire") as mayor:
        await long_ago(peopled)
        page = (await mayor.get(page_of(alert))).text
        assert 'name="people"' not in page  # nothing to type yet, so nothing to lose
        assert f'href="/confirmer?vers={page_of(alert)}"' in page
        late = await decide(mayor, alert, "valider", people="27")
        assert late.headers["location"] == f"/confirmer?vers={page_of(alert)}&tard=1"
        assert await state_of(peopled, alert) == "pending_approval"
        assert (await decide(mayor, alert, "renvoyer", reason="à revoir")).status_code == 303


async def long_ago(town: Ledger) -> None:
    """Let an hour have passed since the second factor was shown."""
    async with town.writing() as connection:
        await connection.execute(update(sessions).values(confirmed_at=1.0))


@pytest.mark.parametrize(
    ("login", "act"),
    [
        ("etat_civil", "valider"), ("etat_civil", "lancer"), ("etat_civil", "refuser"),
        ("observatrice", "soumettre"), ("observatrice", "redemander"), ("observatrice", "retirer"),
    ],
)  # fmt: skip
async def test_who_may_not_is_refused_at_the_door(
    tmp_path: Path, peopled: Ledger, login: str, act: str
) -> None:
    await add_user(peopled, "observatrice", "observer")
    alert = await submitted(peopled)
    async with person(tmp_path, login) as one:
        assert (await decide(one, alert, act, people="27", reason="x")).status_code == 403
    assert await state_of(peopled, alert) == "pending_approval"


async def test_what_nobody_wrote_is_no_page(tmp_path: Path, peopled: Ledger) -> None:
    async with person(tmp_path, "maire") as mayor:
        assert (await mayor.get(page_of("nulle-part"))).status_code == 404
