"""Child processes with memory and time limits, for parsers of uploaded files.

A crash, hang or memory leak of the parser ends the child and not this process. The child is a new Python process with
an empty environment, without database connection, settings or secrets. It returns bytes, which are not unpickled.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

from consult.core.errors import Refusal
from consult.core.i18n import N_
from consult.core.sandbox import child

_OUT_OF_CPU = -24  # SIGXCPU
_ABORTED = -6  # SIGABRT: how C and C++ libraries end without memory


class ParserOutOfMemory(Refusal):
    """The file needed more memory than parsers may use."""


class ParserOutOfTime(Refusal):
    """The file needed more time than parsers may use."""


class ParserFailed(Refusal):
    """The parser failed on the file."""


_OUT_OF_MEMORY_MESSAGE = N_(
    "This file is too large to open safely once it is unpacked. Split it, or save it in a simpler format."
)
_OUT_OF_TIME_MESSAGE = N_("This file takes too long to read. Split it, or save it in a simpler format.")
_FAILED_MESSAGE = N_(
    "We cannot read this file. It is damaged, or its name does not match its type. Save it again, then choose it."
)


def run(
    function: Callable[..., bytes] | str, data: bytes, *arguments: str, memory: int = 512, seconds: int = 20
) -> bytes:
    """Run `function(data, *arguments)` in a child process and return its result.

    `memory` limits the address space in MB, `seconds` the CPU time. The function must be at the top level of its
    module, which should import little (no flask, no sqlalchemy): the child imports that module, but not `consult` with
    all its packages. It reports problems of the file in the returned bytes; if it raises, ParserFailed is raised here.
    Processes that should not load the parser can name it as `module:function`. Raises ParserOutOfMemory,
    ParserOutOfTime or ParserFailed.
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
