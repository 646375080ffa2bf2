"""CPU seconds of tests: of this process, and of those that it started and that have ended.

`tests/seconds.csv` has the files that take long. They begin first, so that no process is left alone with one at the
end. A file that takes more than twice of what is written there, or of `USUAL`, is named at the end. It fails where
CONSULT_TEST_BUDGETS is set: the list still has to be filled on an idle machine.
`pytest --seconds` prints the list anew. PostgreSQL, Redis and a browser that is still open are not counted.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest

USUAL, TEST = 60, 120
"""CPU seconds: of a file that is not listed, and the budget of one test."""
_LIST = Path(__file__).with_name("seconds.csv")
_NAME = "cpu_seconds"


@lru_cache(maxsize=1)
def list_seconds() -> dict[str, int]:
    """Return the CPU seconds of long files, by their path."""
    rows = (line.rsplit(",", 1) for line in _LIST.read_text().splitlines()[1:])
    return {name: int(seconds) for name, seconds in rows}


def begin_with_long_files(items: list[pytest.Item]) -> None:
    """Sort the tests by what their file takes; those of a file stay together, and in their order."""
    files = list(dict.fromkeys(_file(item.nodeid) for item in items))
    files.sort(key=lambda name: -list_seconds().get(name, 0))
    place = {name: number for number, name in enumerate(files)}
    items.sort(key=lambda item: place[_file(item.nodeid)])


def _file(nodeid: str) -> str:
    return nodeid.partition("::")[0]


def _used() -> float:
    return sum(os.times()[:4])


class Budgets:
    """Counts in each process; the one that prints the results adds up."""

    def __init__(self, show_list: bool) -> None:
        self.show_list = show_list
        self.tests: Counter[str] = Counter()
        self.over: list[str] = []

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self.begun = _used()
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
        if call.when == "teardown":
            item.user_properties.append((_NAME, round(_used() - self.begun, 2)))
        return (yield)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "teardown":
            self.tests[report.nodeid] += dict(report.user_properties).get(_NAME, 0)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Only where tests are not handed out by another process."""
        if hasattr(session.config, "workerinput"):
            return
        files = self._add_files()
        self.over = [
            f"{name} took {seconds:.0f} CPU seconds, its budget is {2 * allowed}"
            for name, seconds in files.items()
            if seconds > 2 * (allowed := max(USUAL, list_seconds().get(name, 0)))
        ]
        self.over += [
            f"{name} took {seconds:.0f}, the budget is {TEST}" for name, seconds in self.tests.items() if seconds > TEST
        ]
        if self.over and os.environ.get("CONSULT_TEST_BUDGETS") and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _add_files(self) -> Counter[str]:
        files: Counter[str] = Counter()
        for nodeid, seconds in self.tests.items():
            files[_file(nodeid)] += seconds
        return files

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        whole = sum(self.tests.values())
        if whole > 2 * TEST:
            terminalreporter.section(f"the 30 slowest of {whole:.0f} CPU seconds")
            for name, seconds in self.tests.most_common(30):
                terminalreporter.line(f"{seconds:6.1f}  {name[:150]}")
        if self.over:
            terminalreporter.section("over the budget", red=True)
            for line in self.over:
                terminalreporter.line(line)
        if self.show_list:
            terminalreporter.section("tests/seconds.csv")
            for name, seconds in self._add_files().most_common():
                if seconds >= USUAL:
                    terminalreporter.line(f"{name},{seconds:.0f}")
