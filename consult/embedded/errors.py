"""Errors at the start of the servers, each with one sentence for the operator."""

from __future__ import annotations


class EmbeddedError(Exception):
    """The servers cannot run; the message says why and what to do, in one sentence."""
