"""Secret keys of this installation, kept beside the ledger and never inside it.

Each is a file of 32 random bytes in `<data folder>/keys`, made once, readable by its owner alone.
Losing `logbook` means that the logbook can no longer be verified; losing `answers` breaks the
links already sent; losing `sessions` signs everybody out; losing `partners` means
new secrets for every partner's system. Losing `residents` means that nobody is alerted any more,
and losing `vulnerable` that nobody reads the register of vulnerable people: what they seal is lost.
Back the folder up apart from the ledger.

What a ring seals may be sealed again by a newer key: `residents.2` is the second one, and so on;
the older ones stay, until nothing is left that they alone open.
"""

import os
import secrets
from pathlib import Path

NAMES = ("logbook", "answers", "attempts", "sessions", "partners")
RINGS = ("residents", "vulnerable")  # keys of what is sealed in the ledger, one ring a register
KEY_BYTES = 32
MOST_KEYS = 255  # the number of a key is one byte of what it seals


class KeyRefused(Exception):
    """A key file that cannot be used, said in a sentence."""


def key(data_dir: Path, name: str) -> bytes:
    """Return the 32 bytes of a key of `NAMES`, made on first use; processes may race for it.

    Raises KeyRefused when the name is unknown or the file does not hold 32 bytes: a damaged key
    is never replaced, since what it signed could then no longer be verified.
    """
    if name not in NAMES:
        raise KeyRefused(f"There is no key named {name!r}: the keys are {', '.join(NAMES)}.")
    return _kept(_folder(data_dir) / name)


def ring(data_dir: Path, name: str) -> dict[int, bytes]:
    """Return the keys of a ring of `RINGS` by their numbers, from 1; the first made on first use.

    Raises KeyRefused as `key` does.
    """
    first = _folder(data_dir) / _of_ring(name)
    found = first.parent.glob(f"{name}.[1-9]*")
    later = {int(one.suffix[1:]): one for one in found if one.suffix[1:].isdecimal()}
    if any(number > MOST_KEYS for number in later):
        raise KeyRefused(f"A ring has {MOST_KEYS} keys at most: remove the files beyond {name!r}.")
    return {1: _kept(first), **{number: _kept(one) for number, one in sorted(later.items())}}


def add_to_ring(data_dir: Path, name: str) -> int:
    """Make the next key of a ring, by which all is sealed from now on; return its number."""
    number = max(ring(data_dir, name)) + 1
    _make(_folder(data_dir) / f"{name}.{number}")
    return number


def _of_ring(name: str) -> str:
    if name not in RINGS:
        raise KeyRefused(f"There is no ring named {name!r}: the rings are {', '.join(RINGS)}.")
    return name


def _folder(data_dir: Path) -> Path:
    folder = data_dir / "keys"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _kept(path: Path) -> bytes:
    if not path.exists():
        _make(path)
    kept = path.read_bytes()
    if len(kept) != KEY_BYTES:
        raise KeyRefused(
            f"The key file {path} holds {len(kept)} bytes instead of {KEY_BYTES}: "
            "put back the copy of your backup."
        )
    return kept


def _make(path: Path) -> None:
    """Write a new key aside, then link it: whole when it appears, and the first maker wins."""
    aside = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(aside, path)
        except FileExistsError:
            return  # another process was first: its key is the key
        _sync_folder(path.parent)
    finally:
        aside.unlink()


def _sync_folder(folder: Path) -> None:
    """Make the new name survive a power cut, as the bytes do."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
