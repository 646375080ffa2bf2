"""While the sample of a demo is being loaded, pages say how far that is."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from consult.core.settings import Settings
from consult.core.web.load_progress import PARTS, LoadProgress


def test_each_part_of_the_steps_is_written_once_it_is_done(tmp_path: Path) -> None:
    progress = LoadProgress(tmp_path)
    assert progress.read() is None
    seen = [progress.read() for _step in progress.track(range(2 * PARTS))]
    assert seen == [part for part in range(PARTS) for _twice in range(2)]
    progress.end()
    assert progress.read() is None
    progress.end()


def test_pages_say_how_far_the_sample_is_loaded_until_it_is(app: Flask, client: FlaskClient) -> None:
    settings: Settings = app.config["SETTINGS"]
    progress = LoadProgress(settings.data_dir)
    held = {"If-None-Match": client.get("/").headers.get("ETag", "none")}
    loading = progress.track(range(PARTS))
    try:
        for part in range(4):
            next(loading)
            page = client.get("/", headers=held)
            assert f"Loading the sample: {part} of 8 parts" in page.text
    finally:
        progress.end()
    assert "Loading the sample" not in client.get("/").text
