"""The pretend voice operator over the wire: rings, listens to TwiML, presses keys, tells how."""

from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from twilio.request_validator import RequestValidator
from twilio.twiml.voice_response import Gather, VoiceResponse

from tests.sandbox_process import SandboxHandle, running_sandbox
from tests.sandbox_receiver import Post, Receiver
from tests.sandbox_sms_client import PUBLIC
from tests.twilio_shapes import faults_of

pytest_plugins = ("tests.sandbox_doors",)
pytestmark = pytest.mark.asyncio(loop_scope="module")

# Magic numbers (dispatcher/sandbox/callees.py), in force when failures are on.
PRESSES_1 = "+33199009900"
PRESSES_2 = "+33199009901"
SAYS_NOTHING = "+33199009902"
AGAIN_THEN_1 = "+33199009903"
SENDER = "+33199000000"
EVENTS = ["initiated", "ringing", "answered", "completed"]
ALERT = "Ici la mairie. Crue de la Lerne."


def asking_twiml(action: str = f"{PUBLIC}/hooks/key/token-1") -> str:
    """Word a call that asks for one key, and says goodbye without."""
    response = VoiceResponse()
    gather = Gather(num_digits=1, action=action, timeout=5)
    gather.say(ALERT, language="fr-FR")
    gather.pause(length=1)
    response.append(gather)
    response.say("Sans réponse, au revoir.")
    response.hangup()
    return str(response)


def saying_twiml(words: str) -> str:
    response = VoiceResponse()
    response.say(words)
    return str(response)


async def call(sandbox: SandboxHandle, **fields: str | list[str]) -> httpx.Response:
    form: dict[str, str | list[str]] = {"To": PRESSES_1, "From": SENDER, **fields}
    if "Url" not in form:
        form.setdefault("Twiml", asking_twiml())
    return await sandbox.client.post(f"{sandbox.account_path}/Calls.json", data=form)


@pytest_asyncio.fixture(loop_scope="module")
async def magic(sandbox: SandboxHandle) -> SandboxHandle:
    await sandbox.behave(failures=True)
    return sandbox


def valid(sandbox: SandboxHandle, post: Post) -> bool:
    validator = RequestValidator(sandbox.auth_token)
    return bool(validator.validate(PUBLIC + post.path, post.fields, post.signature))


async def test_a_call_has_the_shape_twilio_documents_from_first_to_last(
    magic: SandboxHandle,
) -> None:
    answer = await call(magic)
    assert answer.status_code == 201
    queued = answer.json()
    assert faults_of(queued, "api.v2010.account.call") == []
    await magic.settled("voice", "completed")
    path = f"{magic.account_path}/Calls/{queued['sid']}.json"
    ended = (await magic.client.get(path)).json()
    assert faults_of(ended, "api.v2010.account.call") == []
    assert (ended["status"], ended["to"]) == ("completed", PRESSES_1)
    assert ended["start_time"] is not None
    assert int(ended["duration"]) > 0


async def test_progress_is_told_in_order_signed_and_numbered(
    magic: SandboxHandle, receiver: Receiver
) -> None:
    callback = f"{PUBLIC}/hooks/call/token-1"
    receiver.twiml["/hooks/key/token-1"] = saying_twiml("Merci.")
    sid = (await call(magic, StatusCallback=callback, StatusCallbackEvent=EVENTS)).json()["sid"]
    posts = await receiver.received(4, path="/hooks/call")
    statuses = [post.fields["CallStatus"] for post in posts]
    assert statuses == ["initiated", "ringing", "in-progress", "completed"]
    assert [post.fields["SequenceNumber"] for post in posts] == ["0", "1", "2", "3"]
    for post in posts:
        assert valid(magic, post)
        assert post.fields["CallSid"] == sid
        assert post.fields["CallbackSource"] == "call-progress-events"
    assert int(posts[-1].fields["CallDuration"]) > 0


async def test_only_the_end_is_told_when_no_event_is_asked_for(
    magic: SandboxHandle, receiver: Receiver
) -> None:
    await call(magic, To=SAYS_NOTHING, StatusCallback=f"{PUBLIC}/hooks/call")
    await magic.settled("voice", "completed")
    [post] = await receiver.received(1)
    assert post.fields["CallStatus"] == "completed"


@pytest.mark.parametrize(("to", "key"), [(PRESSES_1, "1"), (PRESSES_2, "2")])
async def test_the_key_pressed_is_posted_signed_and_the_answer_is_heard(
    magic: SandboxHandle, receiver: Receiver, to: str, key: str
) -> None:
    receiver.twiml["/hooks/key/token-1"] = saying_twiml("Merci, c'est noté.")
    await call(magic, To=to)
    [entry] = await magic.settled("voice", "completed")
    [post] = receiver.posts
    assert valid(magic, post)
    assert (post.fields["Digits"], post.fields["CallStatus"]) == (key, "in-progress")
    assert entry["detail"]["heard"] == [
        {"said": ALERT},
        {"pressed": key},
        {"said": "Merci, c'est noté."},
    ]
    [item] = await magic.outbox()
    assert item["text"] == f"{ALERT}\n[{key}]\nMerci, c'est noté."
    assert item["pressed"] == key


async def test_who_presses_0_hears_it_again_by_a_relative_redirect(
    magic: SandboxHandle, receiver: Receiver
) -> None:
    again = VoiceResponse()
    again.redirect("../words")
    receiver.twiml["/hooks/key/token-1"] = str(again)
    receiver.twiml["/hooks/words"] = asking_twiml(action="/hooks/thanks")
    receiver.twiml["/hooks/thanks"] = saying_twiml("Merci.")
    await call(magic, To=AGAIN_THEN_1)
    [entry] = await magic.settled("voice", "completed")
    assert [post.path for post in receiver.posts] == [
        "/hooks/key/token-1",
        "/hooks/words",
        "/hooks/thanks",
    ]
    heard = entry["detail"]["heard"]
    assert [part.get("pressed") for part in heard if "pressed" in part] == ["0", "1"]
    assert [part.get("said") for part in heard].count(ALERT) == 2
    assert all(valid(magic, post) for post in receiver.posts)


async def test_who_presses_nothing_hears_what_follows_the_question(
    magic: SandboxHandle, receiver: Receiver
) -> None:
    await call(magic, To=SAYS_NOTHING)
    [entry] = await magic.settled("voice", "completed")
    assert entry["detail"]["heard"] == [{"said": ALERT}, {"said": "Sans réponse, au revoir."}]
    assert receiver.posts == []


async def test_the_words_may_be_fetched_by_url_and_make_the_distinct_delivery(
    magic: SandboxHandle, receiver: Receiver
) -> None:
    receiver.twiml["/words"] = saying_twiml("Crue.")
    for token in ("a", "b"):
        await call(magic, To=SAYS_NOTHING, Url=f"{PUBLIC}/words?token={token}")
    entries = await magic.settled("voice", "completed", number=2)
    assert [entry["content"] for entry in entries] == ["Crue.", "Crue."]
    assert all(valid(magic, post) for post in receiver.posts)
    summary = await magic.summary()
    assert (summary["distinct"], summary["copies_max"]) == (1, 2)


@pytest.mark.parametrize(
    ("to", "status"),
    [
        ("+33199009904", "busy"),
        ("+33199009905", "no-answer"),
        ("+33199009907", "failed"),
    ],
)
async def test_a_call_nobody_takes_ends_so_and_is_no_copy(
    magic: SandboxHandle, receiver: Receiver, to: str, status: str
) -> None:
    await call(magic, To=to, StatusCallback=f"{PUBLIC}/hooks")
    await magic.settled("voice", status)
    [post] = await receiver.received(1)
    assert (post.fields["CallStatus"], post.fields["CallDuration"]) == (status, "0")
    summary = await magic.summary()
    assert (summary["distinct"], summary["copies_max"]) == (1, 0)
    assert summary["calls"] == {status: 1}


async def test_a_voicemail_hears_the_words_and_is_told_from_a_person(
    magic: SandboxHandle, receiver: Receiver
) -> None:
    for to in ("+33199009906", SAYS_NOTHING):
        await call(magic, To=to, MachineDetection="Enable", StatusCallback=f"{PUBLIC}/hooks")
    await magic.settled("voice", "completed", number=2)
    posts = await receiver.received(2)
    found = {post.fields["To"]: post.fields["AnsweredBy"] for post in posts}
    assert found == {"+33199009906": "machine_start", SAYS_NOTHING: "human"}


@pytest.mark.parametrize(
    ("twiml", "problem"),
    [
        ("<Response><Say>Crue", "12100"),
        ("<Answer><Say>Crue</Say></Answer>", "12100"),
        ('<!DOCTYPE r [<!ENTITY a "b">]><Response><Say>&a;</Say></Response>', "12100"),
        ("<Response><Shout>Crue</Shout></Response>", "12200"),
        ("<Response><Redirect>https://alerte.valombre.example/gone</Redirect></Response>", "12100"),
    ],
)
async def test_a_document_that_cannot_be_spoken_is_told_in_the_ledger(
    magic: SandboxHandle, twiml: str, problem: str
) -> None:
    await call(magic, Twiml=twiml)
    [entry] = await magic.settled("voice", "completed")
    assert entry["detail"]["heard"][0]["problem"].startswith(problem)
    assert entry["reached"] is False


async def test_a_call_that_redirects_to_itself_ends(
    magic: SandboxHandle, receiver: Receiver
) -> None:
    receiver.twiml["/loop"] = "<Response><Redirect>/loop</Redirect></Response>"
    await call(magic, Url=f"{PUBLIC}/loop")
    [entry] = await magic.settled("voice", "completed")
    assert "hung up" in entry["detail"]["heard"][-1]["problem"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"To": ""}, 21201),
        ({"From": ""}, 21213),
        ({"To": "0199000000"}, 21211),
        ({"From": "VALOMBRE"}, 21212),
        ({"From": "+33639989900"}, 21210),
        ({"Url": "nowhere"}, 21205),
        ({"To": "+33199009917"}, 21211),
    ],
)
async def test_twilio_s_refusals_of_a_call_come_with_their_code(
    magic: SandboxHandle, fields: dict[str, str | list[str]], code: int
) -> None:
    answer = await call(magic, **fields)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert await magic.ledger() == []


async def test_a_lost_answer_can_be_looked_up_by_recipient(magic: SandboxHandle) -> None:
    await magic.faults("voice", "accept_then_500", count=1)
    assert (await call(magic)).status_code == 500
    path = f"{magic.account_path}/Calls.json"
    page = (await magic.client.get(path, params={"To": PRESSES_1})).json()
    assert [found["to"] for found in page["calls"]] == [PRESSES_1]


async def test_by_default_every_call_is_taken_and_most_press_1(
    tmp_path: Path, receiver: Receiver
) -> None:
    receiver.twiml["/hooks/key/token-1"] = saying_twiml("Merci.")
    async with running_sandbox(tmp_path, callback_base=receiver.base, latency_s=0.01) as plain:
        numbers = [f"+3319900{n:04d}" for n in range(9880, 9940)]  # magic ones among them
        for to in numbers:
            assert (await call(plain, To=to)).status_code == 201
        entries = await plain.settled("voice", "completed", number=len(numbers))
    pressed = [entry["detail"]["pressed"] for entry in entries]
    assert pressed.count("1") > 0.6 * len(numbers)
    assert set(pressed) == {"1", "2", ""}
