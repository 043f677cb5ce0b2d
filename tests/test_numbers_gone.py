"""A provider by HTTP says in its own words that a number is nobody's: then the contact fails."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from channels.contract import Address, Refused
from channels.gone import gone
from channels.http_sms_receipts import Posted, ReceiptDesk
from channels.http_sms_words import Faulty, described
from channels.registry import open_channel
from dispatcher.alerts import life
from dispatcher.delivery.drain import drain
from dispatcher.signup.asking import Desk
from dispatcher.signup.own_page import Page
from tests.channel_accounts import PUBLIC_URL, http_sms, message, token
from tests.corrected import approve_and_launch, plan_all
from tests.fake_channel import door
from tests.offices import AUTHOR
from tests.one_answer import running_answer
from tests.sandbox_process import running_sandbox
from tests.sandbox_receiver import running_receiver
from tests.test_failing import flagged, looked, page
from tests.test_http_sms_channel import TABLES, account, answer
from tests.test_own_history import flood

pytest_plugins = ("tests.signup_desks",)
__all__ = ["page"]  # a fixture

NOBODY, UNASSIGNED = "+33639989917", "+33639989912"  # magic numbers of the sandbox
FIELDS = {"to": "{to}", "text": "{text}", "hook": "{callback}"}


def refusing(**more: object) -> Mapping[str, object]:
    """Describe answers by which a number may be refused."""
    codes = {"nobody": "refused", "stopped": "refused", "422": "refused", "slow": "later"}
    return {"reference": "id", "code": "error", "codes": codes, **more}


@pytest.mark.parametrize(
    ("status", "error", "why"),
    [
        (400, "nobody", ["no_number"]),
        (200, "nobody", ["no_number"]),
        (422, "", ["no_number"]),
        (422, "stopped", []),  # its own code is what decides
        (400, "stopped", []),
    ],
)
async def test_a_refusal_named_in_the_description_flags_the_number(
    desk: Desk, page: Page, status: int, error: str, why: list[str]
) -> None:
    alert = await life.make_draft(desk.office, flood(), actor=AUTHOR)
    await approve_and_launch(desk.office, alert, key=alert)
    await plan_all(desk.office)
    told = answer(status, {"error": error} if error else {})
    async with running_answer(told) as server:
        one = account(server.url, answer=refusing(gone=["nobody", "422"]))
        async with open_channel(one, public_url=PUBLIC_URL) as channel:
            await drain(door(desk.office.ledger, channel))
    await looked(desk)
    assert await flagged(desk) == why


async def test_the_pretend_operator_tells_it_in_its_answer_and_in_its_receipt(
    tmp_path: Path,
) -> None:
    async with (
        running_receiver() as receiver,
        running_sandbox(tmp_path, callback_base=receiver.base, failures=True) as sandbox,
        open_channel(http_sms(sandbox), public_url=PUBLIC_URL) as channel,
    ):
        with pytest.raises(Refused) as caught:
            await channel.send(message(), Address("sms", NOBODY), attempt=token())
        await channel.send(message(), Address("sms", UNASSIGNED), attempt=token())
        posts = await receiver.received(2, path=f"/hooks/sms/http-sms/{token().value}")
    reader = ReceiptDesk.of(http_sms(sandbox))
    assert reader is not None
    last = Posted(posts[1].body, posts[1].headers)
    codes = [caught.value.code, reader.read(last, token="t")[1].detail]
    assert codes == ["gone:invalid_number", "gone:30005"]
    assert [gone("sms", code) for code in codes] == ["no_number"] * 2
    assert gone("email", codes[0]) == gone("sms", "invalid_number") == ""


@pytest.mark.parametrize(
    ("receipt", "told", "detail"),
    [
        ({"gone": ["NEVER"]}, {"st": "NEVER"}, "gone:NEVER"),
        ({"gone": ["unassigned"], "detail": "why"}, {"st": "KO", "why": "unassigned"},
         "gone:unassigned"),
        ({"gone": ["unassigned"], "detail": "why"}, {"st": "OK", "why": "unassigned"},
         "unassigned"),
        ({"detail": "why"}, {"st": "KO", "why": "unassigned"}, "unassigned"),
    ],
)  # fmt: skip
async def test_what_is_asked_for_says_it_as_a_receipt_does(
    receipt: dict[str, object], told: dict[str, str], detail: str
) -> None:
    statuses = {"OK": "delivered", "KO": "undelivered", "NEVER": "failed"}
    async with running_answer(answer(200, told)) as server:
        ask = {"url": f"{server.url}/m/{{id}}", "status": "st", "detail": "why"}
        words = {"status": "st", "statuses": statuses, **receipt}
        one = account(server.url, receipt=words, fields=FIELDS, ask=ask)
        async with open_channel(one, public_url=PUBLIC_URL) as channel:
            found = await channel.ask("9", to=Address("sms", NOBODY), attempt=token())
    assert found is not None
    assert found.detail == detail


@pytest.mark.parametrize(
    ("table", "given", "fault"),
    [
        ("answer", "nobody", "answer.gone: give a list of texts."),
        ("answer", ["nobody", 12], "answer.gone: give a list of texts."),
        ("answer", ["slow"], "answer.gone: slow is not a refused one of answer.codes."),
        ("answer", ["unheard"], "answer.gone: unheard is not a refused one of answer.codes."),
        ("receipt", {"KO": 1}, "receipt.gone: give a list of texts."),
        ("receipt", ["OK"], "receipt.gone: OK is not failed or undelivered in statuses."),
        ("receipt", [""], "receipt.gone: a text is empty."),
    ],
)
def test_a_faulty_list_is_told(table: str, given: object, fault: str) -> None:
    receipt = {"status": "st", "statuses": {"OK": "delivered", "KO": "undelivered"}}
    whole = {**TABLES, "answer": refusing(), "receipt": receipt, "fields": FIELDS}
    whole[table] = {**whole[table], "gone": given}  # type: ignore[dict-item]  # both are tables
    with pytest.raises(Faulty) as caught:
        described(account("https://sms.example", **whole))
    assert fault in caught.value.faults
