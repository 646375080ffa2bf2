"""Build steps that pyproject.toml cannot express: compile catalogues, include templates, migrations and fonts."""

import shutil
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from setuptools import setup
from setuptools.command.build_py import build_py

BESIDE = ("templates", "static", "migrations", "fonts")
NOT = shutil.ignore_patterns("__pycache__", "*.md", "make.sh", "coverage.py")


class WithPages(build_py):
    """A build that compiles catalogues and copies folders into `consult/`, where consult/__init__.py finds them.

    An editable install needs no copy.
    """

    def run(self) -> None:
        for source in Path("consult/translations").glob("*/LC_MESSAGES/messages.po"):
            with source.open("rb") as read, source.with_suffix(".mo").open("wb") as written:
                write_mo(written, read_po(read, locale=source.parents[1].name))
        super().run()
        if self.editable_mode:
            return
        for name in BESIDE:
            target = Path(self.build_lib, "consult", name)
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(name, target, ignore=NOT)


commands: dict[str, Any] = {"build_py": WithPages}
setup(cmdclass=commands)
