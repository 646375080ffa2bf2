"""One's own data: everything kept about a submission, as JSON in a zip that is made while it is sent."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from typing import Any

from flask import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.core.crypto import unseal
from consult.ledger import service as ledger
from consult.moderation.reading import Said, said
from consult.submissions import exhibits, former
from consult.submissions.exhibits import Exhibit
from consult.submissions.model import Contact, Facilitation, Submission
from consult.submissions.writing import Writing


class _Pipe:
    """What a zip is written to when nobody can seek: it hands on what was written since it was last emptied."""

    def __init__(self) -> None:
        self.waiting: list[bytes] = []

    def write(self, data: bytes) -> int:
        self.waiting.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def emptied(self) -> bytes:
        sent, self.waiting = b"".join(self.waiting), []
        return sent


def zipped(parts: Iterator[tuple[str, bytes]]) -> Iterator[bytes]:
    """A zip of named parts, one after another; no more than one part is held at a time."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as made:  # type: ignore[call-overload]
        for name, data in parts:
            made.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
            yield pipe.emptied()
    yield pipe.emptied()


def answer(session: Session, submission: Submission) -> Response:
    """The download of everything kept about a submission."""
    parts = iter([("submission.json", as_json(record(session, submission)))])
    sent = Response(zipped(parts), mimetype="application/zip")
    sent.headers["Content-Disposition"] = f'attachment; filename="{submission.reference}.zip"'
    return sent


def as_json(found: dict[str, Any]) -> bytes:
    return json.dumps(found, ensure_ascii=False, indent=1).encode()


def record(session: Session, submission: Submission) -> dict[str, Any]:
    """Everything kept about a submission."""
    contact = session.get(Contact, submission.contact_id) if submission.contact_id else None
    return {
        "reference": submission.reference, "state": submission.state, "received_at": time(submission.received_at),
        "name_rule": submission.name_rule, "organisation": submission.organisation_name,
        "person": submission.person_name, "country": submission.country, "language": submission.language,
        "email": unseal(contact.email_sealed, salt=contact.salt) if contact else None,
        "comments": [_comment(item) for item in said(session, submission)],
        "meeting": _meeting(session, submission),
        "evidence": [_piece(it) for it in exhibits.of_submission(session, submission.id)],
        "earlier": [
            {"until": time(version.until), "answer_to_moderator": version.reply or None, **written(version.writing)}
            for version in former.earlier(session, submission)
        ],
        "record": [
            {"kind": entry.kind, "at": time(entry.at), "reason": entry.reason,
             "fingerprint": entry.commitment.hex() if entry.commitment else None}
            for entry in ledger.history(session, subject_id=submission.id)
        ],
        "salt": submission.salt.hex() if submission.salt else None,
    }  # fmt: skip


def _comment(item: Said) -> dict[str, Any]:
    return {
        "on": item.place.label or item.place.eid if item.place else None,
        "question": item.question.wording if item.question else None,
        "stance": item.comment.stance, "language": item.comment.language, "body": item.comment.body,
        "published_as": item.comment.public_body if item.comment.shown else None,
    }  # fmt: skip


def _meeting(session: Session, submission: Submission) -> dict[str, Any] | None:
    """The group that a facilitator filed it for."""
    row = session.scalar(select(Facilitation).where(Facilitation.submission_id == submission.id))
    if row is None:
        return None
    return {"present": row.present, "group": row.group or None, "held_on": str(row.held_on), "consent": row.consent}


def _piece(it: Exhibit) -> dict[str, Any]:
    row, file = it.row, it.file
    return {
        "kind": row.kind, "description": row.description, "reference": row.reference, "language": row.language,
        "year": row.year, "place": row.place, "method": row.method, "private": row.private,
        "file": file.name if file else None, "sha256": file.sha256.hex() if file and file.sha256 else None,
        "removed": list(file.removed) if file else [],
    }  # fmt: skip


def written(writing: Writing) -> dict[str, Any]:
    return {
        "comments": [{"stance": note.stance, "body": note.body} for note in writing.comments.values()],
        "answers": list(writing.answers.values()),
    }


def time(at: Any) -> str:
    return str(at.isoformat(timespec="seconds"))
