"""The pretend mail server: STARTTLS and a password first, every message into the ledger."""

import asyncio
import hmac
import secrets
import ssl
from collections.abc import Callable
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from functools import partial

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from dispatcher.sandbox.callees import mail_refusal
from dispatcher.sandbox.credentials import MAIL_USER
from dispatcher.sandbox.desk import Desk
from dispatcher.sandbox.ledger import Entry, distinct_key

MAX_SIZE = 10 * 1024 * 1024
BUSY = "421 4.3.2 Service not available, closing transmission channel"
LATER = "450 4.2.1 Mailbox unavailable, try again later"
NEVER = "550 5.1.1 No such mailbox here"
OK = "250 2.0.0 Accepted"
TO_HANG_UP_S = 0.05  # lets the last answer out


class Postman:
    """aiosmtpd's handler for one connection: refusals on demand, messages kept before the 250."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._connection: SMTP

    def attach(self, connection: SMTP) -> SMTP:
        """Learn which connection this postman serves."""
        self._connection = connection
        return connection

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answer MAIL FROM."""
        if self._desk.faults.draw("email", among=frozenset({"smtp_421"})) is not None:
            asyncio.get_running_loop().call_later(TO_HANG_UP_S, self._hang_up)
            return BUSY
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answer RCPT TO."""
        magic = mail_refusal(self._desk.behaviour, address)
        if magic is not None:
            return magic
        fault = self._desk.faults.draw("email", among=frozenset({"smtp_450", "smtp_550"}))
        if fault is not None:
            return LATER if fault.kind == "smtp_450" else NEVER
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Answer the final dot: one entry for each recipient, committed before the 250."""
        among = frozenset({"drop_before", "drop_after_data", "timeout"})
        fault = self._desk.faults.draw("email", among=among)
        if fault is not None and fault.kind == "drop_before":
            self._hang_up()
            return LATER
        raw = envelope.original_content or b""
        entries = [_entry(raw, envelope.mail_from or "", to) for to in envelope.rcpt_tos]
        await asyncio.gather(*(self._desk.ledger.add(entry) for entry in entries))
        if fault is not None and fault.kind == "timeout":
            await asyncio.sleep(fault.delay_s)
        elif fault is not None:
            self._hang_up()
        return OK

    def _hang_up(self) -> None:
        transport = self._connection.transport
        if isinstance(transport, asyncio.WriteTransport):
            transport.abort()


def mail_connections(desk: Desk, tls: ssl.SSLContext) -> Callable[[], SMTP]:
    """Give the protocol factory of the mail server: one SMTP object for each connection."""
    admit = partial(_admit, desk.credentials.smtp_password)

    def connect() -> SMTP:
        stripped = desk.faults.draw("email", among=frozenset({"no_starttls"})) is not None
        postman = Postman(desk)
        return postman.attach(
            SMTP(
                postman,
                data_size_limit=MAX_SIZE,
                enable_SMTPUTF8=True,
                hostname="sandbox.example",
                ident="Tocsin sandbox",
                tls_context=None if stripped else tls,
                require_starttls=not stripped,
                # With STARTTLS stripped no password may be asked for, so nothing passes at all.
                auth_required=True,
                auth_require_tls=True,
                authenticator=admit,
                loop=asyncio.get_running_loop(),
            )
        )

    return connect


def _admit(
    password: str,
    _server: SMTP,
    _session: Session,
    _envelope: Envelope,
    mechanism: str,
    data: object,
) -> AuthResult:
    if mechanism not in ("PLAIN", "LOGIN") or not isinstance(data, LoginPassword):
        return AuthResult(success=False, handled=False)
    known = hmac.compare_digest(data.login, MAIL_USER.encode())
    right = hmac.compare_digest(data.password, password.encode())
    return AuthResult(success=known and right, handled=False)


def _entry(raw: bytes, sender: str, to: str) -> Entry:
    mail = message_from_bytes(raw)
    message_id = str(mail.get("Message-ID", "")).strip()
    return Entry(
        sid="EM" + secrets.token_hex(16),
        medium="email",
        key=distinct_key("email", to, message_id),
        to=to,
        sender=sender,
        content=_heading(mail, "Subject"),
        status="delivered",
        detail={
            "message_id": message_id,
            "from": _heading(mail, "From"),
            "text": _part(mail, "text/plain"),
            "html": _part(mail, "text/html"),
            "size": len(raw),
        },
    )


def _heading(mail: Message, name: str) -> str:
    """Read a header as people see it; one whose encoding lies is shown as it came."""
    value = str(mail.get(name, ""))
    try:
        return str(make_header(decode_header(value)))
    except (LookupError, ValueError):
        return value


def _part(mail: Message, content_type: str) -> str:
    """Give the first part of this type as text, or an empty string."""
    for part in mail.walk():
        if part.get_content_type() == content_type:
            payload = part.get_payload(decode=True)
            charset = part.get_content_charset("utf-8")
            return payload.decode(charset, "replace") if isinstance(payload, bytes) else ""
    return ""
