"""Check before the start that the address to serve is free."""

from __future__ import annotations

import errno
import socket

import click


def require_free_port(host: str, port: int, options: tuple[str, str]) -> None:
    """Raise a ClickException if the address is not free. `options` name the options for another port and host."""
    kind = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise click.ClickException(
                    f"Port {port} is in use, perhaps because Consult is already running. Stop that program, or choose "
                    f"another port with {options[0]}."
                ) from error
            raise click.ClickException(
                f"Cannot listen on {host}, port {port} ({error.strerror}). Choose others with {options[1]}."
            ) from error
