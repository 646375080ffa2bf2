"""Checks before the start that the address to serve is free."""

from __future__ import annotations

import errno
import socket

import click


def require_free_port(host: str, port: int, options: tuple[str, str]) -> None:
    """A ClickException where nothing can listen there; `options` choose another port, and another place."""
    kind = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise click.ClickException(
                    f"Port {port} is in use, perhaps by a Consult that runs already: end that program, or choose "
                    f"another port with {options[0]}."
                ) from error
            raise click.ClickException(
                f"Nothing can listen on {host}, port {port} ({error.strerror}): choose others with {options[1]}."
            ) from error
