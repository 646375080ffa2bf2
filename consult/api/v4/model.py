"""Tables of the regulations.gov interface: times of published submissions, and uploaded files by key."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt


class PostedSubmission(Base):
    """A submission that was published, with times that clients can page by.

    `modified_at` is never before the hour of the last public change and never in the future. Later changes of a
    consultation have later or equal times. Each has a second of its own as long as the hour has enough of them.
    """

    __tablename__ = "posted_submission"
    __table_args__ = (
        Index("ix_posted_submission_modified", "consultation_id", "modified_at", "submission_id"),
        Index("ix_posted_submission_posted", "consultation_id", "posted_at", "submission_id"),
    )

    submission_id: Mapped[BigInt] = mapped_column(
        ForeignKey("submission.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    consultation_id: Mapped[BigInt]
    posted_at: Mapped[datetime]  # the hour of publication
    modified_at: Mapped[datetime]


class KeyedUpload(Base):
    """A file that a program uploaded for a submission to come. Deleted with the file, or with the file's key."""

    __tablename__ = "keyed_upload"

    key: Mapped[bytes] = mapped_column(primary_key=True)  # hash of the token, its submission key and the file's name
    file_id: Mapped[BigInt] = mapped_column(ForeignKey("stored_file.id", ondelete="CASCADE"), index=True)
