"""Calls that end the process that runs them. Other processes load nothing else for them."""

import os
import signal
from pathlib import Path


def end_once(folder: str, number: int) -> int:
    """Return the square of a number. The first time that it is 2, kill this process."""
    if number == 2 and not (Path(folder) / "killed").exists():
        (Path(folder) / "killed").touch()
        end_always()
    return number * number


def end_always() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
