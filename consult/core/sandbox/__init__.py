"""Runs parsers of uploaded files in a child process with memory and time limits.

A crash, hang or memory leak there harms nothing here. The child is a fresh Python with an empty environment: it has no
database, no settings and no secrets. It answers in bytes, never in pickles, so a compromised child can return wrong
words at most.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

from consult.core.errors import Refusal
from consult.core.i18n import N_
from consult.core.sandbox import child

_OUT_OF_CPU = -24  # SIGXCPU
_ABORTED = -6  # SIGABRT: how libraries in C and C++ end that are given no more memory


class ParserOutOfMemory(Refusal):
    """The file needed more memory than a parser is given."""


class ParserOutOfTime(Refusal):
    """The file needed more time than a parser is given."""


class ParserFailed(Refusal):
    """The parser failed on the file."""


_OUT_OF_MEMORY_MESSAGE = N_(
    "This file unpacks to more than we can open safely. Divide it, or save it in a simpler format."
)
_OUT_OF_TIME_MESSAGE = N_("This file takes too long to read. Divide it, or save it in a simpler format.")
_FAILED_MESSAGE = N_(
    "This file cannot be read: it is damaged, or is not what its name says. Save it again, then choose it."
)


def run(
    function: Callable[..., bytes] | str, data: bytes, *arguments: str, memory: int = 512, seconds: int = 20
) -> bytes:
    """What `function(data, *arguments)` gives, run in a child with `memory` MB of address space and `seconds` of CPU.

    The function stands at the top of its module, which should import little (no flask, no sqlalchemy): the child
    imports that module, and not `consult` itself with all its packages. It tells what is wrong with the file in the
    bytes it answers with; where it raises instead, ParserFailed is raised here. It may be given by name,
    `module:function`, by a process that does not want to load the parser itself.
    Raises ParserOutOfMemory, ParserOutOfTime or ParserFailed.
    """
    name = function if isinstance(function, str) else f"{function.__module__}:{function.__qualname__}"
    command = [sys.executable, "-I", child.__file__, name, str(memory), str(seconds), *arguments]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and our own file
            command, input=data, capture_output=True, timeout=2 * seconds, env={"LANG": "C.UTF-8"}, check=False
        )
    except subprocess.TimeoutExpired as expired:
        raise ParserOutOfTime(_OUT_OF_TIME_MESSAGE) from expired
    if done.returncode in (child.OUT_OF_MEMORY, _ABORTED):
        raise ParserOutOfMemory(_OUT_OF_MEMORY_MESSAGE)
    if done.returncode == _OUT_OF_CPU:
        raise ParserOutOfTime(_OUT_OF_TIME_MESSAGE)
    if done.returncode != 0:
        raise ParserFailed(_FAILED_MESSAGE)
    return done.stdout
