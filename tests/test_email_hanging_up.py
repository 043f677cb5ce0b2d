"""E-mail: a connection that is given up is closed at once, whatever the server does meanwhile."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pydantic import SecretStr

from channels.contract import AccountSettings, Address, NotAccepted
from channels.email import SmtpMail
from dispatcher.sandbox.certificates import mail_tls
from tests.channel_accounts import PUBLIC_URL, message, token

CAMILLE = Address("email", "camille@valombre.example")
ANSWERS = {"EHLO": "250-mail.example\r\n250 AUTH PLAIN", "AUTH": "235 welcome", "QUIT": "221 bye"}
PATIENCE_S = 10.0  # of the server; asyncio alone waits 30 s for the end of a TLS session


@dataclass
class StandingStill:
    """An SMTP server over TLS that says nothing more once it has been left."""

    folder: Path
    refuses: str = ""
    left: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    def serve(self, listener: socket.socket) -> None:
        """Take one caller; notice when its connection is gone, TLS or not."""
        caller, _ = listener.accept()
        try:
            talk = mail_tls(self.folder).wrap_socket(caller, server_side=True)
        except OSError:  # our certificate did not please
            self.left.set()
            return
        talk.settimeout(PATIENCE_S)
        with suppress(OSError):
            self._talk(talk)
        with socket.socket(fileno=talk.detach()) as bare:  # no answer to the end of TLS
            bare.settimeout(PATIENCE_S)
            with suppress(ConnectionResetError):
                while bare.recv(4096):
                    continue
        self.left.set()

    def _talk(self, talk: ssl.SSLSocket) -> None:
        talk.sendall(b"554 not today\r\n" if self.refuses == "CONNECT" else b"220 mail.example\r\n")
        while line := talk.recv(4096):
            verb = line.split()[0].decode().upper()
            told = "550 no" if verb == self.refuses else ANSWERS.get(verb, "250 OK")
            talk.sendall(f"{told}\r\n".encode())
            if verb == "QUIT":
                return

    @property
    def account(self) -> AccountSettings:
        """Give an account there."""
        values = {
            "host": "127.0.0.1",
            "port": str(self.port),
            "tls": "implicit",
            "sender": "alerte@valombre.example",
            "ca_file": str(self.folder / "ca.pem"),
        }
        secrets = {"user": SecretStr("tocsin"), "password": SecretStr("secret")}
        return AccountSettings("smtp", "smtp", 10.0, values=values, secrets=secrets)


@contextmanager
def standing_still(folder: Path, *, refuses: str) -> Iterator[StandingStill]:
    server = StandingStill(folder, refuses)
    mail_tls(folder)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server.port = listener.getsockname()[1]
        thread = threading.Thread(target=server.serve, args=(listener,))
        thread.start()
        try:
            yield server
        finally:
            thread.join()


@pytest.mark.parametrize("refuses", ["", "CONNECT", "AUTH", "MAIL"])
async def test_a_connection_is_closed_before_its_account_is(tmp_path: Path, refuses: str) -> None:
    with standing_still(tmp_path, refuses=refuses) as server:
        async with SmtpMail.open(server.account, public_url=PUBLIC_URL) as channel:
            with suppress(NotAccepted):
                await channel.send(message(), CAMILLE, attempt=token())
        left = await asyncio.to_thread(server.left.wait, PATIENCE_S / 2)
    assert left
