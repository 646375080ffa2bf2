"""`consult`: the command group."""

from __future__ import annotations

import click


@click.group()
@click.version_option(package_name="consult")
def main() -> None:
    """Consult: file comments on a draft policy, review them, send the digest."""
