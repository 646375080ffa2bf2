"""Outgoing e-mail: each message is stored first, then sent by SMTP or kept in a folder."""

from __future__ import annotations

from flask import Flask

from consult.gateway import readers
from consult.gateway.model import InboundChannel
from consult.mail.bounces import read_bounce


def init_app(_app: Flask) -> None:
    readers.register(InboundChannel.LETTER, "bounces", read_bounce)
