"""E-mail: a refusal of the account burns no recipient, and a busy server leaves no doubt."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr

from channels.contract import (
    AccountSettings,
    Address,
    NotAccepted,
    Refused,
    Unavailable,
    Unknown,
)
from channels.email import SmtpMail
from channels.gone import gone
from dispatcher.sandbox.certificates import mail_tls
from tests.channel_accounts import PUBLIC_URL, message, smtp, token
from tests.sandbox_process import running_sandbox

CAMILLE = Address("email", "camille@valombre.example")
SOUND = {"EHLO": "250-mail.example\r\n250 AUTH PLAIN", "AUTH": "235 welcome", "DATA": "354 go"}


@asynccontextmanager
async def answering(
    folder: Path, replies: Mapping[str, str], *, heard: list[str] | None = None
) -> AsyncIterator[AccountSettings]:
    """Serve SMTP over TLS with these replies by verb, and give an account there."""
    told = {"CONNECT": "220 mail.example", **SOUND, **replies}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"{told['CONNECT']}\r\n".encode())
        content = False
        while line := await reader.readline():
            if heard is not None:
                heard.append(line.decode("latin-1").strip())
            if content and line != b".\r\n":
                continue
            verb = (line.split() or [b""])[0].decode("latin-1").upper()
            answer = told.get(verb, "250 OK")
            content = verb == "DATA" and answer.startswith("354")
            writer.write(f"{answer}\r\n".encode())
        writer.close()

    tls = mail_tls(folder)
    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls) as server:
        values = {
            "host": "127.0.0.1",
            "port": str(server.sockets[0].getsockname()[1]),
            "tls": "implicit",
            "sender": "alerte@valombre.example",
            "ca_file": str(folder / "ca.pem"),
        }
        secrets = {"user": SecretStr("tocsin"), "password": SecretStr("secret")}
        yield AccountSettings("smtp", "smtp", 10.0, values=values, secrets=secrets)


@pytest.mark.parametrize(
    ("verb", "reply", "kind"),
    [
        ("CONNECT", "554 No mail from your address today", Unavailable),
        ("AUTH", "550 Account blocked", Unavailable),
        ("MAIL", "550 5.1.0 Sender rejected", Unavailable),
        ("MAIL", "553 5.7.1 Not your address", Unavailable),
        ("RCPT", "550 5.1.1 No such mailbox", Refused),
        ("RCPT", "501 5.1.3 Bad recipient address", Refused),
        ("RCPT", "504 5.5.2 Need a fully-qualified address", Refused),
        ("RCPT", "530 5.7.0 Sign in first", Unavailable),
        ("RCPT", "450 4.2.1 Later", Unavailable),
    ],
)
async def test_a_refusal_is_the_persons_only_once_the_person_was_named(
    tmp_path: Path, verb: str, reply: str, kind: type[NotAccepted]
) -> None:
    async with (
        answering(tmp_path, {verb: reply}) as account,
        SmtpMail.open(account, public_url=PUBLIC_URL) as channel,
    ):
        with pytest.raises(NotAccepted) as caught:
            await channel.send(message(), CAMILLE, attempt=token())
    assert type(caught.value) is kind
    assert caught.value.code == (reply.split()[1] if kind is Refused else reply[:3])


@pytest.mark.parametrize(
    ("verb", "reply", "code", "why"),
    [
        ("RCPT", "550 5.1.1 No such mailbox", "5.1.1", "no_mailbox"),
        ("RCPT", "550-5.1.1 The account\r\n550 5.1.1 does not exist", "5.1.1", "no_mailbox"),
        ("RCPT", "550 No such mailbox", "550", "no_mailbox"),
        ("RCPT", "550 5.5.0 Mailbox unavailable", "550", "no_mailbox"),
        ("RCPT", "550 5.7.1 Client host blocked", "5.7.1", ""),
        ("RCPT", "550 5.7.606 Access denied", "5.7.606", ""),
        ("RCPT", "550 5.2.0 Mailbox busy with a rule", "5.2.0", ""),
        ("RCPT", "552 5.2.2 Mailbox full", "5.2.2", ""),
        ("DATA", "550 Spam", "data-550", ""),
        ("DATA", "550 5.0.0 Spam", "data-550", ""),
        ("DATA", "550 5.7.1 Spam", "5.7.1", ""),
        ("DATA", "553 Not allowed", "data-553", ""),
        (".", "550 Rejected by the filter", "data-550", ""),
        (".", "554 5.7.1 Spam", "5.7.1", ""),
        (".", "550 5.1.1 No such mailbox", "5.1.1", "no_mailbox"),
    ],
)
async def test_a_refusal_says_nobodys_only_where_the_server_does(
    tmp_path: Path, verb: str, reply: str, code: str, why: str
) -> None:
    async with (
        answering(tmp_path, {verb: reply}) as account,
        SmtpMail.open(account, public_url=PUBLIC_URL) as channel,
    ):
        with pytest.raises(Refused) as caught:
            await channel.send(message(), CAMILLE, attempt=token())
    assert (caught.value.code, gone("email", caught.value.code)) == (code, why)


async def test_a_server_that_takes_no_password_is_not_called_out_of_reach(tmp_path: Path) -> None:
    async with (
        answering(tmp_path, {"EHLO": "250 mail.example"}) as account,
        SmtpMail.open(account, public_url=PUBLIC_URL) as channel,
    ):
        found = await channel.check()
    assert "mot de passe" in found.problem


@pytest.mark.alone("a second decides what has left")
async def test_a_slow_server_leaves_no_mail_in_doubt(tmp_path: Path) -> None:
    """Two seconds a mail and ten connections: who cannot start in time has surely not left."""
    async with (
        running_sandbox(tmp_path) as sandbox,
        SmtpMail.open(smtp(sandbox), public_url=PUBLIC_URL) as channel,
    ):
        await sandbox.faults("email", "timeout", delay_s=2)
        started = time.monotonic()
        sending = (
            channel.send(message(), Address("email", f"p{n}@valombre.example"), attempt=token(n))
            for n in range(80)
        )
        answers = await asyncio.gather(*sending, return_exceptions=True)
        took_s = time.monotonic() - started
        kept = await sandbox.ledger("email")
    assert not [answer for answer in answers if isinstance(answer, Unknown)]
    accepted = [answer for answer in answers if not isinstance(answer, NotAccepted)]
    assert len(accepted) == len(kept) >= 10
    assert took_s < 10


@pytest.mark.alone("a wait ends within a second of its limit")
async def test_a_server_that_swallows_packets_is_left_after_three_seconds() -> None:
    with socket.socket() as full, ExitStack() as held:
        full.bind(("127.0.0.1", 0))
        full.listen(0)  # one caller waits, the next ones get no answer at all
        for _ in range(3):
            caller = held.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(full.getsockname())
        port = str(full.getsockname()[1])
        values = {"host": "127.0.0.1", "port": port, "sender": "alerte@valombre.example"}
        account = AccountSettings("smtp", "smtp", 10.0, values=values)
        async with SmtpMail.open(account, public_url=PUBLIC_URL) as channel:
            started = time.monotonic()
            with pytest.raises(Unavailable) as caught:
                await channel.send(message(), CAMILLE, attempt=token())
    assert caught.value.code == "no-connection"
    assert 2.5 < time.monotonic() - started < 4
