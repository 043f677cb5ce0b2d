"""Connections to a mail server: a few, encrypted, signed in, reused, and closed when given up."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import aiosmtplib
from aiosmtplib import errors

from channels.connecting import CONNECT_S, connected

CONNECTIONS: Final = 10
TOTAL_S: Final = 10.0
# A mail that starts late would be cut in the middle of a slow server's answer, and leave a doubt
# where there need be none: it waits no longer than this, and comes back.
SEAT_S: Final = CONNECT_S
QUIT_S: Final = 2.0
FRESH_S: Final = 1.0  # a session used this lately needs no reset before the next mail
IDLE_S: Final = 20.0  # below the five minutes that servers grant, and the patience of firewalls
_TURN_S: Final = 0.002
_TURNS: Final = 500  # a second: it takes a few

_GRANTED: Final = 200  # to 299
_CLOSING: Final = 421


class NoSeat(TimeoutError):
    """All connections stayed busy: nothing left."""


@dataclass(frozen=True)
class SmtpLine:
    """One connection, and the socket under it: whoever gives it up closes both."""

    smtp: aiosmtplib.SMTP
    bare: socket.socket

    async def hang_up(self) -> None:
        """Close this connection now.

        Closing its transport alone would say the end of TLS and then wait up to 30 s for the
        server to say it too, out of anyone's sight.
        """
        self.smtp.close()
        with contextlib.suppress(OSError):  # closed already, at one end or the other
            self.bare.shutdown(socket.SHUT_RDWR)
        for _ in range(_TURNS):  # its transport sees the end, and closes the socket itself
            if self.bare.fileno() == -1:
                return
            await asyncio.sleep(_TURN_S)
        self.bare.close()  # where no transport ever took it

    async def goodbye(self) -> None:
        """Say goodbye, and close."""
        try:
            with contextlib.suppress(errors.SMTPException, OSError):
                await self.smtp.quit(timeout=QUIT_S)
        finally:
            await self.hang_up()

    async def alive(self) -> bool:
        """Reset the session: an idle connection may have been closed at the other end."""
        try:
            await self.smtp.rset(timeout=QUIT_S)
        except (errors.SMTPException, OSError):
            return False
        return True


@dataclass(frozen=True)
class SmtpPool:
    """Connections of one account: at most `CONNECTIONS`, each signed in and reused."""

    host: str
    port: int
    implicit_tls: bool
    ehlo: str
    tls: ssl.SSLContext = field(repr=False)
    user: str = field(repr=False)
    password: str = field(repr=False)
    seats: asyncio.Semaphore = field(repr=False)
    idle: list[tuple[SmtpLine, float]] = field(default_factory=list, repr=False)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[aiosmtplib.SMTP]:
        """Lend a connection; one that failed, or was interrupted, is closed."""
        async with self._seat():
            line = await self._take()
            try:
                yield line.smtp
            except errors.SMTPResponseException as refusal:
                # A refused recipient leaves the session sound; the next user resets it.
                if refusal.code == _CLOSING:
                    await line.hang_up()
                else:
                    self._keep(line, fresh=False)
                raise
            except BaseException:
                await line.hang_up()
                raise
            self._keep(line, fresh=True)

    @asynccontextmanager
    async def _seat(self) -> AsyncIterator[None]:
        if not self.seats.locked():
            await self.seats.acquire()
        else:
            try:
                async with asyncio.timeout(SEAT_S):
                    await self.seats.acquire()
            except TimeoutError as error:
                raise NoSeat from error
        try:
            yield
        finally:
            self.seats.release()

    def _keep(self, line: SmtpLine, *, fresh: bool) -> None:
        now = asyncio.get_running_loop().time()
        self.idle.append((line, now if fresh else now - FRESH_S))

    async def _take(self) -> SmtpLine:
        now = asyncio.get_running_loop().time()
        while self.idle:
            line, since = self.idle.pop()
            sound = line.smtp.is_connected and now - since < IDLE_S
            if sound and (now - since < FRESH_S or await line.alive()):
                return line
            await line.hang_up()
        return await self._opened()

    async def _opened(self) -> SmtpLine:
        bare = await connected(self.host, self.port)
        smtp = aiosmtplib.SMTP(
            hostname=self.host,  # the name that the certificate must bear
            sock=bare,
            use_tls=self.implicit_tls,
            start_tls=not self.implicit_tls,  # True is mandatory: no STARTTLS, no mail
            tls_context=self.tls,
            local_hostname=self.ehlo,
            timeout=TOTAL_S,
        )
        line = SmtpLine(smtp, bare)
        try:
            await smtp.connect()
            if self.user:
                await smtp.login(self.user, self.password)
            if smtp.is_ehlo_or_helo_needed:
                await smtp.ehlo()
        except errors.SMTPResponseException:
            await line.goodbye()
            raise
        except BaseException:
            await line.hang_up()
            raise
        return line

    async def close(self) -> None:
        """Say goodbye on every connection."""
        await asyncio.gather(*(line.goodbye() for line, _ in self.idle))
        self.idle.clear()


async def say(smtp: aiosmtplib.SMTP, command: str) -> None:
    """Say a command that must be granted.

    The library's own `mail` and `rcpt` parse each address anew, for a fifth of a mail's CPU; ours
    were checked by `mail_address`.
    """
    response = await smtp.execute_command(command.encode("ascii"))
    if not _GRANTED <= response.code < _GRANTED + 100:
        raise errors.SMTPResponseException(response.code, response.message)
