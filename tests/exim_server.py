"""A real exim4 on free ports: STARTTLS, implicit TLS, AUTH, refusals, a maildir of what came."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from threading import Event

import psutil

from dispatcher.sandbox.certificates import mail_tls
from tests.real_parts import free_port, running

USER = "tocsin"
PASSWORD = "les-mots-de-passe-sont-longs"

CONFIG = r"""
primary_hostname = exim.valombre.example
exim_user = {user}
exim_group = {group}
spool_directory = {folder}/spool
log_file_path = {folder}/log/%slog
pid_file_path = {folder}/exim.pid
local_interfaces = 127.0.0.1 : 127.0.0.2
daemon_smtp_ports = {starttls_port} : {tls_port}
tls_on_connect_ports = {tls_port}
tls_advertise_hosts = *
tls_certificate = {folder}/smtp.pem
tls_privatekey = {folder}/smtp.pem
auth_advertise_hosts = ${{if def:tls_in_cipher {{*}}{{}}}}
acl_smtp_mail = mail
acl_smtp_rcpt = rcpt
acl_smtp_data = data
deliver_drop_privilege = true
host_lookup =
rfc1413_hosts =
rfc1413_query_timeout = 0s
smtp_accept_max = 50
smtp_accept_max_per_connection = 1000
smtp_accept_queue_per_connection = 0
check_rfc2047_length = true
dsn_advertise_hosts = ${{if def:tls_in_cipher {{*}}{{}}}}
delay_warning = 1s
delay_warning_condition = yes

begin acl
mail:
  require message = 530 5.7.0 STARTTLS first
          condition = ${{if def:tls_in_cipher}}
  require message = 530 5.7.0 Authentication required
          authenticated = *
  accept
rcpt:
  deny message = 550 5.1.1 No such mailbox here
       local_parts = unknown
  defer message = 450 4.2.1 Try again later
       local_parts = later
  accept domains = valombre.example : slow.valombre.example
  deny message = 550 5.7.1 Relay not permitted
data:
  require message = 554 5.6.0 Headers out of order
          verify = header_syntax
  deny message = 554 5.6.0 A line is too long
       condition = ${{if > {{$max_received_linelength}}{{998}}}}
  accept

begin routers
lost:
  driver = redirect
  domains = valombre.example
  local_parts = lost
  allow_fail
  data = :fail: 550 5.1.1 No such person here
nowhere:
  driver = manualroute
  local_parts = nowhere
  route_list = * 127.0.0.1
  self = send
  transport = away
here:
  driver = accept
  domains = valombre.example
  transport = maildir

begin transports
away:
  driver = smtp
  port = 1
  hosts_try_dane =
maildir:
  driver = appendfile
  directory = {folder}/maildir
  maildir_format
  create_directory
  user = {user}
  group = {group}
  return_path_add

begin retry
slow.valombre.example  *  F,1h,10m

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{{name}}}}}{{eq{{$auth3}}{{{password}}}}}}}}}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${{if and{{{{eq{{$auth1}}{{{name}}}}}{{eq{{$auth2}}{{{password}}}}}}}}}
  server_set_id = $auth1
"""


@dataclass(frozen=True)
class Exim:
    """Where it listens, whom it lets in, and where it puts what it took."""

    starttls_port: int
    tls_port: int
    folder: Path
    host: str = "127.0.0.1"
    user: str = USER
    password: str = PASSWORD
    program: Path = Path("exim4")

    @property
    def ca_file(self) -> Path:
        """Return the certificate of the authority that its own is signed by."""
        return self.folder / "ca.pem"

    @property
    def maildir(self) -> Path:
        """Return the folder of what it delivered, as mail programs read it."""
        return self.folder / "maildir"

    def delivered(self, number: int) -> list[EmailMessage]:
        """Wait for this many messages, oldest first, read by the standard library."""
        until = time.monotonic() + 20
        new = self.folder / "maildir" / "new"
        while time.monotonic() < until:
            found = sorted(new.glob("*")) if new.is_dir() else []
            if len(found) >= number:
                return [_read(path) for path in found]
        raise AssertionError(f"{number} messages expected, {self.log()}")

    def run_queue(self) -> None:
        """Try again at once what waits."""
        argv = (str(self.program), "-C", str(self.folder / "exim.conf"), "-qf")
        subprocess.run(argv, check=True, capture_output=True)

    def empty_queue(self) -> None:
        """Give up what waits, without a word."""
        waiting = [path.name[:-2] for path in (self.folder / "spool").rglob("*-H")]
        argv = (str(self.program), "-C", str(self.folder / "exim.conf"), "-Mrm", *waiting)
        subprocess.run(argv, check=bool(waiting), capture_output=True)

    def count(self) -> int:
        """Count the messages delivered until now."""
        new = self.folder / "maildir" / "new"
        return len(list(new.glob("*"))) if new.is_dir() else 0

    def log(self) -> str:
        """Return what exim wrote of its work."""
        return "".join(path.read_text() for path in sorted((self.folder / "log").glob("*")))


def _read(path: Path) -> EmailMessage:
    message = message_from_bytes(path.read_bytes(), policy=default)
    assert isinstance(message, EmailMessage)
    return message


@contextmanager
def running_exim(program: Path) -> Iterator[Exim]:
    """Start an exim4 with a configuration of its own; it needs root to become its own user."""
    owner = pwd.getpwnam("Debian-exim") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
    # Not under pytest's folder, which only its owner may enter: exim works as its own user.
    folder = Path(tempfile.mkdtemp(prefix="exim-"))
    folder.chmod(0o755)
    try:
        exim = Exim(free_port(), free_port(), folder, program=program)
        mail_tls(folder)
        for name in ("spool", "log", "maildir", "maildir/new", "maildir/cur", "maildir/tmp"):
            (folder / name).mkdir()
        config = folder / "exim.conf"
        config.write_text(_config(exim, owner))
        for path in (folder, *folder.rglob("*")):
            os.chown(path, owner.pw_uid, owner.pw_gid)
        os.chown(config, 0, 0)
        argv = (program, "-bdf", "-C", config, "-q1m")
        with running(argv, ready=lambda: _listens(exim), log=folder / "out", stop=15):
            yield exim
    finally:
        _await_deliveries(folder)
        shutil.rmtree(folder)


def _await_deliveries(folder: Path) -> None:
    """Wait for exim's own children: one that ends late would make the folder anew."""
    until = time.monotonic() + 10
    mark = str(folder / "exim.conf")
    while any(mark in (one.info["cmdline"] or ()) for one in psutil.process_iter(["cmdline"])):
        assert time.monotonic() < until, "exim does not end"
        Event().wait(0.02)


def _config(exim: Exim, owner: pwd.struct_passwd) -> str:
    return CONFIG.format(
        folder=exim.folder,
        user=owner.pw_uid,
        group=owner.pw_gid,
        starttls_port=exim.starttls_port,
        tls_port=exim.tls_port,
        name=exim.user,
        password=exim.password,
    )


def _listens(exim: Exim) -> bool:
    try:
        with socket.create_connection((exim.host, exim.starttls_port), timeout=1) as probe:
            return probe.recv(3) == b"220"
    except OSError:
        return False
