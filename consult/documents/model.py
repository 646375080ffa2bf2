"""Documents, versions and provisions."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, Big, Id


class ProvisionKind(StrEnum):
    PART = "part"
    CHAPTER = "chapter"
    SECTION = "section"
    PARAGRAPH = "paragraph"
    POINT = "point"


class Document(Base):
    __tablename__ = "document"

    id: Mapped[Id]
    title: Mapped[str]
    language: Mapped[str]
    created_at: Mapped[datetime]


class Version(Base):
    """One text of the draft. Frozen once published."""

    __tablename__ = "version"
    __table_args__ = (UniqueConstraint("document_id", "number"),)

    id: Mapped[Id]
    document_id: Mapped[Big] = mapped_column(ForeignKey("document.id", ondelete="CASCADE"))
    number: Mapped[int]
    source: Mapped[str]  # the Markdown it was made from
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]


class Provision(Base):
    """A part, chapter, section, paragraph or point.

    `wid` is the provision's permanent id, the same in every version; `eid` is its id in this version.
    Source: Akoma Ntoso 1.0, naming convention, section 5.
    `chapter` is the eid of the chapter it stands in (of the part, for what stands before the part's first chapter), so
    that a chapter is one indexed read; a chapter's own `chapter` is its `eid`.
    """

    __tablename__ = "provision"
    __table_args__ = (
        UniqueConstraint("version_id", "eid"),
        UniqueConstraint("version_id", "wid"),
        Index("ix_provision_chapter", "version_id", "chapter", "position"),
        Index("ix_provision_number", "version_id", "number"),
    )

    id: Mapped[Id]
    version_id: Mapped[Big] = mapped_column(ForeignKey("version.id", ondelete="CASCADE"))
    wid: Mapped[str]
    eid: Mapped[str]
    parent_id: Mapped[Big | None] = mapped_column(ForeignKey("provision.id", ondelete="CASCADE"))
    chapter: Mapped[str]
    kind: Mapped[ProvisionKind]
    number: Mapped[str]  # as printed: "2.1", "(a)"; empty where the draft has none
    heading: Mapped[str]
    text: Mapped[str]
    position: Mapped[int]  # order in the version, from 0
    depth: Mapped[int]
