"""The verbs of evidence: those of a draft, and what is attached, shown and erased with a submission."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import BigInteger, delete, func, select, update
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.core.errors import Conflict, NotFound
from consult.core.i18n import _
from consult.files import queries as files
from consult.files import service as storing
from consult.files.model import StoredFile
from consult.submissions import evidence_tags
from consult.submissions.items import MOST, Item
from consult.submissions.model import Draft, Evidence, Submission

UNCLAIMED = timedelta(hours=24)
"""How long a file may belong to nothing, as those do that are in a form without identity and are not sent yet."""


class EnoughEvidence(Conflict):
    """There are as many files and references as one submission takes."""


class FileGone(Conflict):
    """A file that is about to be sent is not there any more."""


def one_more(items: Sequence[Item], item: Item) -> tuple[Item, ...]:
    """The items with one more. Raises EnoughEvidence."""
    if len(items) >= MOST:
        raise EnoughEvidence(
            _("A submission takes at most %(most)s files and references. Remove one first.", most=MOST), field="file"
        )
    return (*items, item)


def check_there(session: Session, items: Sequence[Item]) -> None:
    """Raises FileGone where a file was destroyed because it was neither sent nor kept in time."""
    wanted = {item.file_id for item in items if item.file_id is not None}
    if wanted - files.by_ids(session, wanted).keys():
        raise FileGone(_("A file is gone: it was not sent in time. Remove it here, and add it again."), field="file")


def find(items: Sequence[Item], key: str) -> Item:
    """The item with this key. Raises NotFound."""
    found = next((item for item in items if item.key == key), None)
    if found is None:
        raise NotFound(_("This piece of evidence is not in your draft any more."))
    return found


def replace_all(session: Session, submission: Submission, items: Sequence[Item]) -> list[dict[str, Any]]:
    """Makes these the evidence of a submission, in place of what there was; gives what the ledger commits to."""
    tags = evidence_tags.keep(session, submission.id)
    session.execute(delete(Evidence).where(Evidence.submission_id == submission.id))
    promised = attach(session, submission, items)
    evidence_tags.put_back(session, submission.id, tags)
    return promised


def attach(session: Session, submission: Submission, items: Sequence[Item]) -> list[dict[str, Any]]:
    """Makes these the evidence of a submission that has none yet; gives what the ledger commits to."""
    if not items:
        return []
    known = files.by_ids(session, [item.file_id for item in items if item.file_id is not None])
    kept = [item for item in items[:MOST] if item.file_id is None or item.file_id in known]
    session.add_all(_row(submission, item, position) for position, item in enumerate(kept))
    session.flush()
    return [_promised(item, known.get(item.file_id or 0)) for item in kept]


def add(session: Session, submission: Submission, item: Item) -> Evidence:
    """Puts one private piece behind what there is; its submission stays where it stands. Raises EnoughEvidence."""
    there = as_items(session, submission.id)
    one_more(there, item)
    row = _row(submission, item, len(there))
    session.add(row)
    session.flush()
    return row


def _row(submission: Submission, item: Item, position: int) -> Evidence:
    if item.kind is None:
        raise Conflict(_("Describe each piece of your evidence first."))
    return Evidence(
        submission_id=submission.id, consultation_id=submission.consultation_id, position=position, shown=False,
        file_id=item.file_id, scheme=item.scheme or None, reference=item.reference or None, kind=item.kind,
        description=item.description, language=item.language, year=item.year,
        place=item.place, method=item.method, consent=item.consent, private=item.private,
    )  # fmt: skip


def _promised(item: Item, file: StoredFile | None) -> dict[str, Any]:
    digest = file.sha256.hex() if file and file.sha256 else None
    return {"kind": str(item.kind), "description": item.description, "reference": item.reference or None,
            "sha256": digest}  # fmt: skip


def as_items(session: Session, submission_id: int) -> tuple[Item, ...]:
    """The evidence of a submission as a draft keeps it, for its author to change."""
    rows = session.execute(
        select(Evidence, StoredFile.name)
        .outerjoin(StoredFile, StoredFile.id == Evidence.file_id)
        .where(Evidence.submission_id == submission_id)
        .order_by(Evidence.position)
    )
    return tuple(
        Item(
            row.file_id, name or "", row.scheme or "", row.reference or "", row.kind, row.description, row.language,
            row.year, row.place, row.method, row.consent, row.private,
        )
        for row, name in rows
    )  # fmt: skip


def show(session: Session, submission: Submission, *, shown: bool) -> None:
    """Follows the submission's state: only the evidence of a published one is public, and none that is private."""
    public = update(Evidence).where(Evidence.submission_id == submission.id, Evidence.private.is_(False))
    session.execute(public.values(shown=shown))


def erase(session: Session, submission: Submission) -> None:
    """Destroys the evidence of a submission: rows, files, copies, texts and page images."""
    gone = session.scalars(
        delete(Evidence).where(Evidence.submission_id == submission.id).returning(Evidence.file_id)
    ).all()
    storing.erase(session, [file_id for file_id in gone if file_id is not None])


def erase_unclaimed(session: Session) -> int:
    """Destroys files that neither a draft nor a submission names any more; gives how many."""
    named = select(func.jsonb_array_elements_text(Draft.file_ids).cast(BigInteger))
    unclaimed = session.scalars(
        select(StoredFile.id)
        .where(
            StoredFile.created_at < now() - UNCLAIMED, StoredFile.salt.is_not(None),
            ~select(Evidence.id).where(Evidence.file_id == StoredFile.id).exists(), StoredFile.id.not_in(named),
        )
        .limit(500)
    ).all()  # fmt: skip
    storing.erase(session, unclaimed)
    return len(unclaimed)


def described(item: Item, said: Item) -> Item:
    """The item with what is newly said of it; the file or the reference stays what it is."""
    return replace(
        said, key=item.key, file_id=item.file_id, name=item.name, scheme=said.scheme or item.scheme,
        reference=said.reference or item.reference, consent=item.consent or said.consent, private=item.private,
    )  # fmt: skip


def let_go(session: Session, item: Item) -> None:
    """Destroys the file of an item that was taken out of a draft, unless it was filed with a submission before."""
    let_all_go(session, [item.file_id] if item.file_id is not None else [])


def let_all_go(session: Session, file_ids: Sequence[int]) -> None:
    """Destroys files that were only of a draft; those that were filed with a submission stay."""
    if file_ids:
        filed = set(session.scalars(select(Evidence.file_id).where(Evidence.file_id.in_(file_ids))))
        storing.erase(session, [number for number in file_ids if number not in filed])
