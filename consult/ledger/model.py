"""Tables of the ledger: entries, follower positions, heads and seals."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id


class Kind(StrEnum):
    """Kinds of events. `submission.*` entries move a submission between the terms of the submission count."""

    RECEIVED = "submission.received"
    AMENDED = "submission.amended"
    REPLIED = "submission.replied"  # sent in again as it was, with an answer to the moderator who returned it
    PUBLISHED = "submission.published"
    RETURNED = "submission.returned"
    WITHHELD = "submission.withheld"
    WITHDRAWN = "submission.withdrawn"
    ERASED = "submission.erased"
    COVERED = "submission.covered"  # other words of something published are hidden than before; it moves nothing
    APPEAL_FILED = "appeal.filed"
    APPEAL_REJECTED = "appeal.upheld"  # stored so since the first entries; get_public_name() has the name to show
    APPEAL_ACCEPTED = "appeal.overturned"
    APPEAL_LAPSED = "appeal.lapsed"
    REPORT_FILED = "report.filed"
    REPORT_ANSWERED = "report.answered"
    MANDATE_ATTACHED = "mandate.attached"  # it moves nothing
    MANDATE_PUBLISHED = "mandate.published"  # a moderator has read it, and it is shown with its submission
    MANDATE_KEPT = "mandate.kept"  # a moderator has read it, and it stays for moderators
    POLICY_CHANGED = "policy.changed"
    ROLE_CHANGED = "account.role_changed"  # of somebody who works here; for the operator
    INVITED = "account.invited"  # to a role; also for the operator
    INVITATION_ENDED = "account.invitation_ended"  # taken back
    ACCOUNT_SUSPENDED = "account.suspended"  # these, too, are for the operator
    ACCOUNT_RESTORED = "account.restored"
    FACTOR_RESET = "account.factor_reset"  # somebody's second step was taken away
    PROVIDER_ADDED = "sign_on.added"
    PROVIDER_CHANGED = "sign_on.changed"
    PROVIDER_REMOVED = "sign_on.removed"
    TRANSLATED = "comment.translated"
    DRAFT_PUBLISHED = "draft.published"
    COMMENTS_PLACED = "draft.comments_placed"
    CONSULTATION_PUBLISHED = "consultation.published"
    CONSULTATION_CHANGED = "consultation.changed"
    CONSULTATION_EXTENDED = "consultation.extended"
    CONSULTATION_OPENED = "consultation.opened"
    CONSULTATION_CLOSED = "consultation.closed"
    CONSULTATION_REOPENED = "consultation.reopened"  # a wrong clock had said that it closed
    CONSULTATION_OPENING_UNDONE = "consultation.opening_undone"  # a wrong clock had said that it opened
    CONSULTATION_AGREED = "consultation.agreed"  # by another body that asks
    CONSULTATION_HANDED_OVER = "consultation.handed_over"  # somebody else is in charge
    BODY_MADE = "body.made"
    BODY_CHANGED = "body.changed"
    BODY_MEMBER_ADDED = "body.member_added"  # as what, not who
    BODY_MEMBER_REMOVED = "body.member_removed"
    BODY_MERGED = "body.merged"  # into another; what it asked and promised is the other's since
    SITE_CHANGED = "site.changed"  # what the operator says, or how the site looks
    SITE_STARTED = "site.started"  # the operator declared that it has said what the law asks for
    STATEMENTS_SEALED = "statement.sealed"  # public rows of the same transaction, by their seals
    RETENTION_ENDED = "retention.ended"  # what was kept for so long is deleted
    DIGEST_COMPILED = "digest.compiled"
    DIGEST_CORRECTED = "digest.corrected"  # a wrong clock had compiled it before its time
    CLOCK_REPAIRED = "clock.repaired"  # the time was confirmed, and what a wrong clock did was undone; for the operator
    ARGUMENTS_CHANGED = "arguments.changed"
    RESPONSE_GIVEN = "response.given"
    RESPONSE_AMENDED = "response.amended"
    CALL_OPENED = "call.opened"  # an organisation asks people to comment
    CALL_CHANGED = "call.changed"  # its words, places, last moment or letter, while it is open
    CALL_CLOSED = "call.closed"
    ANSWER_HANDED_ON = "answer.handed_on"  # another body of a joint consultation is to answer
    ANSWER_BESIDE = "answer.beside"  # another body of a joint consultation has said its own, below the answer
    CASE_STUDY_PUBLISHED = "case_study.published"
    CASE_STUDY_AMENDED = "case_study.amended"
    CASE_STUDY_APPRAISED = "case_study.appraised"
    CASE_STUDY_ANSWERED = "case_study.answered"  # its author has said something beside the appraisals
    CASE_STUDY_USED = "case_study.used"  # elsewhere
    CASE_STUDY_WITHDRAWN = "case_study.withdrawn"
    CASE_STUDY_APPEALED = "case_study.appealed"  # its author asks another moderator to look at the withdrawal
    CASE_STUDY_APPEAL_REJECTED = "case_study.upheld"  # it stays withdrawn
    CASE_STUDY_RESTORED = "case_study.restored"  # an appeal against its withdrawal was accepted
    CASE_STUDY_NOTICE_FILED = "case_study.notice_filed"  # a reader says that something in it should not be public
    CASE_STUDY_NOTICE_CLOSED = "case_study.notice_closed"
    CASE_STUDY_USE_WITHHELD = "case_study.use_withheld"  # a report of use that was public
    CASE_STUDY_USE_APPEALED = "case_study.use_appealed"
    CASE_STUDY_USE_APPEAL_REJECTED = "case_study.use_upheld"
    CASE_STUDY_USE_RESTORED = "case_study.use_restored"
    PLAN_PUBLISHED = "plan.published"
    ACTION_PROMISED = "action.promised"  # by an answer
    ACTION_CHANGED = "action.changed"  # its words, who does it, or its day
    ACTION_REPORTED = "action.reported"  # by its government, or by an organisation once a moderator has read it
    ACTION_REPORT_WITHHELD = "action.report_withheld"  # one of an organisation that was public
    ACTION_REPORT_APPEALED = "action.report_appealed"
    ACTION_REPORT_APPEAL_REJECTED = "action.report_upheld"  # it stays withheld
    ACTION_REPORT_RESTORED = "action.report_restored"  # published, as its author's appeal was accepted
    ACTION_NOTICE_FILED = "action.notice_filed"  # a reader says that something in a report should not be public
    ACTION_NOTICE_CLOSED = "action.notice_closed"
    ACTION_DONE = "action.done"  # says the government, for the first time
    ACTION_DROPPED = "action.dropped"
    ACTION_OVERDUE = "action.overdue"  # its day has passed, and nobody has said that it is done
    INDICATOR_IMPORTED = "indicator.imported"
    PROMISE_MISSED = "promise.missed"  # the day has passed without an answer
    PROMISE_EXPLAINED = "promise.explained"  # its body said in a line why the answer came late
    SIGNAL_REPORTED = "signal.reported"  # its subject is the report; of the others, the signal
    SIGNAL_OPENED = "signal.opened"
    SIGNAL_LEVEL_CHANGED = "signal.level_changed"
    SIGNAL_LINKED = "signal.linked"
    SIGNAL_MERGED = "signal.merged"
    SIGNAL_SPLIT = "signal.split"
    SIGNAL_DECLINED = "signal.declined"  # a report is no signal, and why
    SIGNAL_REPORT_WITHDRAWN = "signal.report_withdrawn"
    SIGNAL_REPORT_ERASED = "signal.report_erased"
    SIGNAL_WARNED = "signal.warned"
    SIGNAL_REVIEWED = "signal.reviewed"  # what one person published in an emergency, by another
    SIGNAL_CORRECTED = "signal.corrected"
    SIGNAL_RETRACTED = "signal.retracted"
    SIGNAL_PLACE_SHOWN = "signal.place_shown"  # a town, and why people there must know
    SIGNAL_TITLED = "signal.titled"  # the title, before a warning is out
    SIGNAL_CLOSED = "signal.closed"
    COUNTRY_FACT_KEPT = "country.fact_kept"  # its subject is the first fact; a table of a treaty has many
    COUNTRY_FACT_REPLACED = "country.fact_replaced"
    RECOMMENDATION_KEPT = "recommendation.kept"  # its subject is the set
    RECOMMENDATION_GIVEN = "recommendation.given"
    RECOMMENDATION_DECLINED = "recommendation.declined"
    LINK_MADE = "link.made"
    LINK_REMOVED = "link.removed"
    TERMS_CONFIRMED = "terms.confirmed"
    SIGNAL_OFFICE_CHANGED = "signal.office_changed"  # opened or closed; its subject is the office
    SAMPLES_KEPT = "samples.kept"  # its subject is the batch
    SAMPLES_RETRACTED = "samples.retracted"
    INBOUND_OPENED = "inbound.opened"  # an administrator read a message that is in quarantine
    SUBSTANCE_CHANGED = "substance.changed"  # a record, or a name that a person matched; its subject is the term


LOGGED_KINDS = tuple(
    kind for kind in Kind if kind.startswith(("submission.", "appeal.", "report.")) and kind is not Kind.RECEIVED
)
"""Kinds that appear in the public decision log."""
_LOGGED = f"kind IN ({', '.join(repr(str(kind)) for kind in LOGGED_KINDS)})"


class LedgerEntry(Base):
    """One fact, written in the transaction that made it true.

    `number` follows the order of commits: `service.number_entries` sets it after the commit, so an entry of a slow
    transaction never appears behind a reader's position. A trigger in the database refuses every other update and every
    deletion.
    """

    __tablename__ = "ledger"
    __table_args__ = (
        Index("ix_ledger_consultation_number", "consultation_id", "number"),
        Index("ix_ledger_unnumbered", "id", postgresql_where="number IS NULL"),
        Index("ix_ledger_subject", "subject_id", "kind"),
        Index("ix_ledger_logged", "number", postgresql_where=_LOGGED),
        Index("ix_ledger_signal_reported", "subject_id", postgresql_where=f"kind = '{Kind.SIGNAL_REPORTED}'"),
        Index("ix_ledger_logged_kind", "kind", "number", postgresql_where=_LOGGED),
    )

    id: Mapped[Id]
    number: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    at: Mapped[datetime]
    kind: Mapped[str]
    consultation_id: Mapped[BigInt | None]
    subject_id: Mapped[BigInt]
    actor: Mapped[str | None]
    commitment: Mapped[bytes | None]
    reason: Mapped[str | None]
    detail: Mapped[dict[str, Any]]


class FollowerPosition(Base):
    """The position of a follower. It has handled every entry below `upto` of one consultation, or of all (id 0)."""

    __tablename__ = "follower"

    name: Mapped[str] = mapped_column(primary_key=True)
    consultation_id: Mapped[BigInt] = mapped_column(primary_key=True, autoincrement=False)
    upto: Mapped[BigInt]


class LedgerHead(Base):
    """The hash of all entries up to `number`, computed from the previous head and the entries since (`chain.py`)."""

    __tablename__ = "ledger_head"

    number: Mapped[BigInt] = mapped_column(primary_key=True, autoincrement=False)
    sha256: Mapped[bytes]
    at: Mapped[datetime]


class StatementSeal(Base):
    """A seal of a public row, and the entries in which it began and ended (`seals.py`).

    A sealed row has one open seal. `salt` is deleted when the seal ends.
    """

    __tablename__ = "statement_seal"
    __table_args__ = (
        CheckConstraint("(salt IS NULL) = (ended_id IS NOT NULL)", name="salt_until_it_ends"),
        Index("uq_statement_seal_row", "statement", "row", unique=True, postgresql_where="ended_id IS NULL"),
    )

    id: Mapped[Id]
    statement: Mapped[str]
    row: Mapped[str]
    seal: Mapped[bytes] = mapped_column(unique=True)
    salt: Mapped[bytes | None]
    entry_id: Mapped[BigInt]
    ended_id: Mapped[BigInt | None]


class StatementChange(Base):
    """A changed row of a declared table that is not sealed yet. Written by triggers.

    `tx` is the transaction. Null means that the row existed before seals did and waits for its first one. `former` has
    the sealed columns as they were before a change or deletion.
    """

    __tablename__ = "statement_change"
    __table_args__ = (
        Index("ix_statement_change_tx", "tx"),
        Index("ix_statement_change_waiting", "statement", "row", postgresql_where="tx IS NULL"),
    )

    id: Mapped[Id]
    tx: Mapped[BigInt | None]
    statement: Mapped[str]
    row: Mapped[str]
    former: Mapped[Mapping[str, Any] | None] = mapped_column(JSONB)
