"""The Celery application: `celery -A consult.worker worker`, or in a checkout `celery -A worker.celery worker`.

Importing it creates the application, so only Celery imports it. No variable is called `app`: Celery would look for that
name first.
"""

import logging
from typing import Any

from celery.signals import celeryd_init, setup_logging

from consult import create_app
from consult.cli.processes.run import ready_settings
from consult.core import time_check
from consult.core.queue import celery, require_broker_access, use_worker_timeouts
from consult.core.settings import SettingsError

_pages = create_app()
time_check.name_process("worker")


@celeryd_init.connect
def begin(**_sent: Any) -> None:
    """Check the configuration when a worker starts, and end it with one sentence if it cannot run.

    Celery only logs exceptions from signal handlers, except for SystemExit.
    """
    use_worker_timeouts()
    try:
        require_broker_access(ready_settings())
    except SettingsError as error:
        raise SystemExit(f"Error: {error}") from None


@setup_logging.connect
def keep_logging(**_sent: Any) -> None:
    """Keep our handlers, also for warnings. Celery adds its own if nothing is connected to this signal."""
    logging.captureWarnings(True)


__all__ = ["celery"]
