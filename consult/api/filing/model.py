"""Table of filed requests."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt


class FilingRequest(Base):
    """A request that filed a submission: the hash of its key, and a commitment to its body.

    The commitment uses the submission's salt, which erasure deletes, so that the commitment cannot confirm a guess
    afterwards.
    """

    __tablename__ = "filing_request"

    key: Mapped[bytes] = mapped_column(primary_key=True)
    submission_id: Mapped[BigInt] = mapped_column(ForeignKey("submission.id"), index=True)
    body: Mapped[bytes]
