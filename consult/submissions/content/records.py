"""Records of a submission that the ledger commits to. docs/receipts.md explains how others can verify them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from consult.core.crypto import commitment
from consult.submissions import fields
from consult.submissions import values as submissions_values
from consult.submissions.model import Submission

Record = dict[str, Any]
"""A record as JSON. The commitment is SHA-256 of the salt and its canonical bytes."""


def comment_record(
    *,
    on: str | None,
    stance: str | None,
    language: str,
    body: str,
    anchor: Any = None,
    chosen: Any = None,
    paper: Mapping[str, Any] | None = None,
) -> Record:
    """Return the record of a comment or an answer: see `values.canonical_record`."""
    said = {"on": on, "stance": stance and str(stance), "language": language, "body": body}
    given = {"anchor": anchor, "chosen": chosen, "paper": dict(paper) if paper else None}
    return {**said, **{name: value for name, value in given.items() if value}}


def place_id(wid: str | None, question_id: int | None) -> str | None:
    """Return the key of the part of the draft of a comment.

    It is a permanent id, `q` and a question id, or None for the whole draft.
    """
    return wid or (f"q{question_id}" if question_id else None)


def compute_commitment(
    submission: Submission, rows: Sequence[Mapping[str, Any]], places: Mapping[int, str], evidence: Sequence[Record]
) -> bytes:
    """Return the ledger's commitment to a submission, from the rows to be filed."""
    said = [
        comment_record(
            on=place_id(places.get(row["provision_id"] or 0), row["question_id"]),
            stance=row["stance"],
            language=row["language"],
            body=row["body"],
            anchor=row["anchor"],
            chosen=row["answer"]["chosen"] if row["answer"] else None,
            paper=row.get("paper_place"),
        )
        for row in rows
    ]
    record = submissions_values.canonical_record(
        reference=submission.reference,
        name=submission.public_name,
        comments=said,
        evidence=evidence,
        **fields.committed_values(submission),
    )
    return hash_record(submission.salt, record)


def evidence_record(*, kind: str, description: str, reference: str | None, sha256: bytes | None) -> Record:
    """Return the record of a file or reference. `sha256` is that of the original file."""
    digest = sha256.hex() if sha256 else None
    return {"kind": str(kind), "description": description, "reference": reference or None, "sha256": digest}


def mandate_record(reference: str, sha256: bytes | None) -> Record:
    """Return the record of a mandate file attached later."""
    return {"reference": reference, "sha256": sha256.hex() if sha256 else None}


def redaction_record(reference: str, hidden: Iterable[tuple[int, int, int, str]]) -> Record:
    """Return the record of redactions: comment position from 0, start, end and reason of each, in order.

    >>> redaction_record("X-1", [(1, 0, 4, "privacy"), (0, 5, 9, "privacy")])["hidden"]
    [[0, 5, 9, 'privacy'], [1, 0, 4, 'privacy']]
    """
    return {"v": 1, "reference": reference, "hidden": [list(one) for one in sorted(hidden)]}


def hash_record(salt: bytes | None, record: Record) -> bytes:
    """Return SHA-256(salt ‖ canonical bytes)."""
    return commitment(salt or b"", submissions_values.canonical_json(record))
