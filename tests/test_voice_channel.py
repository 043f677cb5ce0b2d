"""Calls by Twilio: heard, answered by a key, and left on an answering machine."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest

from channels.call_twiml import ENROLMENT, Spoken, call_twiml, keypad_answer
from channels.contract import Address, Attempt, NotAccepted, Refused, Status, Unit
from channels.twilio_callbacks import read_call_callback, verify
from channels.voice import LONGEST_TWIML, TwilioVoice
from tests.channel_accounts import PUBLIC_URL, TEXT, message, moved, token, twilio
from tests.sandbox_process import SandboxHandle, running_sandbox
from tests.sandbox_receiver import Receiver, running_receiver

TO = Address("voice", "+33639980042")
ISSUER = "Mairie de Valombre-sur-Lerne"
ACTION = f"{PUBLIC_URL}/hooks/twilio/keypad/{token().value}"


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with running_receiver() as served:
        yield served


@pytest.fixture
async def sandbox(tmp_path: Path, receiver: Receiver) -> AsyncIterator[SandboxHandle]:
    async with running_sandbox(tmp_path, callback_base=receiver.base, failures=True) as started:
        yield started


def document(language: str = "fr", text: str = TEXT) -> ElementTree.Element:
    return ElementTree.fromstring(  # noqa: S314 - our own words
        call_twiml(Spoken(text, language, ISSUER), action_url=ACTION)
    )


def answer(digit: str | None, language: str = "fr") -> tuple[str, str]:
    return keypad_answer(digit, Spoken(TEXT, language, ISSUER), action_url=ACTION)


def spoken(twiml: str) -> str:
    return " ".join(ElementTree.fromstring(twiml).itertext())  # noqa: S314 - our own words


@pytest.mark.parametrize(
    ("digit", "kind", "said"),
    [
        ("1", "enrolled", "Ce numéro sera alerté"),
        ("9", "declined", "ce numéro n'est pas inscrit"),
        ("0", "again", "Si vous acceptez, tapez 1. Si vous refusez, tapez 9."),
        ("2", "none", "Si vous acceptez, tapez 1. Si vous refusez, tapez 9."),
        (None, "none", "Au revoir."),
    ],
)
def test_whoever_answers_for_a_number_says_yes_by_1_and_no_by_9(
    digit: str | None, kind: str, said: str
) -> None:
    asked = Spoken(TEXT, "fr", ISSUER, offers_help=False, asks=ENROLMENT)
    meant, twiml = keypad_answer(digit, asked, action_url=ACTION)
    assert meant == kind
    assert said.casefold() in spoken(twiml).casefold()
    assert "112" not in spoken(twiml)  # nothing is in danger


async def call(sandbox: SandboxHandle, to: str) -> str | None:
    async with TwilioVoice.open(twilio(sandbox, "twilio-voice"), public_url=PUBLIC_URL) as channel:
        return (await channel.send(message(), Address("voice", to), attempt=token())).reference


def test_the_town_hall_is_named_first_and_the_words_come_twice_with_the_keys() -> None:
    gather = document().find("Gather")
    assert gather is not None
    assert gather.attrib["action"] == ACTION
    assert gather.attrib["numDigits"] == "1"
    (said,) = gather.findall("Say")
    assert said.attrib == {"language": "fr-FR", "loop": "2"}
    assert str(said.text).startswith(f"{ISSUER} vous appelle. {TEXT}")
    assert "tapez 1" in str(said.text)
    assert "tapez 2" in str(said.text)
    assert "tapez 0" in str(said.text)


def test_the_words_come_once_more_for_an_answering_machine() -> None:
    after = [verb.text for verb in document() if verb.tag == "Say"]
    assert after == [f"{ISSUER} vous appelle.", TEXT]


@pytest.mark.parametrize(("language", "voice"), [("en", "en-GB"), ("de-AT", "de-DE")])
def test_the_words_are_spoken_in_the_voice_of_their_language(language: str, voice: str) -> None:
    voices = [
        said.attrib["language"] for said in document(language).iter("Say") if said.text == TEXT
    ]
    assert voices[-1] == voice


def test_a_language_without_phrases_gets_short_words_twice() -> None:
    gather = document("de").find("Gather")
    assert gather is not None
    assert [said.text for said in gather].count("OK: 1. Help: 2. Again: 0.") == 2
    assert [said.text for said in gather].count(TEXT) == 2


def test_markup_and_control_signs_in_a_message_are_only_words() -> None:
    said = document(text="<Hangup/> & \x07 «eau»").find("Gather/Say")
    assert said is not None
    assert "<Hangup/> &   «eau»" in str(said.text)


@pytest.mark.parametrize("language", ["fr", "en", "pl"])
@pytest.mark.parametrize(
    ("digit", "kind"),
    [("1", "understood"), ("2", "help"), ("0", "again"), ("7", "none"), (None, "none")],
)
def test_a_key_means_one_thing_in_every_language(
    language: str, digit: str | None, kind: str
) -> None:
    assert answer(digit, language)[0] == kind


@pytest.mark.parametrize("language", ["fr", "en", "pl"])
def test_a_call_for_help_is_told_whom_to_call_and_promised_nothing(language: str) -> None:
    words = spoken(answer("2", language)[1])
    assert "112" in words
    assert "114" in words
    assert not any(word in words.lower() for word in ("arriv", "envoyons", "coming", "on the way"))


def test_the_french_answer_to_a_call_for_help_says_18_or_112() -> None:
    _, twiml = answer("2")
    assert "le 18 ou le 112" in spoken(twiml)
    assert "<Gather" not in twiml


def test_listening_again_says_the_words_and_asks_again() -> None:
    _, twiml = answer("0")
    assert TEXT in spoken(twiml)
    assert f'action="{ACTION}"' in twiml


def test_a_wrong_key_repeats_the_choice_and_silence_ends_the_call() -> None:
    assert "<Gather" in answer("7")[1]
    assert "<Gather" not in answer(None)[1]


async def test_a_person_presses_one_after_the_words(
    sandbox: SandboxHandle, receiver: Receiver
) -> None:
    path = f"/hooks/twilio/keypad/{token().value}"
    receiver.twiml[path] = answer("1")[1]
    reference = await call(sandbox, "+33639989900")
    (pressed,) = await receiver.received(1, path=path)
    form = verify(
        PUBLIC_URL + path, list(pressed.fields.items()), pressed.signature, sandbox.auth_token
    )
    assert (form["Digits"], form["CallSid"]) == ("1", reference)
    (entry,) = await sandbox.settled("voice", "completed")
    heard = [part["said"] for part in entry["detail"]["heard"] if "said" in part]
    assert TEXT in heard[0]
    assert heard[-1].startswith("Merci.")


async def test_the_stages_of_a_call_are_told_in_order(
    sandbox: SandboxHandle, receiver: Receiver
) -> None:
    path = f"/hooks/twilio/voice/{token().value}"
    await call(sandbox, "+33639989902")
    posts = await receiver.received(4, path=path)
    receipts = [
        read_call_callback(
            verify(PUBLIC_URL + path, list(p.fields.items()), p.signature, sandbox.auth_token)
        )
        for p in posts
    ]
    statuses = [receipt.status for receipt in receipts]
    assert statuses == [Status.QUEUED, Status.SENDING, Status.SENT, Status.DELIVERED]


@pytest.mark.parametrize(
    ("to", "detail"),
    [("+33639989904", "busy"), ("+33639989905", "no-answer"), ("+33639989907", "failed")],
)
async def test_a_call_nobody_took_is_undelivered_and_says_why(
    sandbox: SandboxHandle, receiver: Receiver, to: str, detail: str
) -> None:
    path = f"/hooks/twilio/voice/{token().value}"
    await call(sandbox, to)
    await sandbox.settled("voice", detail)
    last = (await receiver.received(3 if detail != "failed" else 2, path=path))[-1]
    receipt = read_call_callback(last.fields)
    assert (receipt.status, receipt.detail) == (Status.UNDELIVERED, detail)


async def test_an_answering_machine_hears_the_words(sandbox: SandboxHandle) -> None:
    await call(sandbox, "+33639989906")
    (entry,) = await sandbox.settled("voice", "completed")
    heard = [part["said"] for part in entry["detail"]["heard"] if "said" in part]
    assert heard[-1] == TEXT


async def test_words_too_long_for_a_call_are_refused_before_it(sandbox: SandboxHandle) -> None:
    long = message(text="é" * (LONGEST_TWIML // 2))
    async with TwilioVoice.open(twilio(sandbox, "twilio-voice"), public_url=PUBLIC_URL) as channel:
        with pytest.raises(Refused) as caught:
            await channel.send(long, TO, attempt=token())
    assert caught.value.code == "twiml-too-long"
    assert await sandbox.ledger("voice") == []


async def test_a_call_of_another_time_is_not_taken_for_this_one(sandbox: SandboxHandle) -> None:
    now = datetime.now(UTC)
    async with TwilioVoice.open(twilio(sandbox, "twilio-voice"), public_url=PUBLIC_URL) as channel:
        sent = await channel.send(message(), TO, attempt=token())
        found = await channel.find(Attempt(token(), TO, TEXT, now))
        before = await channel.find(Attempt(token(), TO, TEXT, now - timedelta(minutes=10)))
        known = frozenset({sent.reference or ""})
        of_another = await channel.find(Attempt(token(), TO, TEXT, now, known=known))
    assert of_another is None
    assert found is not None
    assert found.reference == sent.reference
    assert before is None


async def test_a_mobile_number_may_not_call(sandbox: SandboxHandle) -> None:
    account = moved(twilio(sandbox, "twilio-voice"), caller="+33639980000", in_progress="12")
    object.__setattr__(account, "sandbox", False)
    async with TwilioVoice.open(account, public_url=PUBLIC_URL) as channel:
        found = await channel.check()
        assert (channel.pace.unit, channel.pace.in_progress) == (Unit.CALLS, 12)
    assert not found.ok
    assert "06 ou 07" in found.problem


async def test_a_number_that_the_account_does_not_own_burns_no_recipient(
    sandbox: SandboxHandle,
) -> None:
    account = moved(twilio(sandbox, "twilio-voice"), caller="+33140000000")
    async with TwilioVoice.open(account, public_url=PUBLIC_URL) as channel:
        with pytest.raises(NotAccepted) as caught:
            await channel.send(message(), TO, attempt=token())
    assert (type(caught.value).__name__, caught.value.code) == ("Unavailable", "21210")
