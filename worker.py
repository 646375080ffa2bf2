"""The Celery application for `celery -A worker.celery worker` in a checkout."""

from consult.worker import celery

__all__ = ["celery"]
