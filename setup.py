"""What pyproject.toml cannot say: an installed package brings the pages, styles and migrations that stand beside it."""

import shutil
from pathlib import Path
from typing import Any

from setuptools import setup
from setuptools.command.build_py import build_py

BESIDE = ("templates", "static", "migrations")


class WithPages(build_py):
    """Copies the folders into `consult/`, where consult/__init__.py finds them; an editable install needs no copy."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        for name in BESIDE:
            target = Path(self.build_lib, "consult", name)
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(name, target, ignore=shutil.ignore_patterns("__pycache__", "*.md"))


commands: dict[str, Any] = {"build_py": WithPages}
setup(cmdclass=commands)
