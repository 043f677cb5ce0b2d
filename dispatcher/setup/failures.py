"""What went wrong in a set-up, and what to do about it, in one sentence each."""

import errno
import re
from pathlib import Path


class SetupFailure(Exception):
    """Set-up cannot go on; the text is the sentence for the person who typed the command."""


NO_INSTALLER = (
    "This Python has neither pip nor ensurepip, and there is no uv on the PATH: install one of "
    "them (on Debian or Ubuntu: apt install python3-venv), then run the same command again."
)

# In order: the first that matches explains the failure best.
_CAUSES: tuple[tuple[str, str], ...] = (
    (
        r"No space left on device|ENOSPC|Disk quota exceeded|EDQUOT",
        "The disk is full: free about 1.5 GB for {root}, then run the same command again.",
    ),
    (
        r"Read-only file system|EROFS",
        "{root} is read-only: clone to a folder you may write in, and run the command there.",
    ),
    (
        r"Hash mismatch|DO NOT MATCH THE HASHES|EINTEGRITY",
        "A downloaded package is not the one that the lock promises (dispatcher/constraints.txt "
        "or package-lock.json), so nothing was installed: undo local changes of the lock, or try "
        "another network; the package is named in {log}.",
    ),
    (
        r"No solution found|no trusted hash was provided|to have a hash",
        "The lock (dispatcher/constraints.txt) does not fit pyproject.toml: write it again with "
        "the command in pyproject.toml; what does not fit is in {log}.",
    ),
    (
        r"UnknownIssuer|CERTIFICATE_VERIFY_FAILED|SELF_SIGNED_CERT|UNABLE_TO_(GET|VERIFY)_",
        "The network answers with a certificate this machine does not know: set SSL_CERT_FILE "
        "(and NODE_EXTRA_CA_CERTS) to your proxy's certificate, then run the same command again.",
    ),
    (
        r"error sending request|dns error|Failed to fetch|Could not connect|ENOTFOUND|ECONNREFUSED"
        r"|ECONNRESET|EAI_AGAIN|ETIMEDOUT|name resolution|NewConnectionError|timed out"
        r"|No matching distribution found|Network is unreachable|Connection refused",
        "The packages could not be downloaded: connect this machine to the network (behind a "
        "proxy, set HTTPS_PROXY), then run the same command again; details in {log}.",
    ),
    (
        r"Permission denied|EACCES|Operation not permitted",
        "Nothing can be written in {root}: run the command as the owner of that folder.",
    ),
    (
        r"No module named (venv|pip|ensurepip)|ensurepip is not",
        NO_INSTALLER,
    ),
)


def explain(step: str, said: str, *, root: Path, log: Path) -> SetupFailure:
    """Turn what a tool said into the sentence that helps most."""
    for pattern, sentence in _CAUSES:
        if re.search(pattern, said):
            return SetupFailure(sentence.format(root=root, log=log))
    return SetupFailure(
        f"Set-up stopped at “{step}”: the reason is at the end of {log}; "
        "once it is mended, run the same command again."
    )


def explain_os(error: OSError, *, root: Path) -> SetupFailure:
    """Do the same for an error of the system met by the set-up itself."""
    name = errno.errorcode.get(error.errno or 0, "")
    said = f"{name} {error.strerror}"
    found = explain("files", said, root=root, log=root / ".venv" / "setup.log")
    if any(re.search(pattern, said) for pattern, _ in _CAUSES):
        return found
    return SetupFailure(
        f"Set-up cannot write {error.filename or root}: {error.strerror}; "
        "once that is mended, run the same command again."
    )
