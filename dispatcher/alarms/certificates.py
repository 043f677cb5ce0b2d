"""Until when a server's certificate is good: asked of the server, by a checked connection."""

import asyncio
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import aiosmtplib
from aiosmtplib import errors

WITHIN_S: Final = 10.0
ENDED: Final = "est fini"
REFUSED: Final = "est refusé"  # and why, as OpenSSL says it
_EXPIRED: Final = 10  # OpenSSL's X509_V_ERR_CERT_HAS_EXPIRED


@dataclass(frozen=True)
class Server:
    """Who is asked: by https, or by SMTP with STARTTLS or without."""

    host: str
    port: int
    smtp: str = ""  # starttls | implicit; empty: a web server
    ca_file: str = ""
    address: str = ""  # the checked address to connect to; empty: the name is looked up

    @property
    def name(self) -> str:
        """Return how people know it."""
        return f"{self.host}:{self.port}"


@dataclass(frozen=True)
class Certified:
    """Until when; or why not, in a sentence. Both empty: the server could not be asked."""

    until: datetime | None = None
    refused: str = ""


async def certified(server: Server) -> Certified:
    """Ask a server for its certificate, within 10 s."""
    context = ssl.create_default_context(cafile=server.ca_file or None)
    try:
        async with asyncio.timeout(WITHIN_S):
            found = await (_by_smtp if server.smtp else _by_web)(server, context)
    except (OSError, TimeoutError, errors.SMTPException) as error:
        return _why_not(error)
    return Certified(datetime.fromtimestamp(ssl.cert_time_to_seconds(found["notAfter"]), UTC))


async def _by_web(server: Server, context: ssl.SSLContext) -> dict[str, Any]:
    _, writer = await asyncio.open_connection(
        server.address or server.host, server.port, ssl=context, server_hostname=server.host
    )
    try:
        return dict(writer.get_extra_info("peercert"))
    finally:
        writer.transport.abort()


async def _by_smtp(server: Server, context: ssl.SSLContext) -> dict[str, Any]:
    smtp = aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        use_tls=server.smtp == "implicit",
        start_tls=server.smtp != "implicit",
        tls_context=context,
        timeout=WITHIN_S,
    )
    try:
        await smtp.connect()
        return dict(smtp.get_transport_info("peercert"))
    finally:
        smtp.close()


def _why_not(error: Exception) -> Certified:
    """Tell a certificate that is refused from a server that does not answer."""
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, ssl.SSLCertVerificationError):
            over = found.verify_code == _EXPIRED
            return Certified(refused=ENDED if over else f"{REFUSED} ({found.verify_message})")
        found = found.__cause__ or found.__context__
    return Certified()
