"""The Celery application: `celery -A worker.celery worker`."""

from consult import create_app
from consult.core.queue import celery

app = create_app()

__all__ = ["app", "celery"]
