"""Export of a submission: its stored data as JSON in a streamed zip file."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any

from flask import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.arguments.objections import queries as objections
from consult.arguments.objections.model import ArgumentObjection
from consult.arguments.objections.service import unseal_words
from consult.consultations.model import Consultation
from consult.core.crypto import unseal
from consult.core.web.addresses import public_url
from consult.ledger import service as ledger
from consult.moderation.queue.case_page import list_comments_in_context
from consult.responses.evaluation import service as evaluation
from consult.submissions import revisions
from consult.submissions.comments import queries as comments_queries
from consult.submissions.commitments import contents, recomputation
from consult.submissions.content.draft import DraftContent, place_of
from consult.submissions.evidence import queries as evidence_queries
from consult.submissions.evidence.queries import EvidencePiece
from consult.submissions.facilitation.model import Facilitation
from consult.submissions.fields import STORED
from consult.submissions.labels import place_name, question_name
from consult.submissions.model import Comment, Contact, Submission

HOW_TO_CHECK = (
    "A fingerprint is the SHA-256 of the 32 bytes of `salt`, which is written in hex, followed by `content` as JSON in "
    "UTF-8 with its keys sorted and without spaces or line breaks. Consult's docs/receipts.md says what is in it and "
    "what it does not prove, and docs/verify_receipt.py checks this file."
)


class _Pipe:
    """A buffer for a zip file that cannot seek. It returns the bytes written since it was last emptied."""

    def __init__(self) -> None:
        self.waiting: list[bytes] = []

    def write(self, data: bytes) -> int:
        self.waiting.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Do nothing, because nothing is buffered elsewhere."""

    def emptied(self) -> bytes:
        sent, self.waiting = b"".join(self.waiting), []
        return sent


def zip_stream(parts: Iterator[tuple[str, bytes]]) -> Iterator[bytes]:
    """Yield a zip file of named parts. At most one part is held in memory."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as made:  # type: ignore[call-overload]
        for name, data in parts:
            made.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
            yield pipe.emptied()
    yield pipe.emptied()


def zip_response(session: Session, submission: Submission) -> Response:
    """Return the download of the data about a submission."""
    parts = iter([("submission.json", to_json(submission_record(session, submission)))])
    sent = Response(zip_stream(parts), mimetype="application/zip")
    sent.headers["Content-Disposition"] = f'attachment; filename="{submission.reference}.zip"'
    return sent


def to_json(found: dict[str, Any]) -> bytes:
    return json.dumps(found, ensure_ascii=False, indent=1).encode()


def submission_record(session: Session, submission: Submission) -> dict[str, Any]:
    """Return the record of a submission for the export.

    It has the author’s details, comments, earlier versions, evidence, feedback, objections and ledger entries.
    """
    contact = session.get(Contact, submission.contact_id) if submission.contact_id else None
    comments = [item.comment for item in list_comments_in_context(session, submission)]
    earlier = revisions.list_revisions(session, submission)
    on = {comment.provision_id for comment in comments}.union(
        place_of(key) for version in earlier for key in version.writing.comments
    )
    locations = LocationNames(session, submission.consultation_id, on)
    slug = session.get_one(Consultation, submission.consultation_id).slug
    return {
        "reference": submission.reference,
        "state": submission.state,
        "received_at": format_time(submission.received_at),
        **{field.exported: getattr(submission, field.name) for field in STORED if field.exported},
        "email": unseal(contact.email_sealed, salt=contact.salt) if contact else None,
        "comments": [_comment(row, submission, slug, locations) for row in comments],
        "meeting": _meeting(session, submission),
        "evidence": [_piece(it) for it in evidence_queries.list_by_submission(session, submission.id)],
        "earlier": [
            {
                "until": format_time(version.until),
                "answer_to_moderator": version.reply or None,
                **draft_record(version.writing, locations),
            }
            for version in earlier
        ],
        "evaluation": _evaluation(session, submission),
        "not_my_point": [_objection(row, submission) for row in objections.list_by_submission(session, submission.id)],
        "record": _list_record(session, submission),
        "salt": submission.salt.hex() if submission.salt else None,
        "how_to_check": HOW_TO_CHECK,
    }


def _list_record(session: Session, submission: Submission) -> list[dict[str, Any]]:
    """Return its ledger entries. Each fingerprint is given with its content, if that is still stored."""
    [stored] = contents.load(session, [submission.id])
    made = recomputation.list_records(session, stored) if submission.salt else {}
    return [
        {
            "number": entry.number,
            "kind": entry.kind,
            "at": format_time(entry.at),
            "reason": entry.reason,
            "fingerprint": entry.commitment.hex() if entry.commitment else None,
            "content": made.get(entry.id),
        }
        for entry in ledger.list_history(session, subject_id=submission.id, prefixes=("submission.", "mandate."))
    ]


class LocationNames:
    """Parts of the draft of comments and answers of a consultation, with the column names in docs/exports.md."""

    def __init__(self, session: Session, consultation_id: int, provision_ids: Iterable[int | None]) -> None:
        row = session.get_one(Consultation, consultation_id)
        self._version = comments_queries.get_provision_tree(session, row.version_id or 0).number
        self._places = comments_queries.get_provisions(
            session, row.version_id or 0, {id_ for id_ in provision_ids if id_}
        )
        asked = comments_queries.list_questions(session, consultation_id)
        self._asked = {question.id: (number, question.wording) for number, question in enumerate(asked, start=1)}

    def of(self, provision_id: int | None, question_id: int | None = None) -> dict[str, Any]:
        """Return the part of the draft of a comment or answer: name, kind, number, permanent id and version."""
        if question_id is not None:
            number, wording = self._asked.get(question_id, (0, ""))
            return {
                "place": question_name(number),
                "place_kind": "question",
                "place_number": str(number),
                "place_id": f"question-{number}",
                "version": None,
                "question": wording,
            }
        place = self._places.get(provision_id or 0)
        return {
            "place": place_name(place),
            "place_kind": place.kind if place else "whole",
            "place_number": place.label if place else None,
            "place_id": place.wid if place else None,
            "version": place.version or self._version if place else None,
            "question": None,
        }


def _comment(row: Comment, submission: Submission, slug: str, locations: LocationNames) -> dict[str, Any]:
    page = public_url("submissions.one", slug=slug, reference=submission.reference, _anchor=f"c{row.id}")
    return {
        **locations.of(row.provision_id, row.question_id),
        "stance": row.counted_as,
        "proposed_text": row.body[: row.amendment] if row.amendment is not None else None,
        "supports": row.agrees_with,
        "paper": row.paper_place,
        "language": row.language,
        "body": row.body,
        "published_as": row.public_body if row.shown else None,
        "page": page if row.shown else None,
    }


def _meeting(session: Session, submission: Submission) -> dict[str, Any] | None:
    """Return the data of the meeting for which a facilitator filed the submission, or None."""
    row = session.scalar(select(Facilitation).where(Facilitation.submission_id == submission.id))
    if row is None:
        return None
    return {"present": row.present, "group": row.group or None, "held_on": str(row.held_on), "consent": row.consent}


def _evaluation(session: Session, submission: Submission) -> dict[str, Any] | None:
    """Return the author's feedback on the consultation, or None.

    Values are 0 for “cannot say”, and 1 to 5 from “not at all” to “fully”.
    """
    own = evaluation.get_own(session, submission)
    return {**own.answers, "remark": own.remark or None} if own.answers else None


def _objection(row: ArgumentObjection, submission: Submission) -> dict[str, Any]:
    """Return the author's objection to the argument of a statement, with the answer."""
    return {
        "argument": row.argument_id,
        "said_at": format_time(row.made_at),
        "words": unseal_words(row, submission) or None,
        "outcome": row.outcome,
        "answer": row.answer or None,
    }


def _piece(it: EvidencePiece) -> dict[str, Any]:
    row, file = it.row, it.file
    return {
        "kind": row.kind,
        "description": row.description,
        "reference": row.reference,
        "language": row.language,
        "year": row.year,
        "place": row.place,
        "method": row.method,
        "private": row.private,
        "file": file.name if file else None,
        "sha256": file.sha256.hex() if file and file.sha256 else None,
        "removed": list(file.removed) if file else [],
    }


def draft_record(writing: DraftContent, locations: LocationNames) -> dict[str, Any]:
    return {
        "comments": [
            {**locations.of(place_of(key)), "stance": note.stance, "supports": note.agrees_with, "body": note.body}
            for key, note in writing.comments.items()
        ],
        "answers": [{**locations.of(None, asked), "body": body} for asked, body in writing.answers.items()],
    }


def format_time(at: Any) -> str:
    return str(at.isoformat(timespec="seconds"))
