"""A task that kills whoever takes it, for a worker that is started with it."""

from __future__ import annotations

import os
import signal

from sqlalchemy.orm import Session

from consult.core.queue import task


@task("default.poison")
def poison(_session: Session, _number: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)  # as a kernel that is out of memory does
