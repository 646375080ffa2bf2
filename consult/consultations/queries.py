"""Reads of consultations for their owners. Public pages read through `consult/site`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations import rights, service
from consult.consultations.joint import agreement
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
    """Titles of consultations by their ids."""
    rows = session.scalars(select(Consultation).where(Consultation.id.in_(ids)))
    return {row.id: row.title for row in rows}


@dataclass(frozen=True)
class ConsultationSheet:
    """A consultation as its owner sees it, with its draft and how much is in it."""

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
        """What there is to set up, and how far each is; also whether the operator has said what the law asks for."""
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
        """One of its questions. Raises NotFound."""
        found = next((question for question in self.questions if question.id == question_id), None)
        if found is None:
            raise NotFound(_("This question is not there any more."))
        return found


def list_editable(session: Session, *, by: Account, after: str | None = None) -> Page[Consultation]:
    """The consultations somebody sees at the desk, newest first: their own and their bodies'; for an admin, all."""
    wanted = select(Consultation).order_by(Consultation.id.desc()).limit(PAGE + 1)
    wanted = wanted.where((Consultation.owner_id == by.id) | Consultation.practice_until.is_(None))
    if by.role is not Role.ADMIN:
        wanted = wanted.where(Consultation.id.in_(rights.select_ids(by, Deed.SEE)))
    if (last := decode_id_cursor(after)) is not None:
        wanted = wanted.where(Consultation.id < last)
    return make_page(session.scalars(wanted).all(), PAGE, lambda row: [row.id])


def get_sheet(session: Session, *, number: int, by: Account, deed: Deed = Deed.PREPARE) -> ConsultationSheet:
    """Everything an owner needs to see of one consultation, in at most six statements. Raises NotFound, Forbidden."""
    row = service.check_owned(session, session.get(Consultation, number), by, deed)
    version = documents.get_latest(session, row.document_id)
    if version is None:
        raise NotFound(_("There is no such version of a draft."))
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
    """Everything that people read of a consultation before they answer."""

    provisions: Sequence[Provision]
    questions: Sequence[Question]
    version: Version | None = None

    @property
    def codes(self) -> Mapping[int, str]:
        """What each provision is called on paper: as in addresses, so that no two are called alike."""
        return keys.address_keys(self.provisions, keys.number_labels(self.provisions))


def get_printed(session: Session, row: Consultation) -> PrintedConsultation:
    """The text people comment on, or before publishing the newest, and the questions."""
    version = session.get(Version, row.version_id) if row.version_id else documents.get_latest(session, row.document_id)
    provisions = documents.list_provisions(session, version.id) if version else ()
    return PrintedConsultation(provisions, list_questions(session, row.id), version)


def list_questions(session: Session, consultation_id: int) -> Sequence[Question]:
    """The questions beside a draft, in order."""
    return session.scalars(
        select(Question).where(Question.consultation_id == consultation_id).order_by(Question.position)
    ).all()


def list_chapters(session: Session, version_id: int) -> list[tuple[str, str]]:
    """The chapters of a version, eid and name, where a question may be asked."""
    found = session.execute(
        select(Provision.eid, Provision.number, Provision.heading)
        .where(Provision.version_id == version_id, Provision.chapter == Provision.eid)
        .order_by(Provision.position)
    )
    return [(row.eid, " ".join(filter(None, (row.number, row.heading))) or row.eid) for row in found]


def get_published(session: Session, slug: str) -> Consultation:
    """The consultation at an address. Raises NotFound, also while it is being set up."""
    row = session.scalar(select(Consultation).where(Consultation.slug == slug, Consultation.phase != Phase.DRAFT))
    if row is None:
        raise NotFound(_("There is no consultation at this address."))
    return row
