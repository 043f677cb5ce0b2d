"""Real TLS servers on loopback whose certificates end when a test wants it."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from aiosmtpd.smtp import SMTP
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from dispatcher.alarms.certificates import Server


@dataclass(frozen=True)
class Certificate:
    """A file that holds key and certificate, and the authority that clients trust."""

    chain: Path
    ca_file: Path


def certificate(folder: Path, *, days: float) -> Certificate:
    """Make a certificate for 127.0.0.1 that ends in so many days, by its own authority."""
    key, until = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC) + timedelta(days=days)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = [x509.IPAddress(ip_address("127.0.0.1")), x509.DNSName("localhost")]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=90))
        .not_valid_after(until)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = made.public_bytes(serialization.Encoding.PEM)
    (folder / "chain.pem").write_bytes(private + public)
    (folder / "ca.pem").write_bytes(public)
    return Certificate(folder / "chain.pem", folder / "ca.pem")


def _context(given: Certificate) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(given.chain)
    return context


@asynccontextmanager
async def web_server(given: Certificate) -> AsyncIterator[Server]:
    """Serve TLS and nothing behind it."""

    async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0, ssl=_context(given))
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield Server("127.0.0.1", port, ca_file=str(given.ca_file))


@asynccontextmanager
async def mail_server(given: Certificate) -> AsyncIterator[Server]:
    """Serve SMTP with STARTTLS."""
    context = _context(given)
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(object(), tls_context=context, require_starttls=True), "127.0.0.1", 0
    )
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield Server("127.0.0.1", port, "starttls", str(given.ca_file))
