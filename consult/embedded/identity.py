"""The user that runs PostgreSQL, which refuses root.

An ordinary user runs it as that user. A user without a name, as in containers, runs it as user 65534 in a user
namespace, because initdb needs a name. Root uses the first that can access both programs and data. The order is: owner
of an existing cluster; user namespace (root's own files, an ordinary user inside); user 65534; owner of the folder. The
last resort is 65534 with root's right to ignore file permissions, for a container that forbids namespaces and a
checkout in /root. No user is created and no parent folder of the data is opened.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from consult.embedded.errors import EmbeddedError
from consult.embedded.launch import NOBODY
from consult.embedded.process import LAUNCH

SAME, NAMESPACE = "same", "namespace"


def choose_identity(data: Path, program: Path) -> str:
    """Return an identity that can run `program` on files in the folder `data`, as launch.py spells it."""
    if os.geteuid() != 0:
        return SAME if _is_known(os.geteuid()) else _require_namespace(program, data.parent)
    for identity in dict.fromkeys(_candidates(data)):
        if _can_reach(identity, program, data.parent):
            return identity
    raise EmbeddedError(
        f"PostgreSQL does not run as root, and no other user can reach {data.parent} and {program}. Start Consult as "
        "an ordinary user, or move the data (--data) and the checkout to folders that every user can read."
    )


def _require_namespace(*paths: Path) -> str:
    if _can_reach(NAMESPACE, *paths):
        return NAMESPACE
    raise EmbeddedError(
        f"PostgreSQL needs a user with a name, and {os.geteuid()} is not in /etc/passwd. Add it, or start Consult as "
        "another user."
    )


def _is_known(uid: int) -> bool:
    try:
        return bool(pwd.getpwuid(uid))
    except KeyError:
        return False


def _candidates(data: Path) -> Iterator[str]:
    if data.exists() and data.stat().st_uid != 0:
        yield f"{data.stat().st_uid}:{data.stat().st_gid}"
    yield NAMESPACE
    yield f"{NOBODY}:{NOBODY}"
    for folder in data.parents:
        if folder.stat().st_uid != 0:
            yield f"{folder.stat().st_uid}:{_group_of(folder.stat())}"
            break
    yield f"{NOBODY}:{NOBODY}+"


def _group_of(status: os.stat_result) -> int:
    try:
        return pwd.getpwuid(status.st_uid).pw_gid
    except KeyError:
        return status.st_gid


def _can_reach(identity: str, *paths: Path) -> bool:
    """Return True if this process can take on the identity and then enter the paths."""
    _let_pass(identity, paths[-1])
    probe = [sys.executable, "-I", "-S", str(LAUNCH), "0", "0", identity, "reach", *map(str, paths)]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0  # noqa: S603 - our own command


def _let_pass(identity: str, folder: Path) -> None:
    """Let another user traverse our own private data folder."""
    if identity not in {SAME, NAMESPACE} and folder.stat().st_uid == os.geteuid():
        folder.chmod(folder.stat().st_mode | 0o011)


def hand_over(folder: Path, identity: str) -> None:
    """Change the owner of a folder and its contents to the identity if it belongs to another."""
    if os.geteuid() != 0:
        return
    uid, gid = (0, 0) if identity == NAMESPACE else map(int, identity.rstrip("+").split(":"))
    if folder.stat().st_uid == uid:
        return
    for path, _folders, files in os.walk(folder):
        for name in files:
            os.chown(os.path.join(path, name), uid, gid, follow_symlinks=False)
        shutil.chown(path, uid, gid)
