"""Number formats of the command line."""

from __future__ import annotations

import click


class WholeNumber(click.IntRange):
    """An integer from `min` to `max`, with a name that fits into error messages."""

    name = "whole number"
