"""CPU time of application and PostgreSQL together.

On a shared machine wall time varies by a factor of 2 to 4, CPU time by 1.3.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

_TICK = os.sysconf("SC_CLK_TCK")
MINE = f"consult_bench_{os.getpid()}_"
"""The databases of this run begin so: another run on the same server is neither disturbed nor counted."""


def postgres_cpu(databases: str = MINE, server: int = 0) -> float:
    """Return the CPU seconds used so far by PostgreSQL's processes, or by those of one database.

    With the process id of a server, only that server counts, including its processes that have ended. Returns 0 without
    /proc.
    """
    total = 0.0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
            if "(postgres)" not in text or (not server and databases not in stat.with_name("cmdline").read_text()):
                continue
            fields = text.rpartition(")")[2].split()
            if not server or server in (int(fields[1]), int(stat.parent.name)):
                total += _cpu_of(stat.parent)
            if int(stat.parent.name) == server:
                total += (int(fields[13]) + int(fields[14])) / _TICK
        except OSError:
            continue
    return total


def _cpu_of(process: Path) -> float:
    """Return the CPU seconds of a single-threaded process by the scheduler's clock, because the other clock has steps
    of 10 ms.
    """
    return int((process / "schedstat").read_text().split()[0]) / 1e9


def process_cpu(pid: int) -> float:
    """Return the CPU seconds of a process with its threads and its running children."""
    total = 0
    for one in (pid, *children(pid)):
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / _TICK


def children(pid: int) -> list[int]:
    """Return the process ids of a process's children."""
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def peak_memory(pid: int | str = "self") -> float:
    """Return the peak memory of a process in MB. Unlike `ru_maxrss`, it excludes memory of the parent at the fork."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


@dataclass
class Samples:
    """Measured costs of repeated calls of one operation."""

    cpu: list[float] = field(default_factory=list)  # ms a call, application + PostgreSQL, one value a round
    wall: list[float] = field(default_factory=list)  # ms, one value a call

    @property
    def median_cpu(self) -> float:
        return statistics.median(self.cpu)

    @property
    def p95(self) -> float:
        return sorted(self.wall)[int(len(self.wall) * 0.95)]


def rounds(operations: dict[str, Callable[[], object]], *, rounds: int = 5, calls: int = 40) -> dict[str, Samples]:
    """Run the operations in alternating rounds, so that a slow minute of the machine affects all of them."""
    found = {name: Samples() for name in operations}
    for operation in operations.values():
        operation()
    for _round in range(rounds):
        for name, operation in operations.items():
            own, server = time.process_time(), postgres_cpu()
            for _call in range(calls):
                started = time.perf_counter()
                operation()
                found[name].wall.append((time.perf_counter() - started) * 1000)
            spent = time.process_time() - own + postgres_cpu() - server
            found[name].cpu.append(spent * 1000 / calls)
    return found


def print_table(title: str, head: list[str], rows: list[list[str]]) -> None:
    table = Table(title=title, title_justify="left")
    for index, name in enumerate(head):
        table.add_column(name, justify="left" if index == 0 else "right")
    for row in rows:
        table.add_row(*row)
    Console(width=130).print(table)
