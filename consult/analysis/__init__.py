"""Analysis of submissions: identical texts, campaign letters, quotations and languages."""

from flask import Flask

from consult.analysis import check_page_hint, voice_pictures

__all__ = ["init_app"]


def init_app(app: Flask) -> None:
    check_page_hint.init_app(app)
    voice_pictures.init_app(app)
