"""Bounces as mail servers write them (RFC 3464), and what else comes to their address."""

from channels.verp import packed

REPORT = "multipart/report; report-type=delivery-status; boundary=edge"


def bounce(
    *,
    action: str = "failed",
    status: str = "5.1.1",
    envelope: str = "",
    attempt: str = "",
    message_id: str = "",
    to: str = "alerte@valombre.example",
    kind: str = REPORT,
    returned: str = "multipart/alternative",
    diagnostic: str = "",
) -> bytes:
    """Write a bounce; what is empty is left out."""
    lines = [
        "Return-path: <>",
        "From: Mail Delivery System <mailer-daemon@relais.example>",
        f"To: {to}",
        f"Content-Type: {kind}",
        "Subject: Undelivered",
        "",
        "--edge",
        "Content-Type: text/plain",
        "",
        "A person you know could not be reached.",
        "",
        "--edge",
        "Content-Type: message/delivery-status",
        "",
        "Reporting-MTA: dns; relais.example",
        *([f"Original-Envelope-Id: {envelope}"] if envelope else []),
        "",
        "Final-Recipient: rfc822; camille@valombre.example",
        f"Action: {action}",
        f"Status: {status}",
        *([f"Diagnostic-Code: smtp; {diagnostic}"] if diagnostic else []),
        "",
        "--edge",
        "Content-Type: text/rfc822-headers",
        "",
        *([f"Message-ID: {message_id}"] if message_id else []),
        *([f"X-Tocsin-Attempt: {attempt}"] if attempt else []),
        f"Content-Type: {returned}",
        "Subject: Crue",
        "",
        "--edge--",
        "",
    ]
    return "\r\n".join(lines).encode()


def verp(token: str) -> str:
    """Give the address that bounces of an attempt come to."""
    return f"rebonds+{packed(token)}@valombre.example"


def vacation(token: str) -> bytes:
    """Write an answer of somebody away, to the address of this attempt."""
    return (
        f"From: camille@valombre.example\r\nTo: {verp(token)}\r\nAuto-Submitted: auto-replied\r\n"
        f"In-Reply-To: <x@valombre.example>\r\nX-Tocsin-Attempt: {token}\r\n"
        "Content-Type: text/plain\r\nSubject: Absente\r\n\r\nStatus: 5.1.1\r\nAction: failed\r\n"
    ).encode()


def deep(token: str, depth: int = 20_000) -> bytes:
    """Write a report whose parts hold reports, and so on."""
    inner = "".join(
        f"Content-Type: {REPORT.replace('edge', f'b{n}')}\r\n\r\n--b{n}\r\n" for n in range(depth)
    )
    return f"To: {verp(token)}\r\n{inner}".encode()
