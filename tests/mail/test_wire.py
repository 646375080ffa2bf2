"""A password that would travel in clear is told, at the start and in the log."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from consult.cli.processes.run import print_service_warnings
from consult.cli.schema_check import warn
from consult.core.settings import Secret, Settings
from consult.mail import wire
from tests.mail.post_office import post_office


class Encrypting(socketserver.StreamRequestHandler):
    """A mail server that offers STARTTLS, as far as it is asked."""

    def handle(self) -> None:
        self.wfile.write(b"220 post.example.org ESMTP\r\n")
        for line in self.rfile:
            last = line[:4].upper() == b"QUIT"
            self.wfile.write(b"221 Bye\r\n" if last else b"250-post.example.org\r\n250 STARTTLS\r\n")
            if last:
                return


@contextmanager
def encrypting() -> Iterator[int]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Encrypting) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.fixture(autouse=True)
def remote(monkeypatch: pytest.MonkeyPatch) -> None:
    """The servers of these tests are taken for those of another machine."""
    monkeypatch.setattr(wire, "_LOCAL", set())
    warn.cache_clear()


def test_a_password_for_a_server_without_starttls_is_told_at_the_start(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with post_office() as server:
        given = Settings(smtp_url=Secret(f"smtp://ada:hidden-word@127.0.0.1:{server.port}"))
        print_service_warnings(given, letters=False)
        assert capsys.readouterr().err == ""
        print_service_warnings(given, letters=True)
    said = capsys.readouterr().err
    assert said.startswith("Warning: The mail server does not offer STARTTLS, so the password of CONSULT_SMTP_URL")
    assert "hidden-word" not in said


def test_nothing_is_said_where_nothing_travels_in_clear() -> None:
    with post_office() as server, encrypting() as safe:
        assert not wire.is_password_in_clear(f"smtp://127.0.0.1:{server.port}")  # no password
        assert not wire.is_password_in_clear(f"smtps://ada:word@127.0.0.1:{server.port}")
        assert not wire.is_password_in_clear(f"smtp://ada:word@127.0.0.1:{safe}")
        assert not wire.is_password_in_clear("smtp://ada:word@127.0.0.1:1")  # nobody there to ask
        assert not wire.is_password_in_clear("")


def test_on_this_very_machine_a_password_needs_no_encryption(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "_LOCAL", {"127.0.0.1"})
    with post_office() as server:
        assert not wire.is_password_in_clear(f"smtp://ada:word@127.0.0.1:{server.port}")


def test_the_log_says_it_once_when_letters_go_out(capsys: pytest.CaptureFixture[str]) -> None:
    wire._warn_in_clear.cache_clear()
    with post_office() as server:
        for _each in range(2):
            with (
                pytest.raises(wire.MailServerAway),
                wire.open_connection(f"smtp://ada:word@127.0.0.1:{server.port}", 5),
            ):
                pass  # it knows no AUTH
    assert capsys.readouterr().err.count("mail.in_clear") == 1
