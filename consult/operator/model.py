"""Tables of the operator: what it says, by key and language, each value with the day since which it holds."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id


class SiteText(Base):
    """One value of one field in one language. Written once: a change is another row, so that former texts stay.

    An empty text takes the one before away. `language` is empty where a value is the same in all.
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
    """A logo of the site; the last one holds. None: it was taken away."""

    __tablename__ = "site_logo"
    __table_args__ = (CheckConstraint("length(png) <= 65536", name="small_logo"),)

    id: Mapped[Id]
    png: Mapped[bytes | None]  # made anew from what was uploaded
    sha256: Mapped[str]
    since: Mapped[datetime]


class LawfulStart(Base):
    """That an administrator has said everything which the law asks for; without it nothing is published. One row."""

    __tablename__ = "lawful_start"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    account_id: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
