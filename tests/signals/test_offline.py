"""The report form offline on a phone: headers, scope, and nothing stored of the anonymous form."""

from __future__ import annotations

import gzip
import re

from flask.testing import FlaskClient

KB = 1024


def test_the_worker_is_of_the_form_of_a_report_alone(client: FlaskClient) -> None:
    answer = client.get("/signals/report/worker.js")
    assert answer.headers["Service-Worker-Allowed"] == "/signals/report"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; connect-src 'self'"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.mimetype == "text/javascript"
    [files] = re.findall(r"const FILES = \[(.*)\]", answer.text)
    kept = files.replace('"', "").split(", ")
    assert [client.get(file).status_code for file in kept] == [200, 200]
    page = client.get("/signals/report").text
    assert all(file in page for file in kept), "the page asks for the same files by the same addresses"
    assert "__" not in answer.text.split("*/")[-1].replace("__FILES__` and `__VERSION__", "")


def test_the_manifest_opens_the_form_and_says_nothing_of_drugs(client: FlaskClient) -> None:
    answer = client.get("/manifest.webmanifest?lang=ar")
    assert answer.mimetype == "application/manifest+json"
    told = answer.get_json()
    assert (told["start_url"], told["scope"], told["name"]) == ("/signals/report?lang=ar", "/signals/report", "Consult")
    assert client.get(told["icons"][0]["src"]).status_code == 200


def test_keeping_is_offered_unticked_and_only_where_scripts_run(client: FlaskClient) -> None:
    page = client.get("/signals/report").text
    assert 'rel="manifest"' in page
    [block] = re.findall(r"<div class=\"keep\".*?</div>", page, flags=re.S)
    assert "hidden" in block
    assert "checked" not in block


def test_the_form_without_a_trace_has_no_script_no_manifest_and_no_offer(client: FlaskClient) -> None:
    answer = client.get("/signals/report/no-trace")
    assert not re.search(r"<script|manifest|data-keep", answer.text)
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_the_form_with_its_sheet_is_at_most_ten_kilobytes_and_its_script_two_more(client: FlaskClient) -> None:
    page = client.get("/signals/report").text
    files = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    weights = {file: len(gzip.compress(client.get(file).data, mtime=0)) for file in files}
    weights["page"] = len(gzip.compress(page.encode(), mtime=0))
    script = sum(weight for file, weight in weights.items() if ".js" in file)
    assert sum(weights.values()) - script <= 10 * KB, weights
    assert script <= 2.5 * KB, weights


def test_a_new_visitor_reads_the_form_its_sheet_and_its_script_in_ten_kilobytes(client: FlaskClient) -> None:
    """As they are sent, to a browser that takes Brotli; the second time a file is asked for it is not sent."""
    asked = {"Accept-Encoding": "gzip, deflate, br"}
    page = client.get("/signals/report", headers=asked)
    assert page.headers["Content-Encoding"] == "br"
    files = re.findall(r'(?:href|src)="(/static/[^"]+)"', client.get("/signals/report").text)
    sent = {file: client.get(file, headers=asked) for file in files}
    weights = {file: len(answer.data) for file, answer in sent.items()} | {"page": len(page.data)}
    assert len(weights) == 3
    assert sum(weights.values()) <= 10 * KB, weights
    for file, answer in sent.items():
        assert answer.headers["Content-Encoding"] == "br"
        assert "Accept-Encoding" in answer.headers["Vary"]
        tag = answer.headers["ETag"]
        assert client.get(file, headers=asked | {"If-None-Match": tag}).status_code == 304
        assert client.get(file, headers={"Accept-Encoding": "identity"}).data.startswith((b"@layer", b"const"))


def test_quick_exit_clears_what_a_browser_keeps(client: FlaskClient) -> None:
    assert '"storage"' in client.post("/leave").headers["Clear-Site-Data"]
