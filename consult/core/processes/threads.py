"""Background threads that end with their process."""

from __future__ import annotations

import threading
from collections.abc import Callable

from flask import current_app

from consult.core.logs import log


def start(name: str, work: Callable[[], object]) -> threading.Thread:
    """Start `work` in a daemon thread with the current application. Exceptions are logged."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def run() -> None:
        try:
            with app.app_context():
                work()
        except Exception as error:
            log.error("thread.failed", name=name, error=type(error).__name__, exc_info=True)

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    return thread
