"""Told to end while it waits: in a real process, whose main thread gets the signals."""

from __future__ import annotations

from tests.processes import run_python

IMPATIENT = """
import os, signal, subprocess, sys
from consult.core.processes.signals import catch_stop_signals
signal.signal(signal.SIGTERM, lambda *_: None)
tell = f"import os; [os.kill({os.getpid()}, {signal.SIGTERM:d}) for _ in range(20_000)]"
with subprocess.Popen([sys.executable, "-c", tell]) as teller:
    while teller.poll() is None:
        with catch_stop_signals(lambda: None) as ended:
            for _ in range(1_000):
                ended.wait(0)
print("ended")
"""


def test_a_signal_at_any_moment_of_the_wait_is_heard_and_stops_nothing() -> None:
    made = run_python(["-c", IMPATIENT])
    assert (made.returncode, made.stdout.strip()) == (0, "ended"), made.stderr
