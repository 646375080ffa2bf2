"""Server hooks of gunicorn. Source: gunicorn documentation, "Settings", "Server Hooks"."""

from __future__ import annotations

import sys
from typing import Any

from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger

from consult.core import logs
from consult.core.settings import Settings


class RootLogger(Logger):
    """Passes the lines of gunicorn to the root logger, so that all lines have one format."""

    def setup(self, cfg: Any) -> None:
        settings = Settings()
        logs.configure(settings.log_level, settings.log_format)
        logs.name_process("web")
        self.error_log.propagate = True
        self.error_log.setLevel(settings.log_level)


logger_class = RootLogger


def pre_exec(server: Arbiter) -> None:
    """Start the new master process after USR2 as a module.

    By default gunicorn runs its own `__main__.py`, whose folder then comes first in `sys.path`: `import http` would
    find `gunicorn.http`, and the new release would not start.
    """
    _python, _main, *arguments = server.START_CTX["args"]
    server.START_CTX["args"] = [sys.executable, "-m", "gunicorn", *arguments]
