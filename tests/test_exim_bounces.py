"""Real bounces: made by exim for mails of ours that do not arrive, read from a real mailbox."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from channels.email import SmtpMail
from dispatcher.delivery.drain import drain
from dispatcher.delivery.hearing import Hearing, hear
from dispatcher.delivery.mailbox import Mailbox, mailbox_fault, read_mailbox
from dispatcher.store.ledger import Ledger
from dispatcher.store.people import Contact
from tests.bounced_mail import bounce, vacation
from tests.dovecot_server import Dovecot, running_dovecot
from tests.exim_server import Exim, running_exim
from tests.fake_channel import FakeChannel, door
from tests.outgoing import KEYS, PUBLIC_URL, Inhabitant, Plan, only_row, planned
from tests.test_exim_judge import account

LOST, NOWHERE = "lost@valombre.example", "nowhere@valombre.example"
SLOWLY = "nowhere@slow.valombre.example"  # which is tried again


@pytest.fixture(scope="module")
def shared_exim(exim_program: Path) -> Iterator[Exim]:
    with running_exim(exim_program) as server:
        yield server


@pytest.fixture(scope="module")
def shared_dovecot(shared_exim: Exim, dovecot_program: Path) -> Iterator[Dovecot]:
    with running_dovecot(dovecot_program, shared_exim.maildir) as server:
        yield server


@dataclass(frozen=True)
class Post:
    """Where our mails leave to, where their bounces come, and the ledger that is told."""

    ledger: Ledger
    exim: Exim
    box: Mailbox

    async def send(self, to: str, **values: str) -> None:
        """Have a mail to this address accepted by the mail server."""
        await planned(self.ledger, Plan([Inhabitant("p1", (Contact("email", to),))], (("email",),)))
        given = replace(account(self.exim, **values), name="fake")
        async with SmtpMail.open(given, public_url=PUBLIC_URL) as channel:
            way_out = replace(door(self.ledger, FakeChannel("email")), channel=channel)
            await drain(way_out)
        assert (await only_row(self.ledger))["state"] == "accepted"

    async def read(self) -> int:
        """Read what is new in the mailbox."""
        return await read_mailbox(self.ledger, KEYS, self.box)

    async def state(self) -> tuple[object, object]:
        row = await only_row(self.ledger)
        return row["state"], row["status"]

    def keep(self, name: str, raw: bytes) -> None:
        """Put a message into the mailbox."""
        path = self.exim.maildir / "new" / name
        path.write_bytes(raw)
        os.chown(path, self.exim.maildir.stat().st_uid, -1)


def mailbox(dovecot: Dovecot, tls: str = "implicit", **other: object) -> Mailbox:
    port = dovecot.tls_port if tls == "implicit" else dovecot.starttls_port
    whole = Mailbox(
        dovecot.host,
        dovecot.user,
        SecretStr(dovecot.password),
        port=port,
        tls=tls,
        ca_file=str(dovecot.ca_file),
        every_s=0.0,
    )
    return replace(whole, **other)  # type: ignore[arg-type]  # fields of its own


@pytest.fixture
async def post(
    ledger: Ledger, shared_exim: Exim, shared_dovecot: Dovecot
) -> Post:  # fmt: skip
    for old in shared_exim.maildir.glob("*/*"):
        old.unlink()
    return Post(ledger, shared_exim, mailbox(shared_dovecot))


@pytest.mark.parametrize(
    ("to", "bounces"),
    [(LOST, ""), (NOWHERE, ""), (LOST, "rebonds+{token}@valombre.example")],
)
async def test_a_mail_that_does_not_arrive_is_known_as_such(
    post: Post, to: str, bounces: str
) -> None:
    await post.send(to, **({"bounces": bounces} if bounces else {}))
    (mail,) = await asyncio.to_thread(post.exim.delivered, 1)
    assert mail["Return-Path"] == "<>"
    assert ("rebonds+" in mail["To"]) == bool(bounces)
    assert await post.read() == 1
    assert await post.state() == ("undelivered", "undelivered")


async def test_a_mail_that_is_late_is_noted_and_nothing_moves(post: Post) -> None:
    await post.send(SLOWLY)
    await asyncio.sleep(1.2)
    await asyncio.to_thread(post.exim.run_queue)
    await asyncio.to_thread(post.exim.delivered, 1)
    assert await post.read() >= 1  # it may say so again
    assert await post.state() == ("accepted", "sending")
    await asyncio.to_thread(post.exim.empty_queue)


async def test_a_mail_that_arrives_brings_no_word(post: Post) -> None:
    await post.send("camille@valombre.example")
    (mail,) = await asyncio.to_thread(post.exim.delivered, 1)
    assert mail["Subject"] == "Crue"  # itself: the mailbox holds all of this town's mail
    assert await post.read() == 1
    assert await post.state() == ("accepted", "accepted")


async def test_nothing_in_the_mailbox_is_changed_and_nothing_is_read_twice(post: Post) -> None:
    await post.send(LOST)
    await asyncio.to_thread(post.exim.delivered, 1)
    post.keep("2", vacation("x-y-1-z"))
    before = {path.name: path.read_bytes() for path in (post.exim.maildir / "new").glob("*")}
    assert [await post.read() for _ in range(3)] == [2, 0, 0]
    after = {path.name: path.read_bytes() for path in (post.exim.maildir / "new").glob("*")}
    assert before == after  # still new: not even marked as seen
    post.keep("3", bounce())
    assert await post.read() == 1


async def test_a_mailbox_made_anew_is_read_anew_and_that_changes_nothing(post: Post) -> None:
    await post.send(LOST)
    await asyncio.to_thread(post.exim.delivered, 1)
    await post.read()
    row = await only_row(post.ledger)
    async with post.ledger.writing() as connection:
        await connection.exec_driver_sql("UPDATE mailboxes SET validity = validity + 1")
    assert await post.read() == 1
    assert await only_row(post.ledger) == row


async def test_a_long_mailbox_is_read_in_parts(post: Post) -> None:
    await post.send("camille@valombre.example")
    await asyncio.to_thread(post.exim.delivered, 1)
    for number in range(30):
        post.keep(f"{number}", bounce())
    assert [await post.read() for _ in range(3)] == [25, 6, 0]


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
def test_a_mailbox_opens_over_both_kinds_of_tls(shared_dovecot: Dovecot, tls: str) -> None:
    assert mailbox_fault(mailbox(shared_dovecot, tls)) == ""


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
@pytest.mark.parametrize(
    "wrong", [{"ca_file": ""}, {"password": SecretStr("wrong")}, {"folder": "Rien"}, {"port": 9}]
)
def test_a_mailbox_that_cannot_be_trusted_or_opened_is_told(
    shared_dovecot: Dovecot, tls: str, wrong: dict[str, object]
) -> None:
    fault = mailbox_fault(mailbox(shared_dovecot, tls, **wrong))
    assert fault.startswith("La boîte des retours")


async def test_a_mailbox_out_of_reach_is_tried_again_and_stops_nothing(post: Post) -> None:
    gone = replace(post.box, port=9)
    assert await read_mailbox(post.ledger, KEYS, gone) == 0
    assert await read_mailbox(post.ledger, KEYS, gone) == 0


async def test_a_worker_reads_the_mailbox_by_itself(post: Post) -> None:
    async def at_once(what: str, step: Callable[[], Awaitable[object]]) -> None:
        assert what
        await step()

    await post.send(LOST)
    listening = hear(
        Hearing(post.ledger, KEYS, (), None, 1, replace(post.box, every_s=0.1)), steadily=at_once
    )
    task = asyncio.create_task(listening)
    async with asyncio.timeout(20):
        while (await post.state())[0] != "undelivered":
            await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
