"""Programs kept running side by side: started again, ended in order, and never left behind. All are real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from consult.cli.processes.group import Supervisor
from consult.embedded.process import SupervisedProcess, command_of, wait_until

pytestmark = pytest.mark.process

ROOT = Path(__file__).resolve().parents[3]
LIVES = "import sys, time; print('here', flush=True); time.sleep(3600)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('here', flush=True); time.sleep(3600)"
)


def program(name: str, code: str, folder: Path, **more: float) -> SupervisedProcess:
    return SupervisedProcess(name, [sys.executable, "-c", code], folder / f"{name}.log", **more)  # type: ignore[arg-type]


def started(process: SupervisedProcess) -> bool:
    return wait_until(lambda: process.last_words() == "here", 60)


def tended(supervisor: Supervisor, condition: Callable[[], bool], seconds: float = 60) -> bool:
    def look() -> bool:
        supervisor.tend()
        return condition()

    return wait_until(look, seconds)


def test_a_program_that_dies_is_started_again_and_the_operator_is_told(tmp_path: Path) -> None:
    said: list[str] = []
    supervisor = Supervisor(said.append)
    clock = program("clock", LIVES, tmp_path)
    supervisor.start(clock)
    first = clock.pid
    assert first
    assert started(clock)
    os.kill(first, signal.SIGKILL)
    assert tended(supervisor, lambda: clock.pid != first and clock.alive)
    assert said == ["The process “clock” stopped unexpectedly (signal 9: here). It restarts in 1 s."]
    supervisor.stop()
    assert not clock.alive


def test_a_program_that_keeps_dying_is_tried_less_and_less_often(tmp_path: Path) -> None:
    said: list[str] = []
    supervisor = Supervisor(said.append)
    supervisor.start(program("worker", "raise SystemExit('no queue')", tmp_path))
    assert tended(supervisor, lambda: len(said) == 2)
    assert "(exit code 1: no queue). It restarts in 1 s." in said[0]
    assert "It restarts in 2 s." in said[1]
    supervisor.stop()


def test_programs_end_one_after_another_in_the_order_they_were_given(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    code = "import signal, sys, time\ndef end(*_):\n  time.sleep(0.2); open({0!r}, 'a').write({1!r}); sys.exit()\n" \
           "signal.signal(signal.SIGTERM, end); print('here', flush=True)\nwhile True: time.sleep(1)"  # fmt: skip
    supervisor = Supervisor(print)
    processes = [program(name, code.format(str(notes), f"{name} "), tmp_path) for name in ("web", "clock", "worker")]
    for process in processes:
        supervisor.start(process)
    assert all(started(process) for process in processes)
    supervisor.stop()
    assert notes.read_text() == "web clock worker "


def test_a_program_that_will_not_end_is_killed_after_its_patience(tmp_path: Path) -> None:
    said: list[str] = []
    supervisor = Supervisor(said.append)
    worker = program("worker", STUBBORN, tmp_path, patience=0.3)
    supervisor.start(worker)
    assert started(worker)
    supervisor.stop()
    assert not worker.alive
    assert said == ["The process “worker” did not stop within 0 s and was killed."]


def test_a_second_ctrl_c_does_not_wait(tmp_path: Path) -> None:
    supervisor = Supervisor(print)
    worker = program("worker", STUBBORN, tmp_path, patience=3600)
    supervisor.start(worker)
    assert started(worker)
    ending = threading.Thread(target=supervisor.stop)
    ending.start()
    supervisor.hurry()
    ending.join(120)
    assert not ending.is_alive(), "it waits as long as it was patient"
    assert not worker.alive


PARENT = """
import os, sys, time
from consult.cli.processes.forks import ForkedProcess
from consult.cli.processes.group import Supervisor
from consult.core.processes.signals import catch_stop_signals

def live():
    time.sleep(3600)
supervisor = Supervisor(print)
with catch_stop_signals(supervisor.hurry) as ended:
    for name in ("one", "two"):
        supervisor.start(ForkedProcess(name, work=live))
    print(*(child.process.pid for child in supervisor._children), flush=True)
    supervisor.watch(ended)
    supervisor.stop()
    print("ended", flush=True)
"""


@pytest.mark.parametrize(
    "end", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL], ids=lambda end: end.name
)
def test_no_copy_outlives_the_process_that_started_it(end: signal.Signals) -> None:
    if end is signal.SIGKILL and sys.platform != "linux":
        pytest.skip("only Linux ends a program with its parent")
    parent = subprocess.Popen([sys.executable, "-c", PARENT], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    pids = [int(pid) for pid in parent.stdout.readline().split()]
    assert len(pids) == 2
    assert all(command_of(pid) for pid in pids)
    parent.send_signal(end)
    rest, _ = parent.communicate(timeout=120)
    assert wait_until(lambda: not any(command_of(pid) for pid in pids), 60)
    assert (parent.returncode, rest.strip()) == ((0, "ended") if end is not signal.SIGKILL else (-signal.SIGKILL, ""))


def test_what_a_web_process_has_loaded_is_not_looked_through_again_once_it_is_copied() -> None:
    code = "import gc; from consult.cli.processes.run import shared; shared()"
    code += "; print(gc.get_freeze_count(), len(gc.get_objects()))"
    made = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    kept, looked_through = map(int, made.stdout.split())
    assert kept > 100_000 > 100 * looked_through
