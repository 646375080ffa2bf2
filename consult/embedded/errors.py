"""Errors when starting the servers, with a one-sentence message for the operator."""

from __future__ import annotations


class EmbeddedError(Exception):
    """The servers cannot run. The message gives the reason and what to do."""
