"""Residents of the sandbox write and ring as Twilio would hand it in; what they hear is kept."""

from typing import Any

import httpx
import pytest
from twilio.request_validator import RequestValidator
from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import Gather, VoiceResponse

from channels.twilio_callbacks import verify
from channels.twilio_inbound import (
    INBOUND_CALL_FIELDS,
    INBOUND_MESSAGE_FIELDS,
    read_ring,
    read_text,
)
from tests.sandbox_process import SandboxHandle
from tests.sandbox_receiver import Receiver
from tests.sandbox_sms_client import PUBLIC

pytest_plugins = ("tests.sandbox_doors",)
pytestmark = pytest.mark.asyncio(loop_scope="module")
ANNA, OURS = "+33639980042", "+33199000000"


def texting(*words: str) -> str:
    response = MessagingResponse()
    for one in words:
        response.message(one)
    return str(response)


async def text(sandbox: SandboxHandle, words: str = "1", times: int = 1) -> dict[str, Any]:
    return await sandbox.texted(ANNA, words, to=OURS, url=f"{PUBLIC}/reply", times=times)


async def test_an_sms_is_handed_in_signed_with_the_fields_we_take(
    sandbox: SandboxHandle, receiver: Receiver
) -> None:
    receiver.twiml["/reply"] = texting("Merci.")
    entry = await text(sandbox, "J'ai compris ✓")
    (post,) = receiver.posts
    assert RequestValidator(sandbox.auth_token).validate(
        f"{PUBLIC}/reply", post.fields, post.signature
    )
    form = verify(
        f"{PUBLIC}/reply",
        list(post.fields.items()),
        post.signature,
        sandbox.auth_token,
        known_fields=INBOUND_MESSAGE_FIELDS,
    )
    read = read_text(form)
    assert (read.sid, read.sender, read.to) == (entry["sid"], ANNA, OURS)
    assert read.text == "J'ai compris ✓"
    assert entry["detail"]["heard"] == [{"said": "Merci."}]
    assert [one["sid"] for one in await sandbox.ledger("sms-in")] == [entry["sid"]]


async def test_a_call_is_handed_in_its_keys_too_and_a_hidden_number_is_no_number(
    sandbox: SandboxHandle, receiver: Receiver
) -> None:
    asking = VoiceResponse()
    gather = Gather(num_digits=1, action=f"{PUBLIC}/key")
    gather.say("Crue.")
    asking.append(gather)
    thanks = VoiceResponse()
    thanks.say("Merci.")
    receiver.twiml.update({"/ring": str(asking), "/key": str(thanks)})
    entry = await sandbox.rung("", "2", to=OURS, url=f"{PUBLIC}/ring")
    forms = [
        verify(
            PUBLIC + post.path,
            list(post.fields.items()),
            post.signature,
            sandbox.auth_token,
            known_fields=INBOUND_CALL_FIELDS,
        )
        for post in receiver.posts
    ]
    assert [(one.caller, one.digit) for one in map(read_ring, forms)] == [("", ""), ("", "2")]
    assert entry["detail"]["heard"] == [{"said": "Crue."}, {"pressed": "2"}, {"said": "Merci."}]


async def test_the_same_sms_may_be_handed_in_many_times_at_once(
    sandbox: SandboxHandle, receiver: Receiver
) -> None:
    receiver.twiml["/reply"] = texting("Merci.")
    entry = await text(sandbox, times=10)
    assert len({post.fields["MessageSid"] for post in receiver.posts}) == 1
    assert entry["detail"]["answers"] == [[{"said": "Merci."}]] * 10


@pytest.mark.parametrize(
    ("answer", "heard"),
    [
        ("<Response/>", []),
        ("<Response><Message><Body>Oui</Body></Message></Response>", [{"said": "Oui"}]),
        ("<Response><Message/></Response>", [{"problem": "14103 a message without words"}]),
        ("<Response><Say>Oui</Say></Response>", ["12200"]),
        ("<html/>", ["12100"]),
    ],
)
async def test_what_answers_an_sms_is_judged_as_twilio_does(
    sandbox: SandboxHandle, receiver: Receiver, answer: str, heard: list[Any]
) -> None:
    receiver.twiml["/reply"] = answer
    found = (await text(sandbox))["detail"]["heard"]
    assert (
        [one["problem"][:5] for one in found] == heard
        if heard[:1]
        in (
            ["12200"],
            ["12100"],
        )
        else found == heard
    )


async def test_what_residents_send_is_not_counted_among_what_we_sent(
    sandbox: SandboxHandle, receiver: Receiver
) -> None:
    receiver.twiml["/reply"] = texting("Merci.")
    await text(sandbox)
    assert (await sandbox.summary())["accepted"] == 0
    (shown,) = await sandbox.outbox()
    assert (shown["medium"], shown["text"]) == ("sms-in", "1\nMerci.")


@pytest.mark.parametrize("order", [{}, {"from": 1}, {"from": ANNA, "to": OURS, "text": "1"}])
async def test_an_order_that_makes_no_sense_is_refused(
    sandbox: SandboxHandle, order: dict[str, object]
) -> None:
    for kind in ("sms", "call"):
        answer: httpx.Response = await sandbox.client.post(f"/sandbox/residents/{kind}", json=order)
        assert answer.status_code == 400
