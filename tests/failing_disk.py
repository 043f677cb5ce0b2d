"""A disk that fails, by the kernel's own word: every sync of this process ends in EIO from now on.

A filter of system calls (seccomp) says so; it needs no right and no library, and cannot be undone.
"""

import ctypes
import errno
import platform
import struct

SYNCS = {"x86_64": (74, 75), "aarch64": (82, 83)}  # fsync, fdatasync
_NO_NEW_PRIVS, _SECCOMP = 38, {"x86_64": 317, "aarch64": 277}
_SET_FILTER, _ALL_THREADS = 1, 1
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _FAIL = 0x7FFF0000, 0x00050000 | errno.EIO


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def can_fail() -> bool:
    """Tell whether this kind of machine is known here."""
    return platform.system() == "Linux" and platform.machine() in SYNCS


def fail_syncs() -> None:
    """Let every fsync and fdatasync of this process, in all its threads, fail with EIO."""
    fsync, fdatasync = SYNCS[platform.machine()]
    lines = (
        (_LOAD, 0, 0, 0),  # the number of the system call
        (_EQUAL, 2, 0, fsync),
        (_EQUAL, 1, 0, fdatasync),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _FAIL),
    )
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in lines))
    program = _Program(len(lines), ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    done = libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.syscall(
        _SECCOMP[platform.machine()], _SET_FILTER, _ALL_THREADS, ctypes.byref(program)
    )
    if done:
        raise OSError(ctypes.get_errno(), "the filter was not taken")
