"""Digests: one immutable edition for each window of the ledger, e-mailed once to each subscriber."""

from __future__ import annotations

from flask import Flask

from consult.digests.delivery import inbound
from consult.digests.render import list_headings
from consult.gateway import readers
from consult.gateway.model import InboundChannel


def init_app(app: Flask) -> None:
    list_headings.init_app(app)
    readers.register(InboundChannel.LETTER, "unsubscribing", inbound.read_letter)
