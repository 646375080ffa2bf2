"""Early warning: reports from the field, signals assembled from them, and public warnings."""

from __future__ import annotations

from flask import Flask

from consult.accounts import hooks
from consult.bodies import merge
from consult.core.web import systems
from consult.gateway import readers
from consult.gateway.model import InboundChannel
from consult.signals import labels, lens
from consult.signals.inbound import letters, messages
from consult.signals.offices import body_merge
from consult.signals.samples import intake
from consult.signals.system import SYSTEM
from consult.signals.triage import seats


def init_app(app: Flask) -> None:
    hooks.LEFT["signals"] = seats.release
    merge.MERGED["signals"] = body_merge.move
    labels.init_app(app)
    lens.register()
    systems.declare(app, SYSTEM)
    readers.register(InboundChannel.LETTER, "signals", letters.read_letter)
    readers.register(InboundChannel.MESSAGE, "signals", messages.read_message)
    readers.register(InboundChannel.TABLE, "samples", intake.read_again)
