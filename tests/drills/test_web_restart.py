"""`consult web` starts a new release without a gap: USR2, then TERM to the old master. Source: gunicorn, "Signals"."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.drills.conftest import until
from tests.drills.test_slow_clients import Site, site

pytestmark = pytest.mark.drill
__all__ = ["site"]  # a fixture


@pytest.fixture(params=["buffered", "gthread"])
def more(request: pytest.FixtureRequest) -> dict[str, str]:
    return {"CONSULT_WEB_WORKER": request.param}


def list_children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_new_master(pid: int) -> bool:
    command = Path(f"/proc/{pid}/cmdline").read_bytes()
    return b"-m\0gunicorn\0" in command and len(list_children(pid)) == 2


def test_a_new_master_takes_over_and_every_request_is_answered(site: Site) -> None:
    old = site.process.pid
    os.kill(old, signal.SIGUSR2)
    until(lambda: any(is_new_master(child) for child in list_children(old)))
    assert site.answers()
    (new,) = [child for child in list_children(old) if is_new_master(child)]
    os.kill(old, signal.SIGTERM)
    answered = []
    until(lambda: answered.append(site.answers()) or site.process.poll() is not None)  # type: ignore[func-returns-value]
    assert all(answered)
    assert site.answers()
    os.kill(new, signal.SIGTERM)
    until(lambda: not site.accepts())
