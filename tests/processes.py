"""Processes that a test starts. What they may use is counted in seconds of the processor, not of the clock."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence

from consult import ROOT

_LIMITED = ["sh", "-c", 'ulimit -t "$0" && exec "$@"']


def run_python(
    arguments: Sequence[str], env: Mapping[str, str] | None = None, *, seconds: int = 120
) -> subprocess.CompletedProcess[str]:
    """Run Python on these arguments in the project's folder until it ends; it is killed after so many CPU seconds."""
    return subprocess.run(
        [*_LIMITED, str(seconds), sys.executable, *arguments], cwd=ROOT, env={**os.environ, **(env or {})},
        check=False, capture_output=True, text=True,
    )  # fmt: skip
