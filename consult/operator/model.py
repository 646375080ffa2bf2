"""Tables of the operator: texts by key and language, logos, and the declaration of completeness."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id


class SiteText(Base):
    """A value of a field in one language. Each change adds a row, so earlier texts remain.

    An empty text removes the value. `language` is empty if the value is the same in all languages.
    """

    __tablename__ = "site_text"
    __table_args__ = (Index("ix_site_text_key", "key", "language", "id"),)

    id: Mapped[Id]
    key: Mapped[str]
    language: Mapped[str]
    text: Mapped[str]
    since: Mapped[datetime]
    account_id: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))


class SiteLogo(Base):
    """A logo of the site. The latest counts. None means that the logo was removed."""

    __tablename__ = "site_logo"
    __table_args__ = (CheckConstraint("length(png) <= 65536", name="small_logo"),)

    id: Mapped[Id]
    png: Mapped[bytes | None]  # re-encoded from the upload
    sha256: Mapped[str]
    since: Mapped[datetime]


class LawfulStart(Base):
    """An administrator's declaration that the fields required by law are filled in. At most one row.

    Nothing is published without it.
    """

    __tablename__ = "lawful_start"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    account_id: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
