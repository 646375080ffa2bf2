"""Script that replaces itself with another program, which ends when the parent process does.

`python -I -S launch.py PARENT SIGNAL IDENTITY run PROGRAM ARG…` replaces itself with the program. `python -I -S
launch.py PARENT SIGNAL IDENTITY reach PATH…` reports by its exit status whether each path can be entered.

PARENT is the ID of the process to watch; when it dies, Linux sends SIGNAL (a number). IDENTITY is `same`, `namespace`
(the same user outside, 65534 inside), `UID:GID`, or `UID:GID+` (that user with root's right to ignore file
permissions). Doing this in a fresh process, and not between fork and exec, is safe in a program with threads.
"""

from __future__ import annotations

import ctypes
import os
import sys

NOBODY = 65534
_PR_SET_PDEATHSIG = 1
_PR_SET_KEEPCAPS, _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE = 8, 47, 2
_CAPABILITIES_3, _CAP_DAC_OVERRIDE = 0x20080522, 1
_CLONE_NEWUSER = 0x10000000


def _enter_namespace() -> None:
    """Enter a user namespace as NOBODY. Outside it, and for all files, the user stays the same."""
    uid, gid = os.getuid(), os.getgid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "user namespaces are not allowed here")
    for name, line in (("setgroups", "deny"), ("uid_map", f"{NOBODY} {uid} 1"), ("gid_map", f"{NOBODY} {gid} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(line)


def _become(identity: str) -> None:
    if identity == "namespace":
        _enter_namespace()
    elif identity != "same":
        uid, gid = (int(part) for part in identity.rstrip("+").split(":"))
        libc = ctypes.CDLL(None, use_errno=True)
        if identity.endswith("+"):
            libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0)
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
        if identity.endswith("+"):
            _keep_right_of_way(libc)


def _keep_right_of_way(libc: ctypes.CDLL) -> None:
    """Keep only CAP_DAC_OVERRIDE of root's capabilities, also after exec (capabilities(7), "Ambient")."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES_3, 0)
    bit = 1 << _CAP_DAC_OVERRIDE
    sets = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)  # effective, permitted, inheritable, then their upper halves
    if libc.capset(header, sets) != 0:
        raise OSError(ctypes.get_errno(), "capabilities cannot be kept here")
    if libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_OVERRIDE, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "capabilities cannot be kept here")


def die_with(parent: int, signal: int) -> None:
    """Ask Linux to send `signal` when `parent` ends. Must be called after any change of identity."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit("the process that wanted this one is gone")


def _can_enter(path: str, identity: str) -> bool:
    """Return True if the path can be entered.

    Checks real IDs, since the first process of a namespace has capabilities that the program will not have.
    """
    return os.access(path, os.X_OK, effective_ids=identity.endswith("+"))


def main() -> None:
    parent, signal, identity, verb, *rest = sys.argv[1:]
    _become(identity)
    if verb == "reach":
        sys.exit(0 if all(_can_enter(path, identity) for path in rest) else 1)
    die_with(int(parent), int(signal))
    os.execvp(rest[0], rest)  # noqa: S606


if __name__ == "__main__":
    main()
