"""E-mail: nothing gets into a header, nothing leaves unencrypted, and what left is told apart."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import SMTP, default
from email.utils import parseaddr
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from channels.contract import AccountSettings, Address, NotAccepted, Refused, Unavailable, Unknown
from channels.email import SmtpMail
from channels.mime import Envelope, mail_address, mail_bytes
from tests.channel_accounts import PUBLIC_URL, message, moved, smtp, token
from tests.sandbox_process import SandboxHandle, running_sandbox

ENVELOPE = Envelope("alerte@valombre.example")
TO = "camille@valombre.example"
CAMILLE = Address("email", TO)
HEADERS = {
    *("To", "Message-ID", "Date", "Subject", "From", "Content-Language", "Auto-Submitted"),
    *("X-Auto-Response-Suppress", "Importance", "MIME-Version", "Content-Type", "X-Tocsin-Attempt"),
}


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[SandboxHandle]:
    async with running_sandbox(tmp_path, failures=True) as started:
        yield started


def read(raw: bytes) -> EmailMessage:
    mail = message_from_bytes(raw, policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


@given(st.text(max_size=200), st.text(max_size=60), st.text(max_size=60))
def test_no_words_ever_add_a_header_or_a_part(text: str, subject: str, issuer: str) -> None:
    sent = replace(message(text=text), subject=subject, issuer=issuer)
    try:
        raw = mail_bytes(sent, TO, attempt=token(), envelope=ENVELOPE)
    except Refused:
        return
    mail = read(raw)
    assert set(mail.keys()) == HEADERS
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert mail["To"] == TO
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")


PLACES = ("Château", "d'eau", "Saint-Étienne", "Œuilly", "et", "(Campagne)", "Pays,", '"Vieux"')


@given(st.lists(st.sampled_from(PLACES), min_size=1, max_size=12).map(" ".join))
def test_a_place_name_arrives_as_it_was_written_however_long_the_heading(name: str) -> None:
    """Read by the older parser: that of Python 3.11 adds spaces to names of several words."""
    raw = mail_bytes(
        replace(message(), subject=name, issuer=name), TO, attempt=token(), envelope=ENVELOPE
    )
    mail = message_from_bytes(raw)
    written, address = parseaddr(mail["From"].replace("\r\n", ""))
    subject, sender = (str(make_header(decode_header(one))) for one in (mail["Subject"], written))
    assert (subject, sender, address) == (name, name, ENVELOPE.sender)


def test_a_heading_may_hold_the_words_that_mark_the_parts() -> None:
    words = "tocsin-part-text tocsin-part-page"
    raw = mail_bytes(replace(message(), subject=words), TO, attempt=token(), envelope=ENVELOPE)
    assert read(raw)["Subject"] == words
    assert body(read(raw), "plain").strip() == message().text


@pytest.mark.parametrize("field", ["subject", "issuer"])
@pytest.mark.parametrize("broken", ["a\r\nBcc: x@x.example", "a\nb", "a\rb", "a\x00", "a\u2028b"])
def test_a_line_break_in_a_heading_is_refused(field: str, broken: str) -> None:
    sent = replace(message(), **{field: broken})  # type: ignore[arg-type]  # both are texts
    with pytest.raises(Refused) as caught:
        mail_bytes(sent, TO, attempt=token(), envelope=ENVELOPE)
    assert caught.value.code == "header-injection"


@pytest.mark.parametrize(
    "address",
    [
        *("", "@", "a", "a@", "@valombre.example", "a b@valombre.example", "a@b@valombre.example"),
        *("a\r\nb@valombre.example", "a@valombre.example\r\n", "a@valombre.example\nRCPT TO:<x@y>"),
        *("<a@valombre.example>", "a@valombre..example", ".a@valombre.example", "a..b@x.example"),
        *("a,b@valombre.example", "a@[127.0.0.1]", "a@-x.example", "é@valombre.example"),
        *(f"{'a' * 65}@valombre.example", f"a@{'x' * 64}.example", "a@\u3002", '"a b"@x.example'),
        f"a@{'x.' * 130}example",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(Refused) as caught:
        mail_address(address)
    assert caught.value.code == "bad-address"
    assert "@" not in str(caught.value)


def test_a_domain_with_accents_is_written_for_the_network() -> None:
    assert mail_address("marie.o'neil+crue@évêché.example") == (
        "marie.o'neil+crue@xn--vch-9ladd.example"
    )


@given(st.text(max_size=80))
def test_an_accepted_address_holds_nothing_that_smtp_reads(address: str) -> None:
    try:
        written = mail_address(address)
    except Refused:
        return
    assert not set(written) & set(' \r\n\t<>,;:\\"')
    assert written.count("@") == 1


def test_the_message_id_is_the_same_over_attempts_and_the_date_is_not_missing() -> None:
    again = replace(token(), value="c-livraison1-2-zzzzzzzzzzzzzzzz")
    mails = [
        read(mail_bytes(message(), TO, attempt=one, envelope=ENVELOPE)) for one in (token(), again)
    ]
    assert {str(mail["Message-ID"]) for mail in mails} == {"<livraison1@valombre.example>"}


def test_the_page_shows_the_text_and_no_markup_of_it() -> None:
    mail = read(
        mail_bytes(
            message(text="<script>x</script>\n\n& «suite»"), TO, attempt=token(), envelope=ENVELOPE
        )
    )
    page = body(mail, "html")
    assert "<script" not in page
    assert "<p>&lt;script&gt;x&lt;/script&gt;</p>" in page
    assert '<html lang="fr" dir="ltr">' in page
    assert "<h1" in page


def test_a_page_of_ones_own_is_kept_with_each_persons_link() -> None:
    for name in ("un", "deux"):
        link = f"https://alerte.valombre.example/a/{name}?a=1&b=2"
        own = replace(
            message(text=f"Lien {link}"),
            answer_url=link,
            html=f'<p lang="fr"><a href="{link.replace("&", "&amp;")}">Répondre</a></p>',
        )
        mail = read(mail_bytes(own, TO, attempt=token(), envelope=ENVELOPE))
        assert body(mail, "html").strip() == own.html
        assert body(mail, "plain").strip() == own.text


def test_right_to_left_languages_are_read_so() -> None:
    mail = read(mail_bytes(message(language="ar"), TO, attempt=token(), envelope=ENVELOPE))
    assert '<html lang="ar" dir="rtl">' in body(mail, "html")


@pytest.mark.alone("compares two durations")
def test_a_filled_template_costs_a_fraction_of_a_message_built_anew() -> None:
    def build() -> bytes:
        mail = EmailMessage(policy=SMTP)
        mail["To"], mail["From"], mail["Subject"] = TO, ENVELOPE.sender, "Crue"
        mail.set_content(message().text)
        mail.add_alternative(message().text, subtype="html")
        return mail.as_bytes()

    sent = message()
    filled = _best(lambda: mail_bytes(sent, TO, attempt=token(), envelope=ENVELOPE))
    assert filled < _best(build) / 5


def _best(work: object) -> float:
    assert callable(work)
    times = []
    for _ in range(5):
        started = time.perf_counter()
        for _ in range(50):
            work()
        times.append(time.perf_counter() - started)
    return min(times)


def test_no_line_of_a_part_is_longer_than_mime_allows() -> None:
    link = f"https://alerte.valombre.example/a/{'x' * 300}?a=1&b=2"
    sent = replace(message(text=f"{'mot ' * 30}{link}{' mot' * 30} {link}"), answer_url=link)
    raw = mail_bytes(sent, TO, attempt=token(), envelope=ENVELOPE)
    parts = raw.partition(b"\r\n\r\n")[2]
    assert max(map(len, parts.split(b"\r\n"))) <= 76
    assert body(read(raw), "plain").strip() == sent.text


async def test_a_server_without_encryption_is_told_nothing() -> None:
    """It would take the password and the mail in the clear: only the greeting passes."""
    said: list[bytes] = []
    left = asyncio.Event()
    replies = {b"EHLO": b"250-plain.example\r\n250 AUTH PLAIN LOGIN\r\n", b"QUIT": b"221 bye\r\n"}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 plain.example\r\n")
        while line := await reader.readline():
            said.append(line.split()[0].upper())
            writer.write(replies.get(said[-1], b"235 sure\r\n"))
        writer.close()
        await writer.wait_closed()
        left.set()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = str(server.sockets[0].getsockname()[1])
        values = {"host": "127.0.0.1", "port": port, "sender": ENVELOPE.sender}
        secrets = {"user": SecretStr("tocsin"), "password": SecretStr("en-clair")}
        account = AccountSettings("smtp", "smtp", 1.0, values=values, secrets=secrets)
        async with SmtpMail.open(account, public_url=PUBLIC_URL) as channel:
            with pytest.raises(Unavailable) as caught:
                await channel.send(message(), CAMILLE, attempt=token())
        await asyncio.wait_for(left.wait(), 5)
    assert caught.value.code == "no-tls"
    assert set(said) <= {b"EHLO", b"QUIT"}


async def test_a_stripped_starttls_lets_nothing_leave(sandbox: SandboxHandle) -> None:
    await sandbox.faults("email", "no_starttls")
    async with SmtpMail.open(smtp(sandbox), public_url=PUBLIC_URL) as channel:
        with pytest.raises(Unavailable) as caught:
            await channel.send(message(), CAMILLE, attempt=token())
        found = await channel.check()
    assert caught.value.code == "no-tls"
    assert "chiffrée" in found.problem
    assert await sandbox.ledger("email") == []


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("smtp_421", Unavailable),
        ("smtp_450", Unavailable),
        ("smtp_550", Refused),
        ("drop_after_data", Unknown),
        ("drop_before", Unknown),
    ],
)
async def test_a_failure_is_told_by_how_far_the_mail_came(
    sandbox: SandboxHandle, fault: str, kind: type[NotAccepted]
) -> None:
    await sandbox.faults("email", fault, count=1)
    async with SmtpMail.open(smtp(sandbox), public_url=PUBLIC_URL) as channel:
        with pytest.raises(NotAccepted) as caught:
            await channel.send(message(), CAMILLE, attempt=token())
        assert type(caught.value) is kind
        await channel.send(message(), CAMILLE, attempt=token())  # the next one finds a way
    (entry,) = (await sandbox.ledger("email"))[-1:]
    assert entry["copies"] <= 2


@pytest.mark.alone("a wait ends within a second and a half of its limit")
async def test_a_server_that_is_silent_after_the_dot_leaves_a_doubt_after_ten_seconds(
    sandbox: SandboxHandle,
) -> None:
    await sandbox.faults("email", "timeout", delay_s=20)
    async with SmtpMail.open(smtp(sandbox), public_url=PUBLIC_URL) as channel:
        started = time.monotonic()
        with pytest.raises(Unknown):
            await channel.send(message(), CAMILLE, attempt=token())
    assert 9 < time.monotonic() - started < 11.5


@pytest.mark.parametrize("local", ["unknown", "full"])
async def test_a_refused_mailbox_says_so(sandbox: SandboxHandle, local: str) -> None:
    to = Address("email", f"{local}@valombre.example")
    async with SmtpMail.open(smtp(sandbox), public_url=PUBLIC_URL) as channel:
        with pytest.raises(NotAccepted) as caught:
            await channel.send(message(), to, attempt=token())
    assert caught.value.code == {"unknown": "5.1.1", "full": "452"}[local]


@pytest.mark.parametrize(
    "values", [{"tls": "none"}, {"port": "smtp"}, {"sender": "pas une adresse"}, {"host": ""}]
)
async def test_unusable_settings_are_told_at_opening(
    sandbox: SandboxHandle, values: dict[str, str]
) -> None:
    with pytest.raises(ValueError, match=r"^smtp: "):
        async with SmtpMail.open(moved(smtp(sandbox), **values), public_url=PUBLIC_URL):
            pass
