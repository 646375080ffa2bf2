from __future__ import annotations

from flask import Flask, current_app

from consult.core.processes import threads
from consult.core.web.requests import settings


def test_a_thread_works_in_the_application_that_began_it(app: Flask) -> None:
    seen: list[object] = []
    threads.start("test", lambda: seen.extend([current_app.name, settings()])).join(20)
    assert seen == [app.name, app.config["SETTINGS"]]


def test_what_a_thread_raises_ends_it_alone(app: Flask) -> None:
    def work() -> None:
        raise ValueError("no")

    thread = threads.start("test", work)
    thread.join(20)
    assert not thread.is_alive()
