"""Every e-mail that leaves is taken by a real mail server, and read back whole."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from aiosmtplib.errors import SMTPDataError
from pydantic import SecretStr

from channels.contract import AccountSettings, Address, Message, NotAccepted, Refused, Unavailable
from channels.email import SmtpMail
from tests.channel_accounts import PUBLIC_URL, message, moved, token
from tests.exim_server import Exim, running_exim

CAMILLE = Address("email", "camille@valombre.example")


@pytest.fixture(scope="module")
def shared_exim(exim_program: Path) -> Iterator[Exim]:
    with running_exim(exim_program) as server:
        yield server


@pytest.fixture
def exim(shared_exim: Exim) -> Exim:
    for old in (shared_exim.folder / "maildir").glob("new/*"):
        old.unlink()
    return shared_exim


def account(exim: Exim, tls: str = "starttls", **values: str) -> AccountSettings:
    port = exim.starttls_port if tls == "starttls" else exim.tls_port
    plain = {
        "host": exim.host,
        "port": str(port),
        "tls": tls,
        "sender": "alerte@valombre.example",
        "ca_file": str(exim.ca_file),
    }
    return AccountSettings(
        "smtp",
        "smtp",
        rate_per_s=100.0,
        values={**plain, **values},
        secrets={"user": SecretStr(exim.user), "password": SecretStr(exim.password)},
    )


async def deliver(exim: Exim, sent: Message, *, tls: str = "starttls") -> EmailMessage:
    async with SmtpMail.open(account(exim, tls), public_url=PUBLIC_URL) as channel:
        await channel.send(sent, CAMILLE, attempt=token())
    (mail,) = await asyncio.to_thread(exim.delivered, 1)
    return mail


def part(mail: EmailMessage, kind: str) -> str:
    (found,) = [one for one in mail.walk() if one.get_content_type() == kind]
    assert isinstance(found, EmailMessage)
    return str(found.get_content())


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
async def test_an_alert_arrives_whole_over_an_encrypted_connection(exim: Exim, tls: str) -> None:
    mail = await deliver(exim, message(), tls=tls)
    assert mail["Subject"] == "Crue de la Lerne"
    assert mail["From"] == "Mairie de Valombre-sur-Lerne <alerte@valombre.example>"
    assert mail["To"] == CAMILLE.value
    assert mail["Message-ID"] == "<livraison1@valombre.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Return-Path"] == "<alerte@valombre.example>"
    assert parsedate_to_datetime(mail["Date"]).utcoffset() is not None
    assert part(mail, "text/plain").strip() == message().text
    assert f'<a href="{message().answer_url}">' in part(mail, "text/html")
    assert "esmtpsa" in mail["Received"]  # encrypted and signed in


@pytest.mark.parametrize(
    "text",
    [
        "Une ligne",
        "Deux\n\nparagraphes\nsur trois lignes\n",
        ".\n..\n.un point en tête\n",
        "From ici\n>From là",
        "é" * 5000,
        "mot " * 3000,
        "espaces à la fin   \n\ttabulation\t\n",
        "égal = =3D =\n=?utf-8?q?x?=",
        "العربية 🌊 Ελληνικά",
        '<b>pas du HTML</b> & "guillemets"',
        "avant https://alerte.valombre.example/a/xyz après https://alerte.valombre.example/a/xyz.",
    ],
)
async def test_any_words_arrive_as_they_were_written(exim: Exim, text: str) -> None:
    mail = await deliver(exim, message(text=text))
    assert part(mail, "text/plain").replace("\r\n", "\n").strip("\n") == text.strip("\n")


@pytest.mark.parametrize(
    "subject",
    ["Évacuation à Œuilly", "x" * 300, "é" * 120, "=?utf-8?q?piège?=", 'a "b" <c>', " à "],
)
async def test_any_subject_arrives_as_it_was_written(exim: Exim, subject: str) -> None:
    mail = await deliver(exim, replace(message(), subject=subject))
    assert str(mail["Subject"]).strip() == subject.strip()


async def test_each_person_gets_their_own_link_from_one_template(exim: Exim) -> None:
    people = [f"https://alerte.valombre.example/a/{name * 40}?x=1&y={name}" for name in "abc"]
    async with SmtpMail.open(account(exim), public_url=PUBLIC_URL) as channel:
        for number, link in enumerate(people):
            own = replace(message(text=f"Répondez : {link} merci"), answer_url=link)
            to = Address("email", f"p{number}@valombre.example")
            await channel.send(own, to, attempt=token(number))
    mails = await asyncio.to_thread(exim.delivered, 3)
    for mail in mails:
        number = int(str(mail["To"])[1])
        assert part(mail, "text/plain").strip() == f"Répondez : {people[number]} merci"
        assert f'href="{people[number].replace("&", "&amp;")}"' in part(mail, "text/html")


async def test_many_mails_share_few_connections(exim: Exim) -> None:
    async with SmtpMail.open(account(exim), public_url=PUBLIC_URL) as channel:
        await asyncio.gather(
            *(
                channel.send(
                    message(), Address("email", f"p{n}@valombre.example"), attempt=token(n)
                )
                for n in range(60)
            )
        )
        assert len(channel.pool.idle) <= 10
    mails = await asyncio.to_thread(exim.delivered, 60)
    assert len({mail["Message-ID"] for mail in mails}) == 60


@pytest.mark.parametrize(
    ("local", "kind", "code"), [("unknown", Refused, "5.1.1"), ("later", Unavailable, "450")]
)
async def test_a_refused_recipient_leaves_the_connection_to_the_others(
    exim: Exim, local: str, kind: type[NotAccepted], code: str
) -> None:
    async with SmtpMail.open(account(exim), public_url=PUBLIC_URL) as channel:
        with pytest.raises(NotAccepted) as caught:
            await channel.send(
                message(), Address("email", f"{local}@valombre.example"), attempt=token()
            )
        assert (type(caught.value), caught.value.code) == (kind, code)
        assert len(channel.pool.idle) == 1
        await channel.send(message(), CAMILLE, attempt=token(2))
        assert len(channel.pool.idle) == 1
    await asyncio.to_thread(exim.delivered, 1)


async def test_a_wrong_password_burns_no_recipient(exim: Exim) -> None:
    wrong = replace(account(exim), secrets={"user": SecretStr("x"), "password": SecretStr("y")})
    async with SmtpMail.open(wrong, public_url=PUBLIC_URL) as channel:
        with pytest.raises(Unavailable, match="mot de passe") as caught:
            await channel.send(message(), CAMILLE, attempt=token())
        found = await channel.check()
    assert caught.value.code == "535"
    assert not found.ok


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
async def test_a_certificate_that_cannot_be_checked_lets_nothing_leave(
    exim: Exim, tls: str
) -> None:
    async with SmtpMail.open(account(exim, tls, ca_file=""), public_url=PUBLIC_URL) as channel:
        with pytest.raises(Unavailable) as caught:
            await channel.send(message(), CAMILLE, attempt=token())
    assert caught.value.code == "no-tls"
    assert exim.count() == 0


async def test_a_certificate_of_another_name_lets_nothing_leave(exim: Exim) -> None:
    other = moved(account(exim), host="127.0.0.2")
    async with SmtpMail.open(other, public_url=PUBLIC_URL) as channel:
        with pytest.raises(Unavailable) as caught:
            await channel.send(message(), CAMILLE, attempt=token())
    assert caught.value.code == "no-tls"
    assert exim.count() == 0


async def test_a_sound_account_signs_in(exim: Exim) -> None:
    async with SmtpMail.open(account(exim), public_url=PUBLIC_URL) as channel:
        assert (await channel.check()).ok


async def test_the_judge_refuses_a_mail_that_is_no_mail(exim: Exim) -> None:
    async with (
        SmtpMail.open(account(exim), public_url=PUBLIC_URL) as channel,
        channel.pool.connection() as smtp,
    ):
        await smtp.mail("alerte@valombre.example")
        await smtp.rcpt(CAMILLE.value)
        with pytest.raises(SMTPDataError, match="554"):
            await smtp.data(b"From: not an address @@\r\nTo: <<>>\r\n\r\nx\r\n")
    assert exim.count() == 0
