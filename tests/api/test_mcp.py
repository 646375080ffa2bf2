"""The server of the Model Context Protocol: tools read what is public, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult.api.mcp.tools import TOOLS
from tests import factories, filing


def ask(client: FlaskClient, method: str, params: dict[str, Any] | None = None, status: int = 200) -> Any:
    answer = client.post("/mcp", json={"jsonrpc": "2.0", "id": 1, "method": method, "params": params or {}})
    assert answer.status_code == status, answer.text
    assert "Set-Cookie" not in answer.headers
    return answer.json["result" if status == 200 else "error"]


def call(client: FlaskClient, name: str, **arguments: Any) -> Any:
    return ask(client, "tools/call", {"name": name, "arguments": arguments})


def test_revisions_and_tools_are_told(client: FlaskClient) -> None:
    assert "2026-07-28" in ask(client, "server/discover")["supportedVersions"]
    assert ask(client, "initialize", {"protocolVersion": "2025-06-18"})["protocolVersion"] == "2025-06-18"
    assert ask(client, "initialize", {"protocolVersion": "1999-01-01"})["protocolVersion"] == "2025-11-25"
    listed = ask(client, "tools/list")["tools"]
    assert [tool["name"] for tool in listed] == list(TOOLS)
    assert all(tool["annotations"]["readOnlyHint"] and tool["inputSchema"]["type"] == "object" for tool in listed)
    notification = client.post("/mcp", json={"jsonrpc": "2.0", "method": "notifications/initialized"})
    assert (notification.status_code, notification.data) == (202, b"")
    assert client.get("/mcp").status_code == 405


def test_tools_read_what_is_published(session: Session, client: FlaskClient) -> None:
    row = factories.consultation(session, title="Plan on alternatives")
    hidden = factories.consultation(session, phase="draft", title="Not yet public")
    filing.file(session, row, "Published words", published=True)
    filing.file(session, row, "Words that wait")
    filing.numbered(session)
    calls = {
        "list_consultations": {}, "get_consultation": {"slug": row.slug}, "list_provisions": {"slug": row.slug},
        "list_comments": {"slug": row.slug}, "list_arguments": {"slug": row.slug}, "list_answers": {"slug": row.slug},
        "list_warnings": {}, "list_plans": {}, "search": {"words": "words"},
    }  # fmt: skip
    shown = {name: call(client, name, **arguments) for name, arguments in calls.items()}
    assert not any(result["isError"] for result in shown.values()), shown
    assert "Published words" in shown["list_comments"]["content"][0]["text"]
    assert shown["list_comments"]["structuredContent"]["quoted"]["data"][0]["body"] == "Published words"
    everything = str(shown)
    assert "Words that wait" not in everything
    assert "Not yet public" not in everything
    assert call(client, "get_consultation", slug=hidden.slug)["isError"]
    assert call(client, "get_plan", slug="none")["isError"]


@pytest.mark.parametrize(
    ("method", "params", "code", "status"),
    [("tools/write", {}, -32601, 404), ("tools/call", {"name": "file"}, -32602, 400)],
)
def test_what_it_cannot_do_is_an_error(
    client: FlaskClient, method: str, params: dict[str, Any], code: int, status: int
) -> None:
    assert ask(client, method, params, status)["code"] == code


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"id": 1}', b"\xff", b"[" * 5000])
def test_a_body_that_is_no_message_is_an_error(client: FlaskClient, body: bytes) -> None:
    assert client.post("/mcp", data=body).status_code == 400


@pytest.mark.parametrize("arguments", [{}, {"slug": 5}, {"slug": "x", "colour": "red"}, {"slug": "x" * 201}])
def test_arguments_that_are_not_valid_are_named(client: FlaskClient, arguments: dict[str, Any]) -> None:
    assert call(client, "get_consultation", **arguments)["isError"]
