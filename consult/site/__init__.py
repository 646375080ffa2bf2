"""Pages that belong to no single feature: home, lists, health, accessibility and the kit."""

from __future__ import annotations

from flask import Flask

from consult.site import proxy_check
from consult.site.menus import consultation_tabs, navigation


def init_app(app: Flask) -> None:
    navigation.init_app(app)
    consultation_tabs.init_app(app)
    proxy_check.init_app(app)
