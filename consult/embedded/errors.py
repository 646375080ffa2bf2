"""What can go wrong while servers are started: always one sentence for the person at the keyboard."""

from __future__ import annotations


class EmbeddedError(Exception):
    """The servers cannot run; the message says why and what to do, in one sentence."""
