"""A mail that bounces is one that did not arrive; nothing but our own token moves anything."""

import random
import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from channels.bounces import MOST_BYTES, NoBounce, read_bounce
from channels.contract import Receipt, Status
from channels.verp import packed, unpacked
from dispatcher.delivery.bounces import Taken, take_bounce
from dispatcher.delivery.drain import drain
from dispatcher.delivery.tokens import NamedAttempt, TokenKeys, attempt_token
from dispatcher.store.ledger import Ledger
from dispatcher.store.outgoing import deliveries
from dispatcher.store.people import Contact
from tests.bounced_mail import REPORT, bounce, deep, vacation, verp
from tests.fake_channel import FakeChannel, door
from tests.outgoing import COMMUNE, KEYS, Inhabitant, Plan, only_row, planned
from tests.pursued_town import LONG, Town, mail, resident

STRANGER = TokenKeys(b"x" * 32, b"y" * 32)
TOKENS = st.builds(
    lambda commune, number, seed: (
        attempt_token(KEYS, NamedAttempt(commune, f"{seed:030x}", number)).value
    ),
    st.sampled_from(["99117", "2A004", "97411"]),
    st.integers(1, 150),
    st.integers(0, 2**120 - 1),
)


@pytest.fixture
async def token(ledger: Ledger) -> str:
    """Have one mail accepted; give the token of its attempt."""
    camille = Inhabitant("p1", (Contact("email", mail(1)),))
    await planned(ledger, Plan([camille], (("email",),)))
    fake = FakeChannel("email")
    await drain(door(ledger, fake))
    return fake.ledger[0].token


async def state(ledger: Ledger) -> tuple[object, ...]:
    row = await only_row(ledger)
    return row["state"], row["status"], row["reason"]


@pytest.mark.parametrize("where", ["envelope", "attempt", "to"])
async def test_a_bounce_is_known_by_any_of_the_places_that_hold_our_token(
    ledger: Ledger, token: str, where: str
) -> None:
    raw = bounce(**{where: verp(token) if where == "to" else token})
    taken = await take_bounce(ledger, KEYS, raw)
    assert (taken.outcome, taken.delivery) == ("taken", (await only_row(ledger))["delivery_id"])
    assert await state(ledger) == ("undelivered", "undelivered", "5.1.1")


@pytest.mark.parametrize(
    ("action", "code", "end"),
    [
        ("failed", "5.2.2", ("undelivered", "undelivered", "5.2.2")),
        ("delayed", "4.4.1", ("accepted", "sending", None)),
        ("delivered", "2.1.5", ("delivered", "delivered", None)),
        ("relayed", "2.1.9", ("accepted", "sent", None)),
        ("expanded", "2.1.5", ("accepted", "sent", None)),
    ],
)
async def test_each_action_has_its_meaning(
    ledger: Ledger, token: str, action: str, code: str, end: tuple[object, ...]
) -> None:
    await take_bounce(ledger, KEYS, bounce(action=action, status=code, attempt=token))
    assert await state(ledger) == end


async def test_the_same_bounces_in_any_order_ten_times_are_one(ledger: Ledger, token: str) -> None:
    told = [
        bounce(action="delayed", status="4.4.1", envelope=token),
        bounce(envelope=token),
        bounce(to=verp(token)),
    ] * 10
    random.Random(7).shuffle(told)  # noqa: S311 - an order, no secret
    outcomes = [(await take_bounce(ledger, KEYS, one)).outcome for one in told]
    assert outcomes.count("taken") == 2  # a delay and a failure
    assert await state(ledger) == ("undelivered", "undelivered", "5.1.1")


async def test_a_bounce_sends_the_next_medium_at_once(ledger: Ledger) -> None:
    town = Town(ledger)
    plan = Plan([resident(1)], (("email", "voice"),), escalation=LONG)
    await planned(ledger, plan)
    await town.send()
    assert await town.turn() == set()
    await take_bounce(ledger, KEYS, bounce(attempt=town.doors["email"].ledger[0].token))
    assert await town.turn() == {"voice"}
    await town.send()
    assert sum(town.got("voice").values()) == 1


async def test_a_bounce_of_an_older_attempt_closes_nothing(ledger: Ledger, token: str) -> None:
    async with ledger.writing() as connection:
        await connection.execute(update(deliveries).values(state="ready", next_at=0.0, rank=0))
    await drain(door(ledger, FakeChannel("email")))
    await take_bounce(ledger, KEYS, bounce(envelope=token))
    assert (await state(ledger))[0] == "accepted"


async def set_aside(ledger: Ledger, raw: bytes) -> str:
    """Take a message that must move nothing; return why it was set aside."""
    before = await only_row(ledger)
    taken = await take_bounce(ledger, KEYS, raw)
    assert (taken.outcome, taken.delivery) == ("set_aside", "")
    assert await only_row(ledger) == before
    return taken.reason


async def test_a_token_that_we_did_not_make_moves_nothing(ledger: Ledger, token: str) -> None:
    row = await only_row(ledger)
    named = NamedAttempt(COMMUNE, str(row["delivery_id"]), 1)
    forged = attempt_token(STRANGER, named).value
    for raw in (
        bounce(envelope=forged, message_id=f"<{row['delivery_id']}@valombre.example>"),
        bounce(attempt=forged),
        bounce(to=verp(forged)),
        bounce(envelope=token[:-1] + ("0" if token[-1] != "0" else "1")),
    ):
        assert await set_aside(ledger, raw) == "forged"


async def test_the_token_of_another_medium_moves_nothing(ledger: Ledger) -> None:
    camille = Inhabitant("p1", (Contact("mobile", "+33639980001"),))
    await planned(ledger, Plan([camille]))
    fake = FakeChannel()
    await drain(door(ledger, fake))
    assert await set_aside(ledger, bounce(envelope=fake.ledger[0].token)) == "no-such-mail"


async def test_a_notification_without_our_token_is_set_aside(ledger: Ledger, token: str) -> None:
    assert token
    assert await set_aside(ledger, bounce()) == "no-token"
    strange = "<0123456789abcdef0123456789abcd@valombre.example>"
    assert await set_aside(ledger, bounce(message_id=strange)) == "no-token"


async def test_the_message_id_alone_tells_which_mail_where_there_was_one_attempt(
    ledger: Ledger, token: str
) -> None:
    assert token
    ours = f"<{(await only_row(ledger))['delivery_id']}@valombre.example>"
    async with ledger.writing() as connection:
        await connection.execute(update(deliveries).values(attempts=2))
    assert await set_aside(ledger, bounce(message_id=ours)) == "no-token"
    async with ledger.writing() as connection:
        await connection.execute(update(deliveries).values(attempts=1))
    assert (await take_bounce(ledger, KEYS, bounce(message_id=ours))).outcome == "taken"


async def test_what_is_no_bounce_moves_nothing(ledger: Ledger, token: str) -> None:
    receipt = "multipart/report; report-type=disposition-notification; boundary=edge"
    for raw, reason in (
        (vacation(token), "not-a-report"),
        (b"", "not-a-report"),
        (bounce(attempt=token, kind="text/plain"), "not-a-report"),
        (bounce(attempt=token, kind=receipt), "not-a-report"),
        (bounce(attempt=token, kind=REPORT.partition("; boundary")[0]), "not-a-report"),
        (bounce(attempt=token, action="considered"), "no-status"),
        (bounce(attempt=token, to=verp(token), returned="multipart/report; x=y"), "of-a-bounce"),
        (deep(token), "no-status"),
    ):  # fmt: skip
        assert await set_aside(ledger, raw) == reason


@pytest.mark.parametrize("place", ["before", "inside", "after"])
def test_a_huge_message_is_read_no_further_than_a_bounce_may_need(place: str) -> None:
    """A hundredth of a second for each megabyte would be much; the bar is a busy machine's."""
    token = attempt_token(KEYS, NamedAttempt(COMMUNE, "ab" * 15, 1)).value
    fill = b"x" * 8_000_000
    raw = {
        "before": b"X-Fill: " + fill + b"\r\n" + bounce(attempt=token),
        "inside": bounce(attempt=token).replace(b"A person", fill),
        "after": bounce(attempt=token) + fill,
    }[place]
    started = time.perf_counter()
    if place == "after":
        assert read_bounce(raw).tokens == (token,)
    else:
        with pytest.raises(NoBounce):
            read_bounce(raw)
    assert time.perf_counter() - started < 2


NOISE = st.sampled_from((
    b"\r\n", b"\n\n", b"--edge", b"--edge--\r\n", b"Action: failed\r\n", b"\xff\xfe", b"\x00",
    b"Content-Type: message/delivery-status\r\n\r\n", b'boundary="', b"=?utf-8?q?=FF?=", b":",
    b"Content-Transfer-Encoding: base64\r\n", b"Original-Envelope-Id: +ZZ+41\r\n", b";",
))  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    places=st.lists(st.tuples(st.integers(0, 900), NOISE | st.binary(max_size=20)), max_size=12),
    kept=st.integers(0, 1000),
)
def test_no_damage_to_a_bounce_breaks_the_reader(
    places: list[tuple[int, bytes]], kept: int
) -> None:
    raw = bounce(envelope="a-b-1-c", attempt="a-b-1-c", to=verp("a-b-1-c"))
    for place, noise in places:
        raw = raw[:place] + noise + raw[place:]
    with suppress(NoBounce):
        assert read_bounce(raw[: len(raw) - kept]).receipts


@settings(max_examples=200, deadline=None)
@given(raw=st.binary(max_size=2000))
def test_any_bytes_are_no_bounce(raw: bytes) -> None:
    with pytest.raises(NoBounce):
        read_bounce(raw)


def test_what_a_gateway_encoded_is_read_all_the_same() -> None:
    plain = bounce(envelope="a-b-1-c")
    head = b"Content-Type: message/delivery-status\r\n"
    coded = plain.replace(head, head + b"Content-Transfer-Encoding: quoted-printable\r\n")
    coded = coded.replace(b"Action: failed", b"Action: =66ailed")
    assert read_bounce(coded) == read_bounce(plain)


def test_the_more_exact_code_is_kept() -> None:
    vague = bounce(status="5.0.0", diagnostic="550 5.7.26 unauthenticated (from 10.5.1.1)")
    assert read_bounce(vague).receipts == (Receipt(None, Status.UNDELIVERED, "5.7.26"),)


def test_an_envelope_id_in_xtext_is_read_as_it_was_given() -> None:
    assert read_bounce(bounce(envelope="a+2Bb+3Dc")).tokens == ("a+b=c",)


@settings(deadline=None)
@given(token=TOKENS)
def test_a_token_fits_an_address_and_comes_back_from_it_in_any_case(token: str) -> None:
    word = packed(token)
    assert unpacked(word) == unpacked(word.upper()) == token
    address = verp(token)
    assert len(address.partition("@")[0]) <= 64 or len(token.split("-")[2]) == 3
    for written in (address, address.upper(), f'"Retour" <{address}>'):
        assert read_bounce(bounce(to=written)).tokens == (token,)


@settings(deadline=None)
@given(word=st.text(max_size=80))
def test_any_other_word_is_no_token_or_one_that_is_judged(word: str) -> None:
    found = unpacked(word)
    assert found is None or isinstance(found, str)


def test_no_outcome_tells_of_anybody() -> None:
    assert set(vars(Taken())) == {"delivery", "reason", "new"}
    assert MOST_BYTES < 1_000_000
