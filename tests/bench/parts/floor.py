"""The floor under a fan-out: raw asyncio, kept connections, one request made beforehand.

`python -m tests.bench.parts.floor URL MESSAGES` posts the same form again and again over 100
connections and prints its CPU per message, in microseconds.
"""

import asyncio
import json
import resource
import sys
from urllib.parse import urlencode, urlsplit

CONNECTIONS = 100
FORM = {
    "To": "+99900000000",
    "From": "Valombre",
    "Body": "Mairie de Valombre: crue de la Lerne. Quittez le bourg maintenant."
    f" https://alerte.valombre.example/a/{'x' * 22}",
    "StatusCallback": f"https://alerte.valombre.example/hooks/twilio/sms/{'y' * 60}",
    "ValidityPeriod": "21600",
}


def request(host: str) -> bytes:
    """Return one whole request as a worker posts it."""
    body = urlencode(FORM)
    return (
        f"POST /2010-04-01/Accounts/AC{'0' * 32}/Messages.json HTTP/1.1\r\nHost: {host}\r\n"
        f"Authorization: Basic {'z' * 90}\r\nAccept: application/json\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


async def _post(url: str, left: list[int]) -> None:
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    wire = request(parts.netloc)
    while left[0] > 0:
        left[0] -= 1
        writer.write(wire)
        head = await reader.readuntil(b"\r\n\r\n")
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        await reader.readexactly(int(length))
    writer.close()


async def _all(url: str, messages: int) -> None:
    left = [messages]
    await asyncio.gather(*(_post(url, left) for _ in range(CONNECTIONS)))


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    before = _cpu_s()
    asyncio.run(_all(sys.argv[1], int(sys.argv[2])))
    print(json.dumps({"cpu_us": (_cpu_s() - before) / int(sys.argv[2]) * 1e6}))  # noqa: T201
