"""Tables of the audit: the progress and the findings of each check."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id


class AuditPosition(Base):
    """The progress of a check in its current round: everything up to `upto` was checked."""

    __tablename__ = "audit_position"

    check: Mapped[str] = mapped_column(primary_key=True)
    upto: Mapped[BigInt] = mapped_column(default=0)
    began_at: Mapped[datetime]  # start of the current or last round
    ended_at: Mapped[datetime | None]  # end of the last complete round


class AuditFinding(Base):
    """A difference from the ledger. It is deleted when the same position is checked again without a difference."""

    __tablename__ = "audit_finding"
    __table_args__ = (Index("ix_audit_finding_place", "check", "place"),)

    id: Mapped[Id]
    check: Mapped[str]
    place: Mapped[BigInt]  # position in the check's order: a submission's ID or a ledger number
    code: Mapped[str]  # a key of findings.SENTENCES
    about: Mapped[str]  # a reference, or another term to search for
    detail: Mapped[dict[str, Any]]
    found_at: Mapped[datetime]
