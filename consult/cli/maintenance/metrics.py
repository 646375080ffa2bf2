"""`consult metrics`: measurements for Prometheus, printed once or served."""

from __future__ import annotations

import hmac
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address

import click
from flask import Flask

from consult import create_app
from consult.cli.processes.run import ready_settings
from consult.cli.schema_check import application
from consult.core import time_check
from consult.core.db import ReadMode, db, set_read_only
from consult.core.logs import log, name_process
from consult.core.processes.signals import StopSignal, catch_stop_signals
from consult.core.settings import Settings
from consult.site.metrics import CONTENT_TYPE, render_metrics
from consult.site.proxy_check import FORWARDED_HEADERS

PATH = "/metrics"
_KEPT_SECONDS = 10.0
_CLIENT_SECONDS = 5.0
_STOP_SECONDS = 0.5


def collect(app: Flask) -> str:
    """Return the measurements of now, read without changing anything."""
    settings: Settings = app.config["SETTINGS"]
    with app.app_context():
        set_read_only(ReadMode.APART)
        return render_metrics(db.session(), settings)


class MetricsServer(HTTPServer):
    """A server of the measurements, for one client after another. An answer is used again for ten seconds."""

    timeout = _STOP_SECONDS

    def __init__(self, address: tuple[str, int], app: Flask) -> None:
        self.app = app
        settings: Settings = app.config["SETTINGS"]
        self.token = settings.metrics_token.reveal()
        self._text, self._at = "", -_KEPT_SECONDS
        super().__init__(address, MetricsHandler)

    def read(self) -> str:
        if time.monotonic() - self._at >= _KEPT_SECONDS:
            self._text, self._at = collect(self.app), time.monotonic()
        return self._text

    def serve(self, ended: StopSignal) -> None:
        while not ended.is_set():
            self.handle_request()


class MetricsHandler(BaseHTTPRequestHandler):
    """Answers a request for the measurements if the client is allowed to read them."""

    server: MetricsServer
    timeout = _CLIENT_SECONDS

    def do_GET(self) -> None:
        if self._is_forwarded() or not self._has_token():
            self._answer(403, "These measurements are not public.\n", "text/plain; charset=utf-8")
        elif self.path != PATH:
            self._answer(404, f"The measurements are at {PATH}.\n", "text/plain; charset=utf-8")
        else:
            self._answer_metrics()

    def _answer_metrics(self) -> None:
        try:
            text = self.server.read()
        except Exception as error:
            log.error("metrics.not_read", error=type(error).__name__, exc_info=True)
            self._answer(500, "The measurements could not be read.\n", "text/plain; charset=utf-8")
        else:
            self._answer(200, text, CONTENT_TYPE)

    def _is_forwarded(self) -> bool:
        """Return True if a proxy sent the request. It may come from anybody."""
        return any(name in self.headers for name in FORWARDED_HEADERS)

    def _has_token(self) -> bool:
        sent = self.headers.get("Authorization", "").encode()
        return not self.server.token or hmac.compare_digest(sent, f"Bearer {self.server.token}".encode())

    def _answer(self, status: int, text: str, kind: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def version_string(self) -> str:
        return "Consult"

    def log_message(self, *_line: object) -> None:
        """Log no request: the line would contain the client's address."""


def parse_bind(bind: str, settings: Settings) -> tuple[str, int]:
    """Return host and port. An address that other machines can reach needs a token. Raises BadParameter."""
    host, _colon, port = bind.rpartition(":")
    try:
        address = ip_address(host.strip("[]"))
    except ValueError:
        address = None
    if address is None or address.version != 4 or not port.isdigit() or int(port) > 65_535:
        raise click.BadParameter("use an IPv4 address and a port, such as 127.0.0.1:9464.", param_hint="--bind")
    if not address.is_loopback and not settings.metrics_token.reveal():
        raise click.BadParameter(
            "other machines can reach this address. Set CONSULT_METRICS_TOKEN, or use 127.0.0.1.", param_hint="--bind"
        )
    return str(address), int(port)


@click.command("metrics")
@click.option("--bind", help="Serve them at this address and port, such as 127.0.0.1:9464, until SIGTERM or Ctrl-C.")
def metrics(bind: str | None) -> None:
    """Print measurements of the site for Prometheus.

    With --bind they are served at /metrics. Requests that come through a proxy are refused. If CONSULT_METRICS_TOKEN is
    set, a request must send it.
    """
    if bind is None:
        click.echo(collect(application()), nl=False)
        return
    address = parse_bind(bind, Settings())
    app = create_app(ready_settings())
    time_check.name_process("command")
    name_process("metrics")
    with catch_stop_signals(lambda: None) as ended, MetricsServer(address, app) as server:
        server.serve(ended)
