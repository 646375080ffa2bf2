"""Countries: dated facts with their source on treaties, laws and judgments, and memberships of regional bodies."""

from __future__ import annotations

from flask import Flask

from consult.bodies import merge
from consult.countries import body_merge, labels, lens


def init_app(app: Flask) -> None:
    merge.MERGED["countries"] = body_merge.move
    labels.init_app(app)
    lens.register()
