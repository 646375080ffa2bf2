"""Child process of `consult.core.sandbox`: sets its limits, then runs one parser on the file."""

from __future__ import annotations

import importlib
import os
import resource
import sys
from pathlib import Path
from types import ModuleType

OUT_OF_MEMORY = 12


def main(name: str, memory: str, seconds: str, *arguments: str) -> None:
    for limit, most in (
        (resource.RLIMIT_AS, int(memory) * 2**20),
        (resource.RLIMIT_CPU, int(seconds)),
        (resource.RLIMIT_FSIZE, 2**26),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most + 1))  # SIGKILL follows one second of CPU time later without explanation
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # output of libraries must not mix with the result
    module, function = name.split(":")
    try:
        answer.write(getattr(importlib.import_module(module), function)(sys.stdin.buffer.read(), *arguments))
        answer.flush()
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    os._exit(0)  # skips freeing a large tree


if __name__ == "__main__":
    package = Path(__file__).resolve().parents[2]
    bare = ModuleType("consult")  # the package without its __init__, which would import all pages and tables
    bare.__path__ = [str(package)]
    sys.modules["consult"] = bare
    sys.path[:0] = [str(package.parent)]
    main(*sys.argv[1:])
