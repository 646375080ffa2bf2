"""Tables of samples: batches, samples, findings, and the meaning of names as confirmed for an organisation."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id


class SampleBatch(Base):
    """A table of results that was kept. A retracted one keeps its row, and its samples are deleted."""

    __tablename__ = "sample_batch"

    id: Mapped[Id]
    organisation_id: Mapped[BigInt] = mapped_column(ForeignKey("organisation.id"), index=True)
    file_name: Mapped[str]
    sha256: Mapped[bytes]
    rows: Mapped[int]
    kept_by_id: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    kept_at: Mapped[datetime]
    public: Mapped[bool]  # whether the organisation publishes these results itself
    commitment: Mapped[bytes]  # of the keys and contents of its samples
    retracted_at: Mapped[datetime | None]
    retracted_for: Mapped[str] = mapped_column(default="", server_default="")


class DrugSample(Base):
    """A tested sample. One without a finding is a negative. `content` is a hash, to recognise a changed row."""

    __tablename__ = "sample"
    __table_args__ = (
        UniqueConstraint("organisation_id", "key"),
        Index("ix_sample_place", "country", "region", "day"),
    )

    id: Mapped[Id]
    batch_id: Mapped[BigInt] = mapped_column(ForeignKey("sample_batch.id"), index=True)
    organisation_id: Mapped[BigInt] = mapped_column(ForeignKey("organisation.id"))
    key: Mapped[bytes]  # the service's number, else the row and its occurrence
    content: Mapped[bytes]
    number: Mapped[str]
    day: Mapped[date]
    country: Mapped[str]  # ISO 3166-1 alpha-2
    region: Mapped[str]  # ISO 3166-2
    town: Mapped[str]
    site: Mapped[str]
    sold_as: Mapped[str]
    sold_as_id: Mapped[BigInt | None] = mapped_column(ForeignKey("term.id"), index=True)
    form: Mapped[str]
    method: Mapped[str]  # a basis of reports: ftir, mass_spectrometry or strip_test
    strips: Mapped[str]  # results of test strips, as given


class SampleFinding(Base):
    """A name found in a sample, and the substance that it means."""

    __tablename__ = "sample_finding"
    __table_args__ = (
        UniqueConstraint("sample_id", "words"),
        Index("ix_sample_finding_term", "term_id", "sample_id"),
    )

    id: Mapped[Id]
    sample_id: Mapped[BigInt] = mapped_column(ForeignKey("sample.id", ondelete="CASCADE"))
    words: Mapped[str]
    term_id: Mapped[BigInt | None] = mapped_column(ForeignKey("term.id"))
