"""The next version of a draft: prepared beside the published one, mapped to it, corrected, published."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.model import Consultation, Phase, Question
from consult.consultations.service import own, owned
from consult.core.crypto import pseudonym
from consult.core.errors import Conflict, NotFound, Refusal
from consult.core.i18n import _
from consult.documents import diff
from consult.documents import queries as documents
from consult.documents import service as drafting
from consult.documents.mapping import Line
from consult.documents.model import Change, Provision, Version
from consult.documents.outline import Outline


class NotPublished(Conflict):
    """The consultation is still being set up: its first draft can simply be changed."""


@dataclass(frozen=True)
class Shown:
    """A line of the map as a page shows it."""

    line: Line
    before: Sequence[Provision]
    after: Sequence[Provision]
    was: Sequence[str]  # what people called them
    now: Sequence[str]

    @property
    def changed(self) -> bool:
        return self.line.change is not Change.UNCHANGED

    @property
    def runs(self) -> list[diff.Run]:
        """The words on both sides as one, with what is gone and what is new."""
        return diff.words("\n\n".join(row.words for row in self.before), "\n\n".join(row.words for row in self.after))


@dataclass(frozen=True)
class Compared:
    """Two versions of a draft, line by line."""

    older: Version
    newer: Version
    lines: Sequence[Shown]

    @property
    def counts(self) -> Counter[Change]:
        return Counter(shown.line.change for shown in self.lines)

    def line_of(self, after_id: int) -> Shown:
        """The line in which a provision of the newer version stands. Raises NotFound."""
        for shown in self.lines:
            if after_id in shown.line.after:
                return shown
        raise NotFound(_("This provision is not in the draft any more."))


def prepare(session: Session, *, number: int, by: Account, text: str, at: datetime | None = None) -> Outline:
    """Gives the next version its text, and maps it. Raises DraftRefused with the problems by line."""
    return drafting.begin_next(session, document_id=_published(own(session, number, by)).document_id, text=text, at=at)


def discard(session: Session, *, number: int, by: Account) -> None:
    """Drops the version that is being prepared."""
    drafting.discard_next(session, document_id=_published(own(session, number, by)).document_id)


def correct(session: Session, *, number: int, by: Account, after_id: int, before: str) -> None:
    """Says which numbers of the published version a provision of the next one comes from; none: it is new."""
    row, version = _next(session, own(session, number, by))
    called = {name: identifier for identifier, name in documents.labels(_rows(session, row.version_id)).items()}
    names = [name for name in re.split(r"[\s,;،؛]+", before) if name]
    if unknown := [name for name in names if name not in called]:
        raise Refusal(
            _("The published draft has no provision with the number %(number)s.", number=unknown[0]), field="before"
        )
    drafting.correct(session, version_id=version.id, after_id=after_id, before_ids=[called[name] for name in names])


def publish(session: Session, *, number: int, by: Account, at: datetime | None = None) -> Version:
    """Makes the next version the one that people read and comment on. The former stays to be read and compared."""
    row, version = _next(session, own(session, number, by))
    actor = pseudonym("account", by.id)
    drafting.publish(session, version_id=version.id, consultation_id=row.id, actor=actor, at=at)
    _ask_where_chapters_went(session, row, version)
    row.version_id = version.id
    session.flush()
    return version


def _ask_where_chapters_went(session: Session, row: Consultation, version: Version) -> None:
    """Questions stay with the chapter they were asked in; after the draft where that is gone."""
    asked = session.scalars(select(Question).where(Question.consultation_id == row.id, Question.chapter != "")).all()
    if not asked:
        return
    eids = {one.id: one.eid for number in (row.version_id, version.id) for one in _rows(session, number)}
    went = {
        eids[before]: eids[line.after[0]]
        for line in documents.mapping(session, version.id)
        for before in line.before
        if line.after
    }
    for question in asked:
        question.chapter = went.get(question.chapter, "")


def prepared(session: Session, *, number: int, by: Account) -> Compared:
    """The published version and the next one by the stored map. Raises NotFound where none is being prepared."""
    row, version = _next(session, owned(session.get(Consultation, number), by))
    former = session.get_one(Version, row.version_id)
    sides = [_rows(session, one.id) for one in (former, version)]
    return _compared(former, version, sides, documents.mapping(session, version.id))


def compared(session: Session, older: Version, newer: Version) -> Compared:
    """Two published versions of one document."""
    sides = [_rows(session, version.id) for version in (older, newer)]
    return _compared(older, newer, sides, documents.between(session, older, newer, sides))


def _compared(
    older: Version, newer: Version, sides: Sequence[Sequence[Provision]], lines: Sequence[Line]
) -> Compared:  # fmt: skip
    rows = {row.id: row for side in sides for row in side}
    names = documents.labels(sides[0]) | documents.labels(sides[1])
    shown = [
        Shown(
            line, [rows[one] for one in line.before], [rows[one] for one in line.after],
            [names[one] for one in line.before], [names[one] for one in line.after],
        )
        for line in lines
    ]  # fmt: skip
    return Compared(older, newer, shown)


def _rows(session: Session, version_id: int | None) -> Sequence[Provision]:
    return documents.provisions(session, version_id or 0)


def _published(row: Consultation) -> Consultation:
    if row.phase is Phase.DRAFT:
        raise NotPublished(_("This consultation is not published yet: change its draft instead."))
    return row


def _next(session: Session, row: Consultation) -> tuple[Consultation, Version]:
    version = documents.latest(session, _published(row).document_id)
    if version is None or version.id == row.version_id:
        raise NotFound(_("No next version is being prepared. Give it its text first."))
    return row, version
