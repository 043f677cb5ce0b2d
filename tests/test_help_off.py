"""A commune that takes no request for help offers none anywhere, and tells of 18 and 112."""

import html
import re
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from channels.call_twiml import Spoken, call_twiml, keypad_answer, ring_twiml
from dispatcher.alerts.drafting import Wanted
from dispatcher.alerts.life import make_draft
from dispatcher.alerts.plan_in_force import load, read
from dispatcher.delivery.content import Content, Reader, message_for
from dispatcher.store.ledger import Ledger
from dispatcher.store.replies import to_read
from dispatcher.store.situation import progress
from dispatcher.store.versions import version_of
from plans.replies import help_offer_in
from tests.answering_town import Town
from tests.offices import AUTHOR, BRUZ, bruz_office, bruz_plan
from tests.outgoing import COMMUNE, CONTENT, Plan, crowd, phone
from tests.situations import Planned, change_version, write_alert

pytest_plugins = ("tests.console_visits",)
POLICY = "alerte/reglement.yaml"
WITHOUT = b"emetteur_sms: Bruz\ndemande_aide: false\n"
SPOKEN = Spoken("Montez.", "fr", "Mairie de Bruz", offers_help=False)
URL = "https://alerte.bruz.example/hooks/twilio/keypad/x"


async def test_the_policy_is_frozen_in_the_alert_when_it_is_drafted(
    ledger: Ledger, tmp_path: Path
) -> None:
    office = await bruz_office(ledger, tmp_path, "circle_150m")
    reading = await load(office, {**bruz_plan("circle_150m"), POLICY: WITHOUT}, actor=AUTHOR)
    assert reading.plan is not None, reading.faults
    ident = await make_draft(office, Wanted(scenario="crue"), actor=AUTHOR)
    await load(office, bruz_plan("circle_150m"), actor=AUTHOR)
    version = await version_of(ledger, BRUZ, ident)
    assert version is not None
    content = Content.of(version.content)
    assert not content.offers_help
    reader = Reader("voice", "fr", "https://x.example/a/1")
    message = message_for(content, reader, alert="a", expires_at=datetime.now(UTC))
    assert not message.offers_help


def test_help_is_offered_where_the_policy_says_nothing() -> None:
    reading = read({**bruz_plan("circle_150m"), POLICY: b"emetteur_sms: Bruz\n"})
    assert reading.plan is not None
    assert reading.plan.policy.offers_help


@pytest.mark.parametrize(
    ("words", "refused"),
    [
        ("Tapez 2 pour de l'aide.", True),
        ("Appuyez sur la touche 2.", True),
        ("press 2 for help", True),
        ("Tapez 1.", False),
        ("Répondez au 112", False),
    ],
)
def test_a_template_that_offers_help_is_a_fault_beside_such_a_policy(
    words: str, refused: bool
) -> None:
    assert bool(help_offer_in(words)) == refused
    files = bruz_plan("circle_150m")
    name = "alerte/modeles/crue.yaml"
    files[name] = files[name].replace(b"La Vilaine monte. Quittez", words.encode() + b" Quittez", 1)
    reading = read({**files, POLICY: WITHOUT})
    assert [fault.path for fault in reading.faults] == (["voix"] if refused else [])
    assert read(files).plan is not None


def test_a_call_offers_one_key_and_sends_who_presses_2_to_18_or_112() -> None:
    for twiml in (call_twiml(SPOKEN, action_url=URL), ring_twiml(SPOKEN, action_url=URL)):
        assert "tapez 1" in twiml
        assert "tapez 2" not in twiml
    kind, twiml = keypad_answer("2", SPOKEN, action_url=URL)
    assert kind == "none"
    assert "le 18 ou le 112" in twiml
    assert "tapez 1" in twiml
    assert keypad_answer("1", SPOKEN, action_url=URL)[0] == "understood"


async def test_an_sms_that_asks_for_help_is_sent_to_18_or_112_and_kept_for_the_desk(
    ledger: Ledger,
) -> None:
    town = Town(ledger)
    version = await town.sent(Plan(crowd(1), two_way=True, offers_help=False))
    words = await town.texts(phone(0), "2")
    assert "ne prend pas de demande d'aide" in words
    assert "le 18 ou le 112 (114 par SMS)" in words
    assert await town.answered() == set()
    (kept,) = await to_read(ledger, COMMUNE, alert_id=version.alert_id)
    assert (kept.kind, kept.said) == ("help", "no_help")
    assert "Répondez 1 si vous avez compris l'alerte." in await town.texts(phone(0), "quoi ?")


async def test_who_rings_back_is_offered_one_key(ledger: Ledger) -> None:
    town = Town(ledger)
    version = await town.sent(Plan(crowd(1), (("voice",),), offers_help=False))
    assert "tapez 2" not in await town.rings(phone(0))
    assert "le 18 ou le 112" in str(await town.presses(phone(0), "2", version))
    assert await town.answered() == set()


async def test_the_page_shows_no_button_of_help_and_sends_who_writes_for_it_to_18_or_112(
    visitor: httpx.AsyncClient, town: Ledger
) -> None:
    written = await write_alert(town, Planned(lines=(("sms", "delivered", 1),)))
    content = CONTENT.as_json() | {"offers_help": False}
    await change_version(town, written, content=content)
    (token,) = written.tokens.values()
    page = html.unescape((await visitor.get(f"/a/{token}")).text)
    assert re.findall(r'<button[^>]*value="(\w+)"', page) == ["understood", "write"]
    assert 'href="tel:112"' in page
    await visitor.post(f"/a/{token}", data={"kind": "help"})
    assert (await progress(town, COMMUNE, written.version_id)).need_help == 0
    await visitor.post(f"/a/{token}", data={"kind": "understood"})
    assert (await progress(town, COMMUNE, written.version_id)).understood == 1
    page = (await visitor.get(f"/a/{token}")).text
    assert re.findall(r'<button[^>]*value="(\w+)"', page) == ["write"]
    await visitor.post(f"/a/{token}", data={"kind": "write", "words": "au secours", "once": "a"})
    assert (await progress(town, COMMUNE, written.version_id)).need_help == 0
    page = html.unescape((await visitor.get(f"/a/{token}")).text)
    assert "Pour de l'aide, appelez le 18 ou le 112." in page
