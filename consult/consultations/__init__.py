"""Consultations: a dated request for views by a named body on one draft policy."""
