"""No public page counts rows of the tables that grow with every submission, but for those named here.

The pages are those that the sample links to, one of each route. A statement is found by its words: that it counts
something, and reads the ledger, submissions or comments.
"""

from __future__ import annotations

import re

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from consult.core.web.access import Allow
from tests.counting import statements
from tests.sample import load_sample

BOUNDED = {
    "api_public.list_changes": "of the ledger it reads the last entry",
    "api_public.list_decisions": "of the ledger it reads the last entry",
    "api_reading.list_consultations": "of the ledger it reads the last entry",
    "bodies_site.listed": "counts consultations; of the ledger it reads the last entry",
    "bodies_site.one": "counts consultations; of the ledger it reads the last entry",
    "case_studies.one": "counts comments that cite one case study, by an index",
    "search.inside_file": "counts questions, one search hit at a time",
    "signals.books_page": "counts reports in the ledger by an index of these alone: tests/signals/test_reports.py",
    "signals.overview": "as the books",
    "site.consultation": "counts meetings, by an index of these alone",
    "site.consultations": "counts consultations; of the ledger it reads the last entry",
    "site.home": "counts consultations; of the ledger it reads the last entry",
    "submissions.reading": "counts the few newest comments that are drawn",
    "taxonomy.term": "counts to a limit",
}
_FILE = "the ETag of a file is made of all its rows, and the file has them all"
GROWING = {
    "api_files.stream_csv": _FILE,
    "api_files.stream_csv_compressed": _FILE,
    "api_files.stream_ndjson": _FILE,
    "api_files.stream_ndjson_compressed": _FILE,
    "api_files.stream_responses_csv": _FILE,
    "api_files.stream_responses_ndjson": _FILE,
    "amendments.overview": "counts who agrees with each proposed wording",
    "site.changes": "counts the comments on each paragraph where they stand now: placements have no running count",
    "submissions.place": "counts who agrees with each proposed wording of the paragraph",
}
"""What is still to be cured."""
_GROWS = re.compile(r"\b(readable_)?(ledger|submission|comment)\b")
MOST_PAGES = 2


def _public(app: Flask, rule: Rule) -> bool:
    allow = getattr(app.view_functions[rule.endpoint], "allow", None)
    return "GET" in (rule.methods or ()) and allow is Allow.ANYONE


def _find_counting(app: Flask, client: FlaskClient) -> tuple[set[str], set[str]]:
    """The routes that were visited, and those of them that count over what grows."""
    adapter = app.url_map.bind("localhost")
    waiting = [rule.rule for rule in app.url_map.iter_rules() if _public(app, rule) and not rule.arguments]
    visited: list[str] = []
    counting: set[str] = set()
    for address in waiting:  # grows meanwhile
        try:
            rule, _values = adapter.match(address.partition("?")[0], method="GET", return_rule=True)
        except HTTPException:
            continue
        if not _public(app, rule) or visited.count(rule.endpoint) >= MOST_PAGES:
            continue
        with statements() as sent:
            answer = client.get(address)
        if answer.status_code == 200:
            visited.append(rule.endpoint)
            counting |= {rule.endpoint for words in sent if "count(" in words and _GROWS.search(words)}
            waiting += re.findall(r'href="(/[^"#]*)', answer.text) if answer.mimetype == "text/html" else []
    return set(visited), counting


def test_no_public_page_counts_over_what_grows(app: Flask, client: FlaskClient, session: Session) -> None:
    load_sample(session)
    visited, counting = _find_counting(app, client)
    assert len(visited) > 100
    assert counting - BOUNDED.keys() - GROWING.keys() == set(), "use a running count, or a limit"
    assert (BOUNDED.keys() | GROWING.keys()) - counting == set(), "they count no more: strike them out"
