"""The Celery application: `celery -A worker.celery worker`."""

from typing import Any

from celery.signals import celeryd_init

from consult import create_app
from consult.cli.run import ready_settings
from consult.core.queue import be_patient, celery, require_let_in
from consult.core.settings import SettingsError

app = create_app()


@celeryd_init.connect
def begin(**_sent: Any) -> None:
    """A worker that cannot serve ends with one sentence. Celery logs what a signal raises, but for SystemExit."""
    be_patient()
    try:
        require_let_in(ready_settings())
    except SettingsError as error:
        raise SystemExit(f"Error: {error}") from None


__all__ = ["app", "celery"]
