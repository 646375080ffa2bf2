"""The Celery application: `celery -A consult.worker worker`, or in a checkout `celery -A worker.celery worker`.

Importing it creates the application, so only Celery imports it. No variable is called `app`: Celery would look for that
name first.
"""

from typing import Any

from celery.signals import celeryd_init

from consult import create_app
from consult.cli.processes.run import ready_settings
from consult.core import time_check
from consult.core.queue import celery, require_broker_access, use_worker_timeouts
from consult.core.settings import SettingsError

_pages = create_app()
time_check.name_process("worker")


@celeryd_init.connect
def begin(**_sent: Any) -> None:
    """A worker that cannot serve ends with one sentence. Celery logs what a signal raises, but for SystemExit."""
    use_worker_timeouts()
    try:
        require_broker_access(ready_settings())
    except SettingsError as error:
        raise SystemExit(f"Error: {error}") from None


__all__ = ["celery"]
