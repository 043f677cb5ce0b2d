"""Bounces are asked for in the words of RFC 3461, where the server knows them."""

from dataclasses import replace
from pathlib import Path

import pytest

from channels.contract import AttemptToken, Unavailable
from channels.email import SmtpMail
from channels.verp import packed
from dispatcher.delivery.tokens import NamedAttempt, attempt_token
from tests.channel_accounts import PUBLIC_URL, message
from tests.outgoing import KEYS
from tests.test_email_refusals import CAMILLE, answering

TOKEN = attempt_token(KEYS, NamedAttempt("2A004", "ab" * 15, 7))
LATE = attempt_token(KEYS, NamedAttempt("2A004", "ab" * 15, 100))
KNOWS = {"EHLO": "250-mail.example\r\n250-DSN\r\n250 AUTH PLAIN", "DATA": "451 no"}
PLAIN = {"EHLO": "250-mail.example\r\n250 AUTH PLAIN", "DATA": "451 no"}


async def said(
    folder: Path, replies: dict[str, str], *, token: AttemptToken = TOKEN, **more: str
) -> str:
    """Return MAIL and RCPT as the server heard them."""
    heard: list[str] = []
    async with answering(folder, replies, heard=heard) as account:
        given = replace(account, values={**account.values, **more})
        async with SmtpMail.open(given, public_url=PUBLIC_URL) as channel:
            with pytest.raises(Unavailable):
                await channel.send(message(), CAMILLE, attempt=token)
    return "\n".join(line for line in heard if line.startswith(("MAIL", "RCPT")))


async def test_a_server_that_knows_how_is_asked_to_tell_of_failure_and_delay(
    tmp_path: Path,
) -> None:
    assert await said(tmp_path, KNOWS) == (
        f"MAIL FROM:<alerte@valombre.example> RET=HDRS ENVID={TOKEN.value}\n"
        f"RCPT TO:<{CAMILLE.value}> NOTIFY=FAILURE,DELAY"
    )


async def test_a_server_that_does_not_know_is_asked_nothing(tmp_path: Path) -> None:
    assert await said(tmp_path, PLAIN) == (
        f"MAIL FROM:<alerte@valombre.example>\nRCPT TO:<{CAMILLE.value}>"
    )


@pytest.mark.parametrize(
    ("bounces", "sender"),
    [
        ("retours@valombre.example", "retours@valombre.example"),
        ("rebonds+{token}@valombre.example", f"rebonds+{packed(TOKEN.value)}@valombre.example"),
    ],
)
async def test_bounces_come_to_an_address_of_their_own(
    tmp_path: Path, bounces: str, sender: str
) -> None:
    assert f"MAIL FROM:<{sender}>\n" in await said(tmp_path, PLAIN, bounces=bounces)


async def test_an_address_that_would_grow_too_long_is_done_without(tmp_path: Path) -> None:
    heard = await said(tmp_path, PLAIN, token=LATE, bounces="rebonds+{token}@valombre.example")
    assert "MAIL FROM:<alerte@valombre.example>\n" in heard


@pytest.mark.parametrize(
    "bounces", ["retours-des-alertes+{token}@valombre.example", "x", "a b@c.d"]
)
async def test_an_address_that_cannot_be_used_is_refused_before_anything_leaves(
    tmp_path: Path, bounces: str
) -> None:
    async with answering(tmp_path, PLAIN) as account:
        given = replace(account, values={**account.values, "bounces": bounces})
        with pytest.raises(ValueError, match="bounces"):
            async with SmtpMail.open(given, public_url=PUBLIC_URL):
                pass
