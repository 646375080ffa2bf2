"""Numbers on the command line."""

from __future__ import annotations

import click


class Whole(click.IntRange):
    """An integer from `min` to `max`, called by a name that makes a sentence of what is said of others."""

    name = "whole number"
