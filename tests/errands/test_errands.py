"""Each errand works with the files that it names, and CONTRIBUTING lists it."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from tests.errands.errand import ROOT, Errand, copy_code, run_checks

ERRANDS = sorted(path.stem for path in Path(__file__).parent.glob("add_*.py"))


def load_errand(name: str) -> Errand:
    errand = import_module(f"tests.errands.{name}").ERRAND
    assert isinstance(errand, Errand)
    return errand


@pytest.mark.daily
@pytest.mark.process
@pytest.mark.parametrize("name", ERRANDS)
def test_an_errand_works_with_the_files_that_it_names(name: str, server_urls: tuple[str, str], tmp_path: Path) -> None:
    copy_code(tmp_path)
    load_errand(name).apply(tmp_path)
    output = run_checks(tmp_path, name, server_urls)
    assert not output, output


@pytest.mark.parametrize("name", ERRANDS)
def test_contributing_lists_the_errand_with_the_number_of_its_files(name: str) -> None:
    errand = load_errand(name)
    lines = [line for line in (ROOT / "CONTRIBUTING.md").read_text().split("\n") if f"`{name}.py`" in line]
    assert [line.rpartition("| ")[2] for line in lines] == [f"{len(errand.edits) + len(errand.created)} |"]
