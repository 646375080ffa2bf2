"""The recipe of a receiver on the page for developers checks signatures and skips what it has seen."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from time_machine import escape_hatch

from consult.api.developers import views
from consult.api.webhooks import signatures
from consult.embedded.process import wait_until

RECIPE = Path(views.__file__).with_name("recipes") / "receive_events.py"
BODY = b'{"data": {"events": [{"number": 7, "kind": "signal.warned", "page": null}]}}'
SECRET = signatures.new_secret()


@pytest.fixture
def recipe() -> Iterator[tuple[int, Any]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "SECRET": SECRET, "PORT": str(port)}

    def listens() -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return True
        return False

    with subprocess.Popen([sys.executable, str(RECIPE)], env=environment, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True) as process:  # fmt: skip
        assert wait_until(listens, 60)
        yield port, process
        process.kill()


def send(port: int, headers: dict[str, str], body: bytes = BODY) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("POST", "/", body=body, headers=headers)
    status = connection.getresponse().status
    connection.close()
    return status


def test_the_recipe_accepts_what_is_signed_now_and_prints_it_once(recipe: tuple[int, Any]) -> None:
    port, process = recipe
    clock = escape_hatch.time if escape_hatch.is_travelling() else time
    at = int(clock.time())  # the receiver is a process of its own and reads the machine's clock
    right = signatures.write_headers("msg_1", at, BODY, [signatures.new_secret(), SECRET])
    assert send(port, right) == 204
    assert send(port, right) == 204
    assert send(port, right, BODY.replace(b"7", b"8")) == 400, "changed body"
    assert send(port, signatures.write_headers("msg_2", at - 3600, BODY, [SECRET])) == 400, "old timestamp"
    assert send(port, signatures.write_headers("msg_3", at, BODY, [signatures.new_secret()])) == 400, "another secret"
    assert send(port, signatures.write_headers("msg_4", at, BODY, [SECRET])) == 204
    process.kill()
    assert process.stdout.read() == 2 * "7 signal.warned None\n"
