"""Tables of substance records: identifiers, control, what test strips show, edits, and names that people matched."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id


class SubstanceRecord(Base):
    """What is known about a substance of the vocabulary. `revision` detects concurrent edits.

    `controls` and `strips` are lists of objects with the fields of `SubstanceControl` and `SubstanceStrip`.
    """

    __tablename__ = "substance_record"

    term_id: Mapped[BigInt] = mapped_column(ForeignKey("term.id"), primary_key=True, autoincrement=False)
    cas: Mapped[str]  # CAS Registry Number, such as 437-38-7
    inchikey: Mapped[str]
    unii: Mapped[str]  # Unique Ingredient Identifier
    un_code: Mapped[str]  # code of the UNODC Early Warning Advisory
    incb_code: Mapped[str]  # code of the International Narcotics Control Board
    eu_code: Mapped[str]  # code of the European Union Drugs Agency
    names: Mapped[list[Any]]  # other names that are not in the vocabulary
    controls: Mapped[list[Any]]
    strips: Mapped[list[Any]]
    source: Mapped[str]  # of the identifiers
    edited_at: Mapped[datetime]
    edited_by_id: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    revision: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": revision}


class SubstanceEdit(Base):
    """An edit of a record: the fields that changed, before and after, with a reason."""

    __tablename__ = "substance_edit"
    __table_args__ = (Index("ix_substance_edit_term", "term_id", "id"),)

    id: Mapped[Id]
    term_id: Mapped[BigInt] = mapped_column(ForeignKey("term.id"))
    account_id: Mapped[BigInt | None]  # not a reference: the edit outlasts the account
    at: Mapped[datetime]
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    reason: Mapped[str]


class SubstanceAlias(Base):
    """A name in samples or reports that a person matched to a substance. `folded` is its form for comparison."""

    __tablename__ = "substance_alias"

    folded: Mapped[str] = mapped_column(primary_key=True)
    words: Mapped[str]
    term_id: Mapped[BigInt] = mapped_column(ForeignKey("term.id"), index=True)
    account_id: Mapped[BigInt | None]
    at: Mapped[datetime]
