"""Recommendations to countries, given to their bodies and answered by actions."""

from __future__ import annotations

from flask import Flask

from consult.bodies import merge
from consult.recommendations import action_slot, body_merge, labels, lens


def init_app(app: Flask) -> None:
    merge.MERGED["recommendations"] = body_merge.move
    labels.init_app(app)
    lens.register()
    action_slot.fill(app)
