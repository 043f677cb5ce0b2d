"""CPU per e-mail: `python -m tests.bench.parts.mails ours|floor PORT MAILS`, in microseconds.

Ours renders each reader's mail and hands it over by the channel's own pool; the floor pipelines one
mail made beforehand. Ten connections each, no TLS on either side.
"""

import asyncio
import json
import resource
import ssl
import sys
from datetime import UTC, datetime, timedelta

import aiosmtplib
import uvloop

from channels.connecting import connected
from channels.contract import Address, AttemptToken, Message, Pace, Unit
from channels.email import SmtpMail
from channels.mime import Envelope, mail_bytes
from channels.smtp_pool import CONNECTIONS, SmtpLine, SmtpPool

_ENVELOPE = Envelope("alerte@valombre.example")


def _message(number: int) -> Message:
    link = f"https://alerte.valombre.example/a/{number:022d}"
    return Message(
        alert="a",
        text=f"La Lerne monte. Quittez le bourg maintenant.\n\n{link}",
        issuer="Mairie de Valombre",
        expires_at=datetime.now(UTC) + timedelta(hours=1),
        subject="Crue : quittez le bourg",
        answer_url=link,
    )


async def _ours(port: int, mails: int) -> float:
    pool = SmtpPool(
        host="127.0.0.1",
        port=port,
        implicit_tls=False,
        ehlo=_ENVELOPE.domain,
        tls=ssl.create_default_context(),
        user="",
        password="",
        seats=asyncio.Semaphore(CONNECTIONS),
    )
    channel = SmtpMail("bench", Pace(Unit.MESSAGES, 1e6), _ENVELOPE, pool)
    now = asyncio.get_running_loop().time()
    for _ in range(CONNECTIONS):  # in the clear: the pool itself would insist on TLS
        bare = await connected("127.0.0.1", port)
        smtp = aiosmtplib.SMTP(hostname="127.0.0.1", sock=bare, start_tls=False, use_tls=False)
        await smtp.connect()
        await smtp.ehlo()
        pool.idle.append((SmtpLine(smtp, bare), now))
    left = [mails]

    async def some() -> None:
        while left[0] > 0:
            left[0] -= 1
            number = left[0]
            token = AttemptToken(f"t{number}", f"d{number}")
            to = Address("email", f"p{number}@valombre.example")
            await channel.send(_message(number), to, attempt=token)

    before = _cpu_s()
    await asyncio.gather(*(some() for _ in range(CONNECTIONS)))
    used = _cpu_s() - before
    await pool.close()
    return used


async def _floor(port: int, mails: int) -> float:
    raw = mail_bytes(
        _message(0), "p0@valombre.example", attempt=AttemptToken("t", "d"), envelope=_ENVELOPE
    )
    head = f"MAIL FROM:<{_ENVELOPE.sender}>\r\nRCPT TO:<p0@valombre.example>\r\nDATA\r\n".encode()
    left = [mails]

    async def some() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await reader.readline()
        while left[0] > 0:
            left[0] -= 1
            writer.write(head)
            for _ in range(3):
                await reader.readline()
            writer.write(raw + b"\r\n.\r\n")
            await reader.readline()
        writer.close()

    before = _cpu_s()
    await asyncio.gather(*(some() for _ in range(CONNECTIONS)))
    return _cpu_s() - before


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    which, port, mails = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    seconds = (
        uvloop.run(_ours(port, mails)) if which == "ours" else asyncio.run(_floor(port, mails))
    )
    print(json.dumps({"cpu_us": seconds / mails * 1e6}))  # noqa: T201
