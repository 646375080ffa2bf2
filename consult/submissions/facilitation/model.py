"""Groups that written submissions speak for."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt


class WrittenGroup(Base):
    """For which of the owner's groups a submission speaks that no meeting was held for, as its writer says."""

    __tablename__ = "written_group"

    submission_id: Mapped[BigInt] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"), primary_key=True)
    group: Mapped[str]  # one of the consultation's groups
