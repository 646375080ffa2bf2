"""Tables of the audit: how far each check has come, and what it found."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id


class AuditPosition(Base):
    """How far a check has come in its present round: it has looked at everything up to `upto`."""

    __tablename__ = "audit_position"

    check: Mapped[str] = mapped_column(primary_key=True)
    upto: Mapped[BigInt] = mapped_column(default=0)
    began_at: Mapped[datetime]  # the present round, or the last one that ended
    ended_at: Mapped[datetime | None]  # the last round that came to its end


class AuditFinding(Base):
    """Something that does not agree with the ledger. It goes when the same place is looked at again and agrees."""

    __tablename__ = "audit_finding"
    __table_args__ = (Index("ix_audit_finding_place", "check", "place"),)

    id: Mapped[Id]
    check: Mapped[str]
    place: Mapped[BigInt]  # where in the check's order: a submission's id, a number of the ledger
    code: Mapped[str]  # a key of findings.SENTENCES
    about: Mapped[str]  # a reference, or what else a person would look for
    detail: Mapped[dict[str, Any]]
    found_at: Mapped[datetime]
