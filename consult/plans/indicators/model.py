"""Tables of indicators, imported files and observations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id


def pick_words(by_language: Mapping[str, Any], *languages: str) -> tuple[str, str]:
    """Return the text in the first available of these languages, and its language. Falls back to any language.

    >>> pick_words({"en": "people", "fr": "personnes"}, "ar", "fr"), pick_words({}, "ar")
    (('fr', 'personnes'), ('', ''))
    """
    chosen = next((code for code in (*languages, *by_language) if by_language.get(code)), "")
    return chosen, str(by_language.get(chosen, ""))


class WantedTurn(StrEnum):
    """The desired direction of an indicator."""

    UP = "up"
    DOWN = "down"
    NEITHER = "neither"


class PlanIndicator(Base):
    """An indicator of a plan. `headline` is the series shown in lists."""

    __tablename__ = "indicator"
    __table_args__ = (
        UniqueConstraint("plan_id", "code"),
        CheckConstraint("code <> ''", name="has_a_code"),
        Index("ix_indicator_words", text("words_in_languages(titles::text)"), postgresql_using="gin"),
    )

    id: Mapped[Id]
    plan_id: Mapped[BigInt] = mapped_column(ForeignKey("plan.id"))
    code: Mapped[str]
    position: Mapped[int] = mapped_column(default=0)
    titles: Mapped[dict[str, Any]]  # by language
    units: Mapped[dict[str, Any]]  # by language
    # Used by the previous release. Remove with the next one.
    unit: Mapped[str] = mapped_column(default="", server_default="")
    better: Mapped[WantedTurn]
    source: Mapped[str] = mapped_column(default="")
    licence: Mapped[str] = mapped_column(default="")
    baseline: Mapped[Decimal | None]
    baseline_period: Mapped[str] = mapped_column(default="")
    target: Mapped[Decimal | None]
    target_period: Mapped[str] = mapped_column(default="")
    method: Mapped[str] = mapped_column(default="")  # Markdown
    headline: Mapped[list[Any]] = mapped_column(default=list)  # [period, value as text or null], in order of time
    # Name of the headline's group, empty for the total.
    headline_name: Mapped[str] = mapped_column(default="", server_default="")
    created_at: Mapped[datetime]

    def title_in(self, *languages: str) -> str:
        """Return the title in the first available of these languages, else in any, else the code."""
        return pick_words(self.titles, *languages)[1] or self.code

    def unit_in(self, *languages: str) -> str:
        """Return the unit in the first available of these languages, else in any."""
        return pick_words(self.units, *languages)[1]


class ActionIndicator(Base):
    """A link between an action and an indicator that measures it."""

    __tablename__ = "action_indicator"

    action_id: Mapped[BigInt] = mapped_column(ForeignKey("action.id", ondelete="CASCADE"), primary_key=True)
    indicator_id: Mapped[BigInt] = mapped_column(
        ForeignKey("indicator.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class ImportKind(StrEnum):
    CSV = "csv"
    CSVW = "csvw"
    SDMX = "sdmx"


class IndicatorImport(Base):
    """A data file of an indicator: proposed, then accepted or not. The last accepted one counts."""

    __tablename__ = "indicator_import"
    __table_args__ = (Index("ix_indicator_import_indicator", "indicator_id", "id"),)

    id: Mapped[Id]
    indicator_id: Mapped[BigInt] = mapped_column(ForeignKey("indicator.id"))
    name: Mapped[str]  # name of the file
    sha256: Mapped[bytes]
    content: Mapped[bytes]  # the original file, compressed by zlib
    metadata_file: Mapped[bytes | None]  # original CSV on the Web metadata
    kind: Mapped[ImportKind]
    choices: Mapped[dict[str, Any]]  # a person's choices for reading: roles by column, decimal mark
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    kept_at: Mapped[datetime | None]
    rows: Mapped[int]  # number of stored values
    left_out: Mapped[int]  # number of unreadable rows
    note: Mapped[str] = mapped_column(default="")  # reason for replacing the earlier file
    replaced_by_id: Mapped[BigInt | None] = mapped_column(ForeignKey("indicator_import.id"))


class Observation(Base):
    """One value of a series. `breakdown` maps columns of the file to group names. Empty means the headline."""

    __tablename__ = "observation"

    import_id: Mapped[BigInt] = mapped_column(ForeignKey("indicator_import.id"), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # line in the file
    column: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # column, if periods are columns
    period: Mapped[str]  # as written in the file
    starts_on: Mapped[date | None]
    breakdown: Mapped[dict[str, Any]]
    value: Mapped[Decimal | None]
    flag: Mapped[str]  # such as estimated, provisional, missing, or the file's own marker
