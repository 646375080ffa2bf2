"""Progress of loading the demo sample: a number in the data folder, shown on pages until it is removed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from flask import Flask, current_app

from consult.core.settings import Settings

T = TypeVar("T")
PARTS = 8


class LoadProgress:
    """The number of loaded parts, shared between the loading process and the web processes."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "sample-parts"

    def track(self, steps: Sequence[T]) -> Iterator[T]:
        """Yield the steps, and record each completed part."""
        done = -1
        for number, step in enumerate(steps):
            if (reached := PARTS * number // len(steps)) != done:
                done = reached
                self._file.write_text(str(done))
            yield step

    def end(self) -> None:
        self._file.unlink(missing_ok=True)

    def read(self) -> int | None:
        """Return the number of loaded parts, or None if nothing is being loaded."""
        with suppress(OSError, ValueError):
            return int(self._file.read_text())
        return None


def read_progress() -> int | None:
    """Return the number of loaded parts of the sample, or None outside a demo."""
    settings: Settings = current_app.config["SETTINGS"]
    return LoadProgress(settings.data_dir).read() if settings.demo else None


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(read_progress=read_progress, sample_parts=PARTS)
