"""Official answers to arguments: due dates, responsible people, reasons, and resulting changes in the draft."""

from __future__ import annotations

from flask import Flask

from consult.bodies import merge
from consult.responses import body_merge, panels
from consult.responses.actions import lens


def init_app(app: Flask) -> None:
    merge.MERGED["responses"] = body_merge.move
    lens.register()
    panels.init_app(app)
