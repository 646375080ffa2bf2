"""Number formats of the command line."""

from __future__ import annotations

import re

import click


class WholeNumber(click.IntRange):
    """An integer from `min` to `max`, with a name that fits into error messages."""

    name = "whole number"


class Duration(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.3 only
    """A duration in seconds, minutes or hours, as a number of seconds."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the seconds of a duration.

        >>> Duration().convert("10m", None, None), Duration().convert("90s", None, None)
        (600.0, 90.0)
        """
        match = re.fullmatch(r"([0-9]{1,6})([smh])", str(value))
        if match is None:
            self.fail(f"{value!r} is not a duration. Use a number with s, m or h, such as 10m.", param, ctx)
        return float(match[1]) * {"s": 1, "m": 60, "h": 3600}[match[2]]
