"""A real dovecot on free ports: IMAP over both kinds of TLS, on a maildir that others fill."""

import grp
import os
import pwd
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dispatcher.sandbox.certificates import mail_tls
from tests.real_parts import free_port, running

USER = "retours"
PASSWORD = "une-boite-que-l-on-ne-fait-que-lire"

CONFIG = """
base_dir = {folder}/run
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = required
auth_failure_delay = 0
ssl_cert = <{folder}/smtp.pem
ssl_key = <{folder}/smtp.pem
mail_location = maildir:{maildir}
mail_uid = {user}
mail_gid = {group}
first_valid_uid = 1
first_valid_gid = 1
default_internal_user = {name}
default_internal_group = {group_name}
default_login_user = {name}
passdb {{
  driver = static
  args = user={login} password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/home
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {starttls_port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""


@dataclass(frozen=True)
class Dovecot:
    """Where it listens, and whom it lets in."""

    starttls_port: int
    tls_port: int
    folder: Path
    host: str = "127.0.0.1"
    user: str = USER
    password: str = PASSWORD

    @property
    def ca_file(self) -> Path:
        """Return the certificate of the authority that its own is signed by."""
        return self.folder / "ca.pem"


@contextmanager
def running_dovecot(program: Path, maildir: Path) -> Iterator[Dovecot]:
    """Start a dovecot with a configuration of its own, as the owner of the maildir."""
    owner = pwd.getpwuid(maildir.stat().st_uid)
    folder = Path(tempfile.mkdtemp(prefix="dovecot-"))  # short: its sockets are below
    folder.chmod(0o755)
    try:
        dovecot = Dovecot(free_port(), free_port(), folder)
        mail_tls(folder)
        for name in ("run", "home"):
            (folder / name).mkdir()
        config = folder / "dovecot.conf"
        config.write_text(_config(dovecot, owner, maildir))
        for path in (folder, *folder.rglob("*")):
            os.chown(path, owner.pw_uid, owner.pw_gid)
        argv = (program, "-F", "-c", config)
        with running(argv, ready=lambda: _listens(dovecot), log=folder / "out", stop=15):
            yield dovecot
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _config(dovecot: Dovecot, owner: pwd.struct_passwd, maildir: Path) -> str:
    return CONFIG.format(
        folder=dovecot.folder,
        maildir=maildir,
        user=owner.pw_uid,
        group=owner.pw_gid,
        name=owner.pw_name,
        group_name=grp.getgrgid(owner.pw_gid).gr_name,
        login=dovecot.user,
        password=dovecot.password,
        starttls_port=dovecot.starttls_port,
        tls_port=dovecot.tls_port,
    )


def _listens(dovecot: Dovecot) -> bool:
    try:
        with socket.create_connection((dovecot.host, dovecot.starttls_port), timeout=1) as probe:
            return probe.recv(4) == b"* OK"
    except OSError:
        return False
