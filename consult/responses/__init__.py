"""Responses: the official answer to each argument, its owner and due date, and the resulting changes to the draft."""

from __future__ import annotations

from flask import Flask

from consult.bodies import merge
from consult.responses import body_merge, panels
from consult.responses.actions import lens


def init_app(app: Flask) -> None:
    merge.MERGED["responses"] = body_merge.move
    lens.register()
    panels.init_app(app)
