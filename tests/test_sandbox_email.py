"""The pretend mail server, spoken to by a real client: STARTTLS, a password, every refusal."""

import ssl
from collections.abc import Awaitable, Callable
from email.message import EmailMessage

import aiosmtplib
import pytest

from tests.sandbox_process import SandboxHandle
from tests.sandbox_sms_client import send_sms

pytest_plugins = ("tests.sandbox_doors",)
pytestmark = pytest.mark.asyncio(loop_scope="module")

TO = "habitante@valombre.example"
SENDER = "alerte@valombre.example"
TEXT = "Crue de la Lerne : montez à l'étage, n'allez pas chercher vos enfants."
HTML = "<p>Crue de la <b>Lerne</b></p>"


def mail(message_id: str = "<d1@valombre.example>") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Mairie de Valombre <alerte@valombre.example>"
    message["To"] = TO
    message["Subject"] = "Alerte crue : niveau élevé"
    message["Message-ID"] = message_id
    message.set_content(TEXT)
    message.add_alternative(HTML, subtype="html")
    return message


def client(sandbox: SandboxHandle, *, password: str | None = None) -> aiosmtplib.SMTP:
    trusting = ssl.create_default_context(cafile=str(sandbox.ca_file))
    return aiosmtplib.SMTP(
        hostname=sandbox.smtp_host,
        port=sandbox.smtp_port,
        username=sandbox.smtp_user,
        password=password or sandbox.smtp_password,
        start_tls=True,
        tls_context=trusting,
        timeout=5,
    )


async def deliver(sandbox: SandboxHandle, message: EmailMessage, *to: str) -> None:
    async with client(sandbox) as connection:
        await connection.send_message(message, sender=SENDER, recipients=list(to) or [TO])


async def test_a_mail_is_kept_with_its_envelope_subject_text_and_html(
    sandbox: SandboxHandle,
) -> None:
    await deliver(sandbox, mail())
    [entry] = await sandbox.ledger("email")
    assert (entry["to"], entry["sender"]) == (TO, SENDER)
    assert entry["content"] == "Alerte crue : niveau élevé"
    assert entry["detail"]["text"].strip() == TEXT
    assert entry["detail"]["html"].strip() == HTML
    assert entry["detail"]["message_id"] == "<d1@valombre.example>"
    [item] = await sandbox.outbox()
    assert (item["subject"], item["text"].strip()) == ("Alerte crue : niveau élevé", TEXT)


async def test_a_crowd_of_sms_does_not_hide_the_only_mail(sandbox: SandboxHandle) -> None:
    await deliver(sandbox, mail())
    for body in ("un", "deux", "trois"):
        await send_sms(sandbox, Body=body)
    shown = [(one["medium"], one["text"].strip()) for one in await sandbox.outbox("?each=2")]
    assert shown == [("sms", "trois"), ("email", TEXT), ("sms", "deux")]
    assert [one["medium"] for one in await sandbox.outbox("?medium=email&limit=9")] == ["email"]


async def test_the_same_message_id_to_the_same_mailbox_is_a_copy(sandbox: SandboxHandle) -> None:
    await deliver(sandbox, mail())
    await deliver(sandbox, mail(), TO, "voisin@valombre.example")
    await deliver(sandbox, mail("<d2@valombre.example>"))
    count = (await sandbox.summary())["by_medium"]["email"]
    assert (count["accepted"], count["distinct"], count["copies_max"]) == (4, 3, 2)


async def test_nothing_passes_before_starttls(sandbox: SandboxHandle) -> None:
    plain = aiosmtplib.SMTP(
        hostname=sandbox.smtp_host, port=sandbox.smtp_port, start_tls=False, timeout=5
    )
    async with plain:
        with pytest.raises(aiosmtplib.SMTPResponseException) as refused:
            await plain.mail(SENDER)
    assert refused.value.code == 530


async def test_nothing_passes_without_a_password(sandbox: SandboxHandle) -> None:
    trusting = ssl.create_default_context(cafile=str(sandbox.ca_file))
    anonymous = aiosmtplib.SMTP(
        hostname=sandbox.smtp_host,
        port=sandbox.smtp_port,
        start_tls=True,
        tls_context=trusting,
        timeout=5,
    )
    async with anonymous:
        with pytest.raises(aiosmtplib.SMTPResponseException) as refused:
            await anonymous.mail(SENDER)
    assert refused.value.code == 530


async def test_a_wrong_password_is_refused(sandbox: SandboxHandle) -> None:
    with pytest.raises(aiosmtplib.SMTPAuthenticationError):
        await client(sandbox, password="wrong").connect()


@pytest.mark.parametrize("mechanism", ["auth_plain", "auth_login"])
async def test_both_ways_of_giving_the_password_work(
    sandbox: SandboxHandle, mechanism: str
) -> None:
    trusting = ssl.create_default_context(cafile=str(sandbox.ca_file))
    connection = aiosmtplib.SMTP(
        hostname=sandbox.smtp_host,
        port=sandbox.smtp_port,
        start_tls=True,
        tls_context=trusting,
        timeout=5,
    )
    async with connection:
        sign_in: Callable[[str, str], Awaitable[aiosmtplib.SMTPResponse]]
        sign_in = getattr(connection, mechanism)
        await connection.ehlo()
        answer = await sign_in(sandbox.smtp_user, sandbox.smtp_password)
    assert answer.code == 235


async def test_a_client_that_trusts_only_public_authorities_refuses_the_certificate(
    sandbox: SandboxHandle,
) -> None:
    wary = aiosmtplib.SMTP(
        hostname=sandbox.smtp_host, port=sandbox.smtp_port, start_tls=True, timeout=5
    )
    with pytest.raises(ssl.SSLCertVerificationError):
        await wary.connect()


@pytest.mark.parametrize(
    ("kind", "code"), [("smtp_421", 421), ("smtp_450", 450), ("smtp_550", 550)]
)
async def test_a_refusal_on_demand_hits_once_and_keeps_nothing(
    sandbox: SandboxHandle, kind: str, code: int
) -> None:
    await sandbox.faults("email", kind, count=1)
    with pytest.raises(aiosmtplib.SMTPException) as refused:
        await deliver(sandbox, mail())
    assert str(code) in str(refused.value)
    assert await sandbox.ledger("email") == []
    await deliver(sandbox, mail())
    assert len(await sandbox.ledger("email")) == 1


@pytest.mark.parametrize(("kind", "kept"), [("drop_after_data", 1), ("drop_before", 0)])
async def test_a_connection_cut_after_the_final_dot_tells_the_client_nothing(
    sandbox: SandboxHandle, kind: str, kept: int
) -> None:
    await sandbox.faults("email", kind, count=1)
    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await deliver(sandbox, mail())
    assert len(await sandbox.ledger("email")) == kept


async def test_an_answer_that_does_not_come_leaves_an_accepted_mail(
    sandbox: SandboxHandle,
) -> None:
    await sandbox.faults("email", "timeout", count=1, delay_s=30)
    connection = client(sandbox)
    await connection.connect()
    with pytest.raises(aiosmtplib.SMTPTimeoutError):
        await connection.send_message(mail(), sender=SENDER, recipients=[TO], timeout=0.3)
    connection.close()
    assert len(await sandbox.ledger("email")) == 1


async def test_starttls_stripped_on_the_way_is_noticed_and_nothing_passes(
    sandbox: SandboxHandle,
) -> None:
    await sandbox.faults("email", "no_starttls", count=2)
    with pytest.raises(aiosmtplib.SMTPException, match="STARTTLS"):
        await deliver(sandbox, mail())
    careless = aiosmtplib.SMTP(
        hostname=sandbox.smtp_host, port=sandbox.smtp_port, start_tls=False, timeout=5
    )
    async with careless:
        with pytest.raises(aiosmtplib.SMTPResponseException):
            await careless.mail(SENDER)
        assert not careless.supports_extension("auth")
    assert await sandbox.ledger("email") == []


@pytest.mark.parametrize(("mailbox", "code"), [("unknown", 550), ("full", 452)])
async def test_magic_mailboxes_refuse_only_when_failures_are_switched_on(
    sandbox: SandboxHandle, mailbox: str, code: int
) -> None:
    await deliver(sandbox, mail(), f"{mailbox}@valombre.example")
    await sandbox.behave(failures=True)
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused) as refused:
        await deliver(sandbox, mail(), f"{mailbox}@valombre.example")
    assert refused.value.recipients[0].code == code
    assert len(await sandbox.ledger("email")) == 1
