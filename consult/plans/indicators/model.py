"""Tables of indicators, of the files that were read into them, and of their values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id


def pick_words(by_language: Mapping[str, Any], *languages: str) -> tuple[str, str]:
    """Words and their language: of the first of these languages that there are words in, else of the first there is.

    >>> pick_words({"en": "people", "fr": "personnes"}, "ar", "fr"), pick_words({}, "ar")
    (('fr', 'personnes'), ('', ''))
    """
    found = next((code for code in (*languages, *by_language) if by_language.get(code)), "")
    return found, str(by_language.get(found, ""))


class WantedTurn(StrEnum):
    """The direction in which an indicator should go."""

    UP = "up"
    DOWN = "down"
    NEITHER = "neither"


class PlanIndicator(Base):
    """What a plan is measured by. `headline` is the series without breakdown of the file that counts, for lists."""

    __tablename__ = "indicator"
    __table_args__ = (UniqueConstraint("plan_id", "code"), CheckConstraint("code <> ''", name="has_a_code"))

    id: Mapped[Id]
    plan_id: Mapped[BigInt] = mapped_column(ForeignKey("plan.id"))
    code: Mapped[str]
    position: Mapped[int] = mapped_column(default=0)
    titles: Mapped[dict[str, Any]]  # by language
    units: Mapped[dict[str, Any]]  # by language
    unit: Mapped[str] = mapped_column(default="", server_default="")  # of the release before; goes with the next
    better: Mapped[WantedTurn]
    source: Mapped[str] = mapped_column(default="")
    licence: Mapped[str] = mapped_column(default="")
    baseline: Mapped[Decimal | None]
    baseline_period: Mapped[str] = mapped_column(default="")
    target: Mapped[Decimal | None]
    target_period: Mapped[str] = mapped_column(default="")
    method: Mapped[str] = mapped_column(default="")  # Markdown
    headline: Mapped[list[Any]] = mapped_column(default=list)  # [period, value as text or null], by time
    created_at: Mapped[datetime]

    def title_in(self, *languages: str) -> str:
        """What it is called in the first of these languages that it has a name in, else in any."""
        return pick_words(self.titles, *languages)[1] or self.code

    def unit_in(self, *languages: str) -> str:
        """Its unit, likewise."""
        return pick_words(self.units, *languages)[1]


class ActionIndicator(Base):
    """That an action is measured by an indicator."""

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
    """A file for an indicator: proposed, then kept or not. The last that was kept counts; former ones stay."""

    __tablename__ = "indicator_import"
    __table_args__ = (Index("ix_indicator_import_indicator", "indicator_id", "id"),)

    id: Mapped[Id]
    indicator_id: Mapped[BigInt] = mapped_column(ForeignKey("indicator.id"))
    name: Mapped[str]  # of the file
    sha256: Mapped[bytes]
    content: Mapped[bytes]  # the file as it came, compressed by zlib
    metadata_file: Mapped[bytes | None]  # CSV on the Web, as it came
    kind: Mapped[ImportKind]
    choices: Mapped[dict[str, Any]]  # what a person chose of the reading: roles by column, decimal mark
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    kept_at: Mapped[datetime | None]
    rows: Mapped[int]  # that are kept
    left_out: Mapped[int]  # rows of the file that could not be read
    note: Mapped[str] = mapped_column(default="")  # why it replaces the former
    replaced_by_id: Mapped[BigInt | None] = mapped_column(ForeignKey("indicator_import.id"))


class Observation(Base):
    """One value of a series. `breakdown` names the groups and places by the columns of the file; empty: headline."""

    __tablename__ = "observation"

    import_id: Mapped[BigInt] = mapped_column(ForeignKey("indicator_import.id"), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # of the file
    column: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # where periods are columns
    period: Mapped[str]  # as the file says
    starts_on: Mapped[date | None]
    breakdown: Mapped[dict[str, Any]]
    value: Mapped[Decimal | None]
    flag: Mapped[str]  # such as estimated, provisional, missing; or the marker of the file
