"""An errand: the edits that a developer makes for one task, applied to a copy of the code and checked there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_COPIED = ("consult", "templates", "pyproject.toml")
_LINKED = ("fonts", "migrations", "static", "config.py", "worker.py")


@dataclass(frozen=True)
class Errand:
    """The files of one task: lines that are replaced in existing files, and files that are created."""

    edits: Mapping[str, Sequence[tuple[str, str]]]
    created: Mapping[str, str] = field(default_factory=dict)

    def apply(self, root: Path) -> None:
        """Make the edits below `root`. Each replaced text must occur exactly once."""
        for name, changes in self.edits.items():
            text = (root / name).read_text()
            for old, new in changes:
                assert text.count(old) == 1, f"{name} has {text.count(old)} times {old!r}"
                text = text.replace(old, new)
            (root / name).write_text(text)
        for name, text in self.created.items():
            assert not (root / name).exists(), name
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)


def copy_code(into: Path) -> None:
    """Copy what errands edit, and link the rest."""
    for name in _COPIED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
        copy(ROOT / name, into / name)
    for name in _LINKED:
        (into / name).symlink_to(ROOT / name)
    for folder in ("errands", "rules"):
        shutil.copytree(ROOT / "tests" / folder, into / "tests" / folder)
    for path in (*(ROOT / "tests").glob("*.py"), ROOT / "tests" / "seconds.csv"):
        shutil.copy2(path, into / "tests" / path.name)


def run_checks(root: Path, module: str, server_urls: tuple[str, str]) -> str:
    """Run the functions `confirm_…` of an errand's module in the copy; return the output if one fails, else ""."""
    command = ["-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "-o", "python_functions=confirm_*"]
    own = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    database, redis = server_urls
    ran = subprocess.run(
        [sys.executable, *command, f"tests/errands/{module}.py"],
        cwd=root,
        env={**own, "CONSULT_TEST_DATABASE_URL": database, "CONSULT_TEST_REDIS_URL": redis, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
    )
    return "" if ran.returncode == 0 else ran.stdout + ran.stderr
