"""Queries for consultations of their owners. Public pages use `consult/site`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations import agreement, rights, service
from consult.consultations.model import Consultation, Phase, Question
from consult.consultations.rights import Deed
from consult.consultations.setup import readiness
from consult.consultations.setup.readiness import SetupTask
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.paging import Page, decode_id_cursor, make_page
from consult.core.web.access import Role
from consult.documents import keys
from consult.documents import queries as documents
from consult.documents.model import Provision, ProvisionKind, Version

PAGE = 25


def find_titles(session: Session, ids: Collection[int]) -> dict[int, str]:
    """Return titles of consultations by ID."""
    rows = session.scalars(select(Consultation).where(Consultation.id.in_(ids)))
    return {row.id: row.title for row in rows}


@dataclass(frozen=True)
class ConsultationSheet:
    """A consultation as its owner sees it, with its draft and counts."""

    consultation: Consultation
    version: Version
    questions: Sequence[Question]
    counts: dict[ProvisionKind, int]
    next: Version | None = None  # the version that is being prepared, once one is published
    missing: Sequence[str] = ()  # bodies that ask too and have not agreed

    @property
    def has_draft(self) -> bool:
        return bool(self.counts)

    def tasks(self, at: datetime, *, started: bool = True) -> list[SetupTask]:
        """Return the setup tasks with their progress, including the operator's legal information."""
        return readiness.list_tasks(
            self.consultation,
            typed=bool(self.version.source),
            provisions=sum(self.counts.values()),
            questions=len(self.questions),
            missing=self.missing,
            started=started,
            at=at,
        )

    def question(self, question_id: int) -> Question:
        """Return one of its questions. Raises NotFound."""
        found = next((question for question in self.questions if question.id == question_id), None)
        if found is None:
            raise NotFound(_("We cannot find this question. It may have been removed."))
        return found


def list_editable(session: Session, *, by: Account, after: str | None = None) -> Page[Consultation]:
    """Return one page of the consultations in a person's workspace, newest first: their own and their bodies'.

    Administrators get all. Practice consultations are listed for their owner only.
    """
    wanted = select(Consultation).order_by(Consultation.id.desc()).limit(PAGE + 1)
    wanted = wanted.where((Consultation.owner_id == by.id) | Consultation.practice_until.is_(None))
    if by.role is not Role.ADMIN:
        wanted = wanted.where(Consultation.id.in_(rights.select_ids(by, Deed.SEE)))
    if (last := decode_id_cursor(after)) is not None:
        wanted = wanted.where(Consultation.id < last)
    return make_page(session.scalars(wanted).all(), PAGE, lambda row: [row.id])


def get_sheet(session: Session, *, number: int, by: Account, deed: Deed = Deed.PREPARE) -> ConsultationSheet:
    """Return an owner's view of a consultation, with at most six queries. Raises NotFound and Forbidden."""
    row = service.check_owned(session, session.get(Consultation, number), by, deed)
    version = documents.get_latest(session, row.document_id)
    if version is None:
        raise NotFound(_("We cannot find this version of the draft."))
    coming = None
    if row.version_id is not None and version.id != row.version_id:
        coming, version = version, session.get_one(Version, row.version_id)
    counted = select(Provision.kind, func.count()).where(Provision.version_id == version.id).group_by(Provision.kind)
    counts = {kind: int(n) for kind, n in session.execute(counted)}
    may_wait = row.phase is Phase.DRAFT and row.body_id is not None
    missing = agreement.list_missing(session, row) if may_wait else ()
    return ConsultationSheet(row, version, list_questions(session, row.id), counts, coming, missing)


@dataclass(frozen=True)
class PrintedConsultation:
    """The published text and questions of a consultation, as people read them before they respond."""

    provisions: Sequence[Provision]
    questions: Sequence[Question]
    version: Version | None = None

    @property
    def codes(self) -> Mapping[int, str]:
        """Return the unique label of each provision on paper, the same as in URLs."""
        return keys.address_keys(self.provisions, keys.number_labels(self.provisions))


def get_printed(session: Session, row: Consultation) -> PrintedConsultation:
    """Return the published text, or the newest before publication, and the questions."""
    version = session.get(Version, row.version_id) if row.version_id else documents.get_latest(session, row.document_id)
    provisions = documents.list_provisions(session, version.id) if version else ()
    return PrintedConsultation(provisions, list_questions(session, row.id), version)


def list_questions(session: Session, consultation_id: int) -> Sequence[Question]:
    """Return the questions in order."""
    return session.scalars(
        select(Question).where(Question.consultation_id == consultation_id).order_by(Question.position)
    ).all()


def list_chapters(session: Session, version_id: int) -> list[tuple[str, str]]:
    """Return the eid and name of the chapters of a version, where questions can be placed."""
    rows = session.execute(
        select(Provision.eid, Provision.number, Provision.heading)
        .where(Provision.version_id == version_id, Provision.chapter == Provision.eid)
        .order_by(Provision.position)
    )
    return [(row.eid, " ".join(filter(None, (row.number, row.heading))) or row.eid) for row in rows]


def get_published(session: Session, slug: str) -> Consultation:
    """Return the published consultation with this slug. Raises NotFound, also before publication."""
    row = session.scalar(select(Consultation).where(Consultation.slug == slug, Consultation.phase != Phase.DRAFT))
    if row is None:
        raise NotFound(_("We cannot find this consultation. Check the link."))
    return row
