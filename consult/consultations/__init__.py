"""Consultations: a dated request for views by a named body on one draft policy."""

from consult.consultations.questions.labels import init_app

__all__ = ["init_app"]
