"""The Celery application, where `celery -A worker.celery worker` finds it in a checkout."""

from consult.worker import celery

__all__ = ["celery"]
