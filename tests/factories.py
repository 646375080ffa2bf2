"""Rows for tests: write only what matters to the test."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from consult.accounts.model import Account, Organisation, OrganisationKind
from consult.consultations.model import Consultation, Phase, Question
from consult.core.clock import now
from consult.core.crypto import blind_index, seal
from consult.core.db import Base
from consult.core.web.access import Role
from consult.documents import queries as documents_queries
from consult.documents import service as documents
from consult.documents.model import Document, Provision, ProvisionKind, Version

__all__ = ["Base", "account", "consultation", "draft_policy", "organisation"]

_numbers = itertools.count(1)


def account(session: Session, role: Role = Role.CONTRIBUTOR, **values: Any) -> Account:
    """A verified account; `email=` to choose the address."""
    number = next(_numbers)
    email = values.pop("email", f"person{number}@example.org")
    row = Account(
        **{
            "email_index": blind_index(email), "email_sealed": seal(email), "display_name": f"Person {number}",
            "role": role, "language": "en", "verified_at": now(), "created_at": now(), "session_epoch": 0, **values,
        }
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def organisation(session: Session, **values: Any) -> Organisation:
    number = next(_numbers)
    given = {"name": f"Organisation {number}", "kind": OrganisationKind.NGO, "country": "PE", "created_at": now()}
    row = Organisation(**{**given, **values})
    session.add(row)
    session.flush()
    return row


def draft_policy(session: Session, *, chapters: int = 2, paragraphs: int = 2) -> Version:
    """A published version with numbered chapters and paragraphs: eids `chp_1`, `chp_1__para_1` …"""
    document = Document(title="Draft plan", language="en", created_at=now())
    session.add(document)
    session.flush()
    version = Version(document_id=document.id, number=1, source="", created_at=now(), published_at=now())
    session.add(version)
    session.flush()
    position = itertools.count()
    for c in range(1, chapters + 1):
        chapter = _provision(version.id, f"chp_{c}", f"chp_{c}", ProvisionKind.CHAPTER, str(c), next(position), 0)
        chapter.heading, chapter.text = f"Chapter {c}", ""
        session.add(chapter)
        session.flush()
        for p in range(1, paragraphs + 1):
            row = _provision(
                version.id, f"chp_{c}__para_{p}", f"chp_{c}", ProvisionKind.PARAGRAPH, f"{c}.{p}", next(position), 1
            )
            row.parent_id = chapter.id
            session.add(row)
    session.flush()
    return version


def _provision(
    version_id: int, eid: str, chapter: str, kind: ProvisionKind, number: str, position: int, depth: int
) -> Provision:
    return Provision(
        version_id=version_id, wid=eid, eid=eid, chapter=chapter, kind=kind, number=number, heading="",
        text=f"Each State shall do what paragraph {number} says.", position=position, depth=depth,
    )  # fmt: skip


def consultation(session: Session, *, questions: int = 0, **values: Any) -> Consultation:
    """An open consultation on a small draft; opened a week ago, closes in thirty days."""
    number = next(_numbers)
    version = draft_policy(session, chapters=values.pop("chapters", 2), paragraphs=values.pop("paragraphs", 2))
    owner = values.pop("owner", None) or account(session, Role.POLICYMAKER)
    row = Consultation(
        **{
            "slug": f"plan-{number}", "code": "DP27", "title": f"Draft plan {number}", "body": "Secretariat (sample)",
            "summary": "Tell us.", "purpose": "Why we ask.", "language": "en", "tags": [], "owner_id": owner.id,
            "document_id": version.document_id, "version_id": version.id, "opens_at": now() - timedelta(days=7),
            "closes_at": now() + timedelta(days=30), "timezone": "Europe/Vienna", "answer_by": None,
            "phase": Phase.OPEN, "created_at": now(), **values,
        }
    )  # fmt: skip
    session.add(row)
    session.flush()
    for position in range(questions):
        wording = f"Question {position + 1}?"
        session.add(Question(consultation_id=row.id, position=position, wording=wording, hint="", required=False))
    session.flush()
    return row


def with_draft(session: Session, text: str) -> Consultation:
    """A consultation whose published draft has this text, in Markdown."""
    row = consultation(session)
    version = documents.create(session, title="Plan", language="en")
    documents.replace_text(session, version_id=version.id, text=text)
    documents.publish(session, version_id=version.id, consultation_id=row.id, actor=None)
    row.document_id, row.version_id = version.document_id, version.id
    return row


def publish_next(session: Session, row: Consultation, text: str) -> Version:
    """The next version of its draft, published; committed."""
    documents.begin_next(session, document_id=row.document_id, text=text)
    version = documents_queries.get_latest(session, row.document_id)
    assert version
    documents.publish(session, version_id=version.id, consultation_id=row.id, actor=None)
    row.version_id = version.id
    session.commit()
    return version
