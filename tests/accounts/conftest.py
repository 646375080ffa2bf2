"""What the tests of accounts share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from consult.core.web.limits import limiter


@pytest.fixture
def limits(app: Flask) -> Iterator[None]:
    """Tries are counted, from none."""
    limiter.enabled = True
    limiter.reset()
    yield
    limiter.reset()
    limiter.enabled = False
