"""Responses with the cleaned copy of a stored file and its page images. The upload itself is not sent."""

from __future__ import annotations

from flask import Response
from sqlalchemy.orm import Session

from consult.files import queries
from consult.files.kinds import KINDS
from consult.files.model import StoredFile


def answer_with_copy(row: StoredFile | None, name: str) -> Response:
    """Return the cleaned copy as a download named `name` with its file ending. Raises NotFound and StoreAway."""
    data = queries.read_copy(row)
    kind = KINDS[(row.clean_kind if row else None) or "txt"]
    answer = Response(data, mimetype=kind.media_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind.ending}"'
    return set_safe_headers(answer)


def answer_with_page(session: Session, file_id: int, number: int) -> Response:
    """Return the image of one of the first pages, counted from 1. Raises NotFound and StoreAway."""
    return set_safe_headers(Response(queries.read_page_image(session, file_id, number), mimetype="image/webp"))


def set_safe_headers(answer: Response) -> Response:
    """Set headers that forbid browsers to run, load or store anything from the file."""
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
