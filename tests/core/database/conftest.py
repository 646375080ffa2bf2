"""The application behind PgBouncer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from consult import create_app
from consult.core.db import db
from consult.core.settings import Settings
from consult.core.web.limits import limiter
from tests.core.database.pooler import Pooler, bouncer


@pytest.fixture(params=["refuses options", "drops options"])
def pooler(request: pytest.FixtureRequest, app: Flask, settings: Settings) -> Iterator[Pooler]:
    """A PgBouncer that refuses our options, or was told to drop them."""
    more = [] if request.param == "refuses options" else ["ignore_startup_parameters = options"]
    with bouncer(settings.database_url, *more) as found:
        yield found


@pytest.fixture
def through(pooler: Pooler, settings: Settings) -> Iterator[Flask]:
    """The application behind that PgBouncer."""
    made = create_app(replace(settings, database_url=pooler.url))
    made.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    limiter.enabled = False
    yield made
    with made.app_context():
        db.session.remove()
        db.engine.dispose()
