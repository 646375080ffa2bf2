"""The next version of a draft: prepare it next to the published one, map, correct and publish it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.followers import service as followers
from consult.consultations.model import Consultation, Phase, Question
from consult.consultations.rights import Deed
from consult.consultations.service import check_owned, lock_owned
from consult.core.crypto import pseudonym
from consult.core.errors import Conflict, NotFound, Refusal
from consult.core.i18n import _
from consult.documents import queries as documents_queries
from consult.documents import service as documents
from consult.documents.model import Provision, ProvisionChange, Version
from consult.documents.outline.reader import Outline
from consult.documents.versions import diff
from consult.documents.versions.provision_map import ProvisionMapLine


class NotPublished(Conflict):
    """The consultation is not published, so its first draft can be changed directly."""


@dataclass(frozen=True)
class ShownMapLine:
    """A line of the map as shown on a page."""

    line: ProvisionMapLine
    before: Sequence[Provision]
    after: Sequence[Provision]
    was: Sequence[str]  # the earlier numbers
    now: Sequence[str]

    @property
    def changed(self) -> bool:
        return self.line.change is not ProvisionChange.UNCHANGED

    @property
    def runs(self) -> list[diff.DiffRun]:
        """Return the words of both sides merged, with deletions and insertions marked."""
        return diff.diff_words(
            "\n\n".join(row.words for row in self.before), "\n\n".join(row.words for row in self.after)
        )


@dataclass(frozen=True)
class DraftComparison:
    """Two versions of a draft, compared line by line."""

    older: Version
    newer: Version
    lines: Sequence[ShownMapLine]

    @property
    def counts(self) -> Counter[ProvisionChange]:
        return Counter(shown.line.change for shown in self.lines)

    def line_of(self, after_id: int) -> ShownMapLine:
        """Return the line with a provision of the newer version. Raises NotFound."""
        for shown in self.lines:
            if after_id in shown.line.after:
                return shown
        raise NotFound(_("This provision is no longer in the draft."))


def prepare_next(
    session: Session, *, number: int, by: Account, text: str, split: Outline | None = None, at: datetime | None = None
) -> Outline:
    """Set the text of the next version and map it to the published one. Raises DraftRefused with problems by line."""
    row = _require_published(lock_owned(session, number, by, Deed.DRAFT))
    return documents.begin_next(session, document_id=row.document_id, text=text, split=split, at=at)


def discard_next(session: Session, *, number: int, by: Account) -> None:
    """Delete the version that is being prepared."""
    documents.discard_next(
        session, document_id=_require_published(lock_owned(session, number, by, Deed.DRAFT)).document_id
    )


def correct_origin(session: Session, *, number: int, by: Account, after_id: int, before: str) -> None:
    """Set the numbers of published provisions that a new provision comes from. Empty means that it is new.

    Raises a Refusal.
    """
    row, version = _get_next(session, lock_owned(session, number, by, Deed.DRAFT))
    called = {
        name: identifier
        for identifier, name in documents_queries.spoken_labels(_list_provisions(session, row.version_id)).items()
    }
    parts = [part.strip() for part in re.split(r"[,;،؛\n]+", before) if part.strip()]
    names = [name for part in parts for name in ([part] if part in called else part.split())]
    if unknown := [name for name in names if name not in called]:
        raise Refusal(_("The published draft has no provision %(number)s.", number=unknown[0]), field="before")
    documents.correct_map(
        session, version_id=version.id, after_id=after_id, before_ids=[called[name] for name in names]
    )


def publish(session: Session, *, number: int, by: Account, at: datetime | None = None) -> Version:
    """Publish the next version. The previous one stays available for comparison."""
    row, version = _get_next(session, lock_owned(session, number, by))
    actor = pseudonym("account", by.id)
    documents.publish(session, version_id=version.id, consultation_id=row.id, actor=actor, at=at)
    _move_questions(session, row, version)
    row.version_id = version.id
    session.flush()
    followers.notify_followers(session, row, about="news", key=f"version:{version.id}", version=version.number)
    return version


def _move_questions(session: Session, row: Consultation, version: Version) -> None:
    """Keep questions with their chapter, or move them to the end of the draft if it is gone."""
    asked = session.scalars(select(Question).where(Question.consultation_id == row.id, Question.chapter != "")).all()
    if not asked:
        return
    eids = {
        provision.id: provision.eid
        for number in (row.version_id, version.id)
        for provision in _list_provisions(session, number)
    }
    went = {
        eids[before]: eids[line.after[0]]
        for line in documents_queries.get_map(session, version.id)
        for before in line.before
        if line.after
    }
    for question in asked:
        question.chapter = went.get(question.chapter, "")


def compare_next(session: Session, *, number: int, by: Account) -> DraftComparison:
    """Compare the published version with the next one by the stored map. Raises NotFound if none is being prepared."""
    row, version = _get_next(session, check_owned(session, session.get(Consultation, number), by, Deed.SEE))
    former = session.get_one(Version, row.version_id)
    sides = [_list_provisions(session, one.id) for one in (former, version)]
    return _build_comparison(former, version, sides, documents_queries.get_map(session, version.id))


def compare_versions(session: Session, older: Version, newer: Version) -> DraftComparison:
    """Compare two published versions of a document."""
    sides = [_list_provisions(session, version.id) for version in (older, newer)]
    return _build_comparison(older, newer, sides, documents_queries.get_map_between(session, older, newer, sides))


def _build_comparison(
    older: Version, newer: Version, sides: Sequence[Sequence[Provision]], lines: Sequence[ProvisionMapLine]
) -> DraftComparison:
    rows = {row.id: row for side in sides for row in side}
    names = documents_queries.spoken_labels(sides[0]) | documents_queries.spoken_labels(sides[1])
    shown = [
        ShownMapLine(
            line,
            [rows[one] for one in line.before],
            [rows[one] for one in line.after],
            [names[one] for one in line.before],
            [names[one] for one in line.after],
        )
        for line in lines
    ]
    return DraftComparison(older, newer, shown)


def _list_provisions(session: Session, version_id: int | None) -> Sequence[Provision]:
    return documents_queries.list_provisions(session, version_id or 0)


def _require_published(row: Consultation) -> Consultation:
    if row.phase is Phase.DRAFT:
        raise NotPublished(_("This consultation is not published yet. Change its draft instead."))
    return row


def _get_next(session: Session, row: Consultation) -> tuple[Consultation, Version]:
    version = documents_queries.get_latest(session, _require_published(row).document_id)
    if version is None or version.id == row.version_id:
        raise NotFound(_("The next version has no text yet. Add its text first."))
    return row, version
