"""Tables of schemes and their terms."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id
from consult.core.languages import DEFAULT_LANGUAGE


def pick_translation(words: dict[str, Any], code: str) -> str:
    """Return the text in a language, else in the default language, else in any.

    >>> pick_translation({"en": "Health", "fr": "Santé"}, "fr"), pick_translation({"fr": "Santé"}, "ar")
    ('Santé', 'Santé')
    """
    return str(words.get(code) or words.get(DEFAULT_LANGUAGE) or next(iter(words.values()), ""))


class Scheme(Base):
    """A vocabulary, such as treaties or affected groups. Source: W3C SKOS Reference, ConceptScheme."""

    __tablename__ = "scheme"

    id: Mapped[Id]
    uri: Mapped[str] = mapped_column(unique=True)
    notation: Mapped[str] = mapped_column(unique=True)  # part of the URL /taxonomy/<notation>
    labels: Mapped[dict[str, Any]]  # by language
    position: Mapped[int]

    def label(self, code: str) -> str:
        return pick_translation(self.labels, code)


class Term(Base):
    """A concept of one scheme. Tags refer to terms, so they are not deleted: a pack that lacks one retires it."""

    __tablename__ = "term"
    __table_args__ = (Index("ix_term_order", "scheme_id", "position"), Index("ix_term_broader", "broader_id"))

    id: Mapped[Id]
    scheme_id: Mapped[BigInt] = mapped_column(ForeignKey("scheme.id"))
    uri: Mapped[str] = mapped_column(unique=True)
    notation: Mapped[str]
    broader_id: Mapped[BigInt | None] = mapped_column(ForeignKey("term.id"))
    labels: Mapped[dict[str, Any]]  # by language
    others: Mapped[dict[str, Any]]  # other names by language: skos:altLabel
    source: Mapped[str]  # source of the definition
    position: Mapped[int]
    retired: Mapped[bool] = mapped_column(default=False)

    def label(self, code: str) -> str:
        return pick_translation(self.labels, code)
