"""Tables of early warning: reports and their standing, signals and acts on them, warnings and watchers."""

from __future__ import annotations

from datetime import date, datetime
from enum import IntEnum, StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id
from consult.files.attachments import AttachmentColumns
from consult.mail.confirmed_address import ConfirmedAddressColumns

MAX_BODY_LENGTH = 2_000
MAX_REPORT_FILES = 5
MAX_TAKEN_AWAY_REASON = 300
TITLE_WORDS = "words_in_languages(jsonb_path_query_array(texts, '$.*.title')::text)"  # SQL: of a warning


class SourceKind(StrEnum):
    """The setting in which something was seen or heard."""

    UNSAID = "unsaid"
    OUTREACH = "outreach"
    DRUG_CHECKING = "drug_checking"
    HOSPITAL = "hospital"
    LABORATORY = "laboratory"
    POLICE = "police"
    PRISON = "prison"
    FAMILY = "family"
    MEDIA = "media"


class SightingForm(StrEnum):
    """The form in which something is sold."""

    POWDER = "powder"
    TABLET = "tablet"
    LIQUID = "liquid"
    VAPE = "vape"
    PLANT = "plant"
    PAPER = "paper"
    OTHER = "other"


class Basis(StrEnum):
    """The basis of a report, from least to most certain."""

    TOLD = "told"
    SEEN = "seen"
    STRIP_TEST = "strip_test"
    FTIR = "ftir"
    MASS_SPECTROMETRY = "mass_spectrometry"


LABORATORY_BASES = (Basis.MASS_SPECTROMETRY,)
"""Findings of a laboratory, or of a drug checking service with an instrument."""


class Confidence(StrEnum):
    """The certainty of a signal: the most certain basis of its reports, or two laboratories that agree."""

    TOLD = "told"
    SEEN = "seen"
    STRIP_TEST = "strip_test"
    FTIR = "ftir"
    MASS_SPECTROMETRY = "mass_spectrometry"
    TWO_LABORATORIES = "two_laboratories"


class ReportChannel(StrEnum):
    """The channel by which a report arrived."""

    WEB = "web"
    NO_TRACE = "no_trace"
    ORGANISATION = "organisation"
    MAIL = "mail"
    SMS = "sms"


class ReportStanding(StrEnum):
    """The standing of a report. Each report has one, so the totals add up."""

    WAITING = "waiting"
    LINKED = "linked"
    NOT_SIGNAL = "not_signal"
    WITHDRAWN = "withdrawn"
    ERASED = "erased"


class Urgency(IntEnum):
    """The urgency of a waiting report, by the harms that it reports."""

    USUAL = 0
    UNVERIFIED = 1  # deaths or ten overdoses that no verified organisation tells of
    VERIFIED = 2  # an emergency by the rule


class SignalLevel(StrEnum):
    """Alert levels of the protocol, lowest first. Their rules are in levels.toml."""

    WATCH = "watch"
    ALERT = "alert"
    EMERGENCY = "emergency"


CONFIDENCE_ORDER = tuple(Confidence)
LEVEL_ORDER = tuple(SignalLevel)


class SignalState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    NOT_SIGNAL = "not_signal"
    RETRACTED = "retracted"
    MERGED = "merged"


PUBLIC_STATES = (SignalState.OPEN, SignalState.CLOSED, SignalState.RETRACTED)
"""States of public signals. The page of a merged one redirects."""


class SignalDeed(StrEnum):
    """The kind of an act on a signal."""

    OPENED = "opened"
    TAKEN = "taken"
    LEVEL = "level"
    LINKED = "linked"
    MERGED = "merged"
    SPLIT = "split"
    VERIFIED = "verified"
    WARNED = "warned"
    REVIEWED = "reviewed"
    CORRECTED = "corrected"
    RETRACTED = "retracted"
    PLACE_SHOWN = "place_shown"
    TITLED = "titled"
    CONSULTED = "consulted"
    ANSWERED = "answered"
    CLOSED = "closed"


class WarningKind(StrEnum):
    WARNING = "warning"
    CORRECTION = "correction"
    RETRACTION = "retraction"


class SignalReport(Base):
    """A report as filed. A trigger allows erasing it, and no other change.

    `cleared_body` is the body without apparent personal data, which assessors read first. `salt` opens the
    `commitment`. Text and salt are deleted by erasure. `content_mark` distinguishes two reports under one
    `idempotency_key`, and detects copies of a text.
    """

    __tablename__ = "signal_report"
    __table_args__ = (
        CheckConstraint("length(body) <= 2000", name="short_body"),
        CheckConstraint("coalesce(deaths, 0) >= 0 AND coalesce(overdoses, 0) >= 0", name="no_negative_harms"),
        Index("ix_signal_report_place", "country", "region", "happened_on"),
        Index("ix_signal_report_received", "received_at", "id"),
    )

    id: Mapped[Id]
    reference: Mapped[str] = mapped_column(unique=True)  # such as WS-4KQ7-XM
    received_at: Mapped[datetime]
    channel: Mapped[ReportChannel]
    source_kind: Mapped[SourceKind]
    organisation_id: Mapped[BigInt | None] = mapped_column(
        ForeignKey("organisation.id", ondelete="SET NULL"), index=True
    )
    country: Mapped[str]  # ISO 3166-1 alpha-2
    region: Mapped[str]  # ISO 3166-2, such as EC-E; empty: the whole country
    place: Mapped[str]  # a town; never public by itself
    happened_on: Mapped[date]
    product: Mapped[str]  # what it was sold as
    form: Mapped[SightingForm]
    look: Mapped[str]
    substance_said: Mapped[str]  # in the reporter's words
    substance_id: Mapped[BigInt | None] = mapped_column(ForeignKey("term.id"), index=True)  # of the taxonomy
    strength: Mapped[str]  # text, never computed with
    route: Mapped[str]
    deaths: Mapped[int | None]
    overdoses: Mapped[int | None]
    hospital: Mapped[int | None]
    unusual: Mapped[str]
    naloxone: Mapped[int | None]  # doses given
    basis: Mapped[Basis]
    laboratory: Mapped[str]
    body: Mapped[str]
    cleared_body: Mapped[str]
    language: Mapped[str]
    idempotency_key: Mapped[str | None] = mapped_column(unique=True)
    content_mark: Mapped[bytes]
    return_key: Mapped[bytes | None] = mapped_column(unique=True)  # hash of what the return words stand for
    arrival: Mapped[int] = mapped_column(default=0, server_default="0")  # of its network that day: 1, 2, 3 or more
    salt: Mapped[bytes | None]
    commitment: Mapped[bytes]
    erased_at: Mapped[datetime | None]


class SignalReportFile(AttachmentColumns, Base):
    """A file that the reporter added to a filed report, counted from 1. If the reporter removes it, the row is deleted.

    If an assessor destroyed it, the row keeps the date, the reason and the assessor. `mark` identifies a file that is
    sent twice. A copy of the database alone does not allow guesses to be confirmed.
    """

    __tablename__ = "signal_report_file"
    __table_args__ = (
        CheckConstraint(f"position BETWEEN 1 AND {MAX_REPORT_FILES}", name="few_files"),
        CheckConstraint("(file_id IS NULL) = (taken_away_on IS NOT NULL)", name="there_or_taken_away"),
        UniqueConstraint("report_id", "mark"),
    )

    report_id: Mapped[BigInt] = mapped_column(ForeignKey("signal_report.id"), primary_key=True, autoincrement=False)
    mark: Mapped[bytes]
    taken_away_on: Mapped[date | None]
    taken_away_for: Mapped[str] = mapped_column(default="", server_default="")  # its reporter reads it
    taken_away_by: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id"))


class SignalLink(Base):
    """The standing of a report: exactly one row for each. Merging and splitting signals change it."""

    __tablename__ = "signal_link"
    __table_args__ = (
        CheckConstraint("(standing = 'linked') = (signal_id IS NOT NULL)", name="linked_to_one"),
        CheckConstraint("standing <> 'not_signal' OR reason <> ''", name="reason_where_none"),
        Index("ix_signal_link_due", "due_at", "report_id", postgresql_where="standing = 'waiting'"),
        Index("ix_signal_link_signal", "signal_id", "report_id"),
        Index("ix_signal_link_urgent", "urgency", "fold", postgresql_where="standing = 'waiting' AND urgency > 0"),
        Index("ix_signal_link_held", "held_until", postgresql_where="held_until IS NOT NULL"),
    )

    report_id: Mapped[BigInt] = mapped_column(ForeignKey("signal_report.id"), primary_key=True, autoincrement=False)
    standing: Mapped[ReportStanding] = mapped_column(default=ReportStanding.WAITING)
    signal_id: Mapped[BigInt | None] = mapped_column(ForeignKey("signal.id"))
    due_at: Mapped[datetime]  # to be assessed by then
    taken_by_id: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    linked_by_id: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    at: Mapped[datetime]  # since when it stands there
    assessed_at: Mapped[datetime | None]  # when it first was no longer waiting
    reason: Mapped[str]
    held_until: Mapped[datetime | None]  # until then nothing public counts it; none once it is in the ledger
    urgency: Mapped[int] = mapped_column(default=Urgency.USUAL, server_default="0")
    fold: Mapped[bytes] = mapped_column(default=b"", server_default="")  # equal for reports shown as one row
    incident: Mapped[str] = mapped_column(default="", server_default="")  # set if a person joined or separated it


class SignalApart(Base):
    """Two reports that an assessor found to be about different events. They are not suggested to each other."""

    __tablename__ = "signal_apart"
    __table_args__ = (CheckConstraint("first_id < second_id", name="in_order"),)

    first_id: Mapped[BigInt] = mapped_column(ForeignKey("signal_report.id"), primary_key=True, autoincrement=False)
    second_id: Mapped[BigInt] = mapped_column(
        ForeignKey("signal_report.id"), primary_key=True, autoincrement=False, index=True
    )
    by_id: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    at: Mapped[datetime]


class Signal(Base):
    """Something seen in one place. `revision` detects concurrent decisions."""

    __tablename__ = "signal"
    __table_args__ = (
        CheckConstraint("(state = 'merged') = (merged_into_id IS NOT NULL)", name="merged_into_one"),
        Index("ix_signal_public", "level", "opened_at", postgresql_where="state = 'open'"),
        Index("ix_signal_place", "country", "region"),
        Index("ix_signal_words", text("words_in_languages(title)"), postgresql_using="gin"),
    )

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]  # the finding: "Tablets sold as oxycodone; a nitazene suspected", of the newest edition
    substance_id: Mapped[BigInt | None] = mapped_column(ForeignKey("term.id"), index=True)
    country: Mapped[str]
    region: Mapped[str]
    place: Mapped[str]  # a town; public only where `place_shown`
    place_shown: Mapped[bool] = mapped_column(default=False, server_default="false")
    level: Mapped[SignalLevel] = mapped_column(default=SignalLevel.WATCH)
    level_at: Mapped[datetime]  # since when it has this level
    state: Mapped[SignalState] = mapped_column(default=SignalState.OPEN)
    confidence: Mapped[Confidence] = mapped_column(default=Confidence.TOLD)
    opened_at: Mapped[datetime]
    assessed_by_id: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    taken_by_id: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    taken_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]  # a warning is due by then; none once it is out, or where none is due
    reminded_at: Mapped[datetime | None]  # unused since December 2026
    merged_into_id: Mapped[BigInt | None] = mapped_column(ForeignKey("signal.id"), index=True)
    consultation_id: Mapped[BigInt | None] = mapped_column(
        ForeignKey("consultation.id", ondelete="SET NULL"), index=True
    )
    closed_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": revision}


class SignalAct(Base):
    """An act on a signal, with account and reason. A trigger refuses every change."""

    __tablename__ = "signal_act"
    __table_args__ = (Index("ix_signal_act_signal", "signal_id", "id"),)

    id: Mapped[Id]
    signal_id: Mapped[BigInt] = mapped_column(ForeignKey("signal.id"))
    deed: Mapped[SignalDeed]
    account_id: Mapped[BigInt | None]  # not a reference: the act outlasts the account
    at: Mapped[datetime]
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    reason: Mapped[str]


class SignalWarning(Base):
    """One edition of a warning, correction or retraction. Its text does not change after publication.

    `texts` maps languages to {"title", "sold_as", "signs", "do"}. Editions before December 2026 may have no title. Two
    people approve an edition. In an emergency one is enough, and another reviews it by `review_due_at`.
    """

    __tablename__ = "signal_warning"
    __table_args__ = (
        UniqueConstraint("signal_id", "edition"),
        CheckConstraint("second_id IS DISTINCT FROM author_id OR second_id IS NULL", name="two_people"),
        CheckConstraint(
            "published_at IS NULL OR second_id IS NOT NULL OR review_due_at IS NOT NULL", name="agreed_or_reviewed"
        ),
        Index("uq_signal_warning_draft", "signal_id", unique=True, postgresql_where="published_at IS NULL"),
        Index("ix_signal_warning_review", "review_due_at", postgresql_where="reviewed_at IS NULL"),
        Index("ix_signal_warning_words", text(TITLE_WORDS), postgresql_using="gin"),
    )

    id: Mapped[Id]
    signal_id: Mapped[BigInt] = mapped_column(ForeignKey("signal.id"))
    edition: Mapped[int]
    kind: Mapped[WarningKind]
    texts: Mapped[dict[str, Any]]
    language: Mapped[str]  # of the text that is shown where there is none in the reader's
    author_id: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    written_at: Mapped[datetime]
    second_id: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    published_at: Mapped[datetime | None]
    review_due_at: Mapped[datetime | None]
    reviewed_at: Mapped[datetime | None]
    until: Mapped[date | None]  # the last day for which it is meant
    office_id: Mapped[BigInt | None] = mapped_column(ForeignKey("signal_office.id"), index=True)  # none: the site


class Watcher(ConfirmedAddressColumns, Base):
    """A subscriber to warnings: an account, or a confirmed address. Empty lists mean all."""

    __tablename__ = "watcher"
    __table_args__ = (
        CheckConstraint("(account_id IS NULL) = (email_sealed IS NOT NULL)", name="account_or_address"),
        Index("ix_watcher_confirmed", "least", "id", postgresql_where="confirmed_at IS NOT NULL"),
    )

    account_id: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), unique=True)
    email_index: Mapped[bytes | None] = mapped_column(unique=True)
    countries: Mapped[list[Any]]  # ISO 3166-1 alpha-2
    regions: Mapped[list[Any]]  # ISO 3166-2
    substances: Mapped[list[Any]]  # ids of terms
    least: Mapped[SignalLevel] = mapped_column(default=SignalLevel.ALERT)
    organisation_id: Mapped[BigInt | None] = mapped_column(
        ForeignKey("organisation.id", ondelete="SET NULL"), index=True
    )


class SignalAlert(Base):
    """A record that a watcher got an e-mail about a signal. Later e-mails go to them in the same thread."""

    __tablename__ = "signal_alert"

    signal_id: Mapped[BigInt] = mapped_column(ForeignKey("signal.id"), primary_key=True, autoincrement=False)
    watcher_id: Mapped[BigInt] = mapped_column(
        ForeignKey("watcher.id", ondelete="CASCADE"), primary_key=True, autoincrement=False, index=True
    )
    message_id: Mapped[str]  # of the first letter
    at: Mapped[datetime]
