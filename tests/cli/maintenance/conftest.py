"""The runner of commands for the tests of this folder."""

from tests.cli.conftest import run

__all__ = ["run"]
