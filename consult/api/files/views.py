"""Operations that send whole lists as files, and the description of their columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Response, stream_with_context

from consult.api import limits
from consult.api.contract import is_held, operation, prepare
from consult.api.files import columns, streams
from consult.api.reading import queries
from consult.api.reading.collections import COLLECTIONS
from consult.core.db import db
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.web.page_cache import page_tag
from consult.core.web.requests import Blueprint
from consult.site import queries as site

blueprint = prepare(Blueprint("api_files", __name__))
_LIST = "/consultations/<slug>/<any(comments, submissions, evidence, arguments, responses):name>"
_QUESTION = "/consultations/<slug>/questions/<int(max=1000):number>/responses"
_JSON, _CSV, _GZIP = "application/x-ndjson", "text/csv", "application/gzip"
_WITHOUT_RECORD = frozenset({"evidence", "arguments"})
"""Lists that also change without an entry in the public record."""


@operation(blueprint, "GET", f"{_LIST}.ndjson", media=_JSON)
def stream_ndjson(slug: str, name: str) -> Response:
    """Download a whole list, one JSON object on each line."""
    return _send(slug, name, "ndjson")


@operation(blueprint, "GET", f"{_LIST}.csv", media=_CSV)
def stream_csv(slug: str, name: str) -> Response:
    """Download a whole list as CSV. Cells that a spreadsheet would run as formulas are escaped."""
    return _send(slug, name, "csv")


@operation(blueprint, "GET", f"{_LIST}.ndjson.gz", media=_GZIP)
def stream_ndjson_compressed(slug: str, name: str) -> Response:
    """Download a whole list as JSON lines, compressed with gzip."""
    return _send(slug, name, "ndjson.gz")


@operation(blueprint, "GET", f"{_LIST}.csv.gz", media=_GZIP)
def stream_csv_compressed(slug: str, name: str) -> Response:
    """Download a whole list as CSV, compressed with gzip."""
    return _send(slug, name, "csv.gz")


@operation(blueprint, "GET", f"{_QUESTION}.csv", media=_CSV)
def stream_responses_csv(slug: str, number: int) -> Response:
    """Download the responses in words to one question as CSV, for tools of thematic analysis."""
    return _send_responses(slug, number, "csv")


@operation(blueprint, "GET", f"{_QUESTION}.ndjson", media=_JSON)
def stream_responses_ndjson(slug: str, number: int) -> Response:
    """Download the responses in words to one question, one JSON object on each line."""
    return _send_responses(slug, number, "ndjson")


@operation(blueprint, "GET", "/files/README.md", media="text/markdown")
def describe_files() -> Response:
    """Describe the columns of all files, as Markdown in English."""
    return Response(columns.write_readme(), content_type="text/markdown; charset=utf-8")


def _send_responses(slug: str, number: int, form: str) -> Response:
    if number not in {each.number for each in queries.list_asked(db.session(), slug)}:
        raise NotFound(_("This consultation has no question with this number."))
    return _send(slug, "responses", form, {"question": number})


def _send(slug: str, name: str, form: str, filters: Mapping[str, Any] | None = None) -> Response:
    """Return a file that is streamed from the database, or 304. Limited to a few per hour."""
    of, given = COLLECTIONS[name], filters or {}
    consultation_id = queries.get_consultation(db.session(), slug).id
    stamp = site.get_stamp(db.session())
    if name in _WITHOUT_RECORD:
        stamp = (*stamp, *streams.read_stamp(db.session(), of, consultation_id, given))
    tag = page_tag("file", consultation_id, name, form, *given.values(), *stamp)
    if is_held(tag):
        answer = Response(status=304)
    else:
        limits.count_file()
        answer = Response(stream_with_context(_stream(name, form, consultation_id, given)), content_type=_media(form))
        label = "-".join([slug, name, *map(str, given.values())])
        answer.headers["Content-Disposition"] = f"attachment; filename={label}.{form}"
    answer.set_etag(tag)
    return answer


def _stream(name: str, form: str, consultation_id: int, filters: Mapping[str, Any]) -> Iterator[bytes]:
    write = streams.stream_csv if form.startswith("csv") else streams.stream_json
    parts = write(COLLECTIONS[name], consultation_id, filters)
    return streams.compress(parts) if form.endswith(".gz") else parts


def _media(form: str) -> str:
    return {"ndjson": _JSON, "csv": f"{_CSV}; charset=utf-8"}.get(form, _GZIP)
