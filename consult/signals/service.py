"""Signals: open, link reports, set the level, publish a town, merge and close. Each act is recorded."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.bodies import service as bodies
from consult.bodies.model import PublicBody
from consult.core.clock import now
from consult.core.crypto import pseudonym
from consult.core.db import advisory_lock
from consult.core.errors import Conflict, Forbidden, NotFound, Refusal
from consult.core.i18n import _
from consult.core.text import clean_text, make_slug, one_line
from consult.digests.delivery import service as delivery
from consult.ledger.model import Kind
from consult.signals import acts, assessment
from consult.signals.model import (
    LEVEL_ORDER,
    ReportStanding,
    Signal,
    SignalAct,
    SignalDeed,
    SignalLevel,
    SignalLink,
    SignalReport,
    SignalState,
    SignalWarning,
)
from consult.signals.offices import service as offices
from consult.signals.on_call import service as on_call
from consult.signals.reports import delay
from consult.signals.watchers import letters
from consult.signals.watchers.letters import LetterAbout

MAX_TITLE_LENGTH = 140
_RESERVED = frozenset(
    {"report", "watch", "watcher", "books", "return", "seats", "reports", "figures", "many", "duties"}
)
"""Path segments of other pages below /signals and /review/signals."""


class SignalChangedMeanwhile(Conflict):
    """The signal or report was changed since the page was opened."""


def get(session: Session, slug: str) -> Signal:
    """Return the signal with this slug, in any state. Raises NotFound."""
    row = session.scalar(select(Signal).where(Signal.slug == slug))
    if row is None:
        raise NotFound(_("We cannot find a signal at this link."))
    return row


def get_report(session: Session, reference: str) -> SignalReport:
    """Return a report by its reference. Raises NotFound."""
    row = session.scalar(select(SignalReport).where(SignalReport.reference == reference))
    if row is None:
        raise NotFound(_("We cannot find a report with this reference."))
    return row


def open_signal(
    session: Session,
    report: SignalReport,
    *,
    by: Account,
    title: str,
    level: SignalLevel = SignalLevel.WATCH,
    reason: str,
    substance_id: int | None = None,
    at: datetime | None = None,
) -> Signal:
    """Open a signal from a waiting report and notify watchers of its level. Raises a Refusal, Conflict."""
    moment, said = at or now(), check_title(title)
    why = _check_reason(reason)
    link = _lock_waiting(session, report)
    row = _build(report, said, level, moment)
    row.slug, row.substance_id, row.assessed_by_id = _free_slug(session, said), substance_id, by.id
    session.add(row)
    session.flush()
    _settle(link, ReportStanding.LINKED, by, moment, signal=row)
    session.flush()
    told = {"level": str(level), "country": row.country, "region": row.region, "confidence": str(row.confidence)}
    act = acts.record(
        session, row, SignalDeed.OPENED, by=by, at=moment, before={"report": report.id}, after=told, reason=why
    )
    letters.announce(session, row, act, LetterAbout.LEVEL, at=moment)
    _call_if_emergency(session, row, moment)
    return row


def _build(report: SignalReport, title: str, level: SignalLevel, at: datetime) -> Signal:
    """Return a new open signal at the place of its first report."""
    return Signal(
        title=title,
        country=report.country,
        region=report.region,
        place=report.place,
        level=level,
        level_at=at,
        state=SignalState.OPEN,
        confidence=assessment.measure_confidence([report]),
        opened_at=at,
        due_at=assessment.warning_due(level, at),
    )


def link_report(
    session: Session, report: SignalReport, signal: Signal, *, by: Account, at: datetime | None = None
) -> None:
    """Link a waiting report to a signal, whose certainty may change. Raises a Refusal."""
    moment = at or now()
    row = _lock(session, signal)
    link = _lock_waiting(session, report)
    if report.country != row.country:
        raise Refusal(_("This report is from another country. Open a signal for it."))
    _settle(link, ReportStanding.LINKED, by, moment, signal=row)
    session.flush()
    acts.record(session, row, SignalDeed.LINKED, by=by, at=moment, before={"report": report.id})
    _measure(session, row, by, moment)


def split_report(
    session: Session, report: SignalReport, *, by: Account, reason: str, at: datetime | None = None
) -> None:
    """Remove a report from its signal. It waits again, to be assessed within a day. Raises a Refusal, Conflict."""
    moment, why = at or now(), _check_reason(reason)
    link = session.get_one(SignalLink, report.id, with_for_update=True, populate_existing=True)
    if link.standing is not ReportStanding.LINKED or link.signal_id is None:
        raise SignalChangedMeanwhile(_("This report no longer belongs to a signal."))
    signal = _lock(session, session.get_one(Signal, link.signal_id))
    link.standing, link.signal_id, link.taken_by_id = ReportStanding.WAITING, None, None
    link.at, link.due_at = moment, assessment.assess_due(moment)
    session.flush()
    acts.record(session, signal, SignalDeed.SPLIT, by=by, at=moment, before={"report": report.id}, reason=why)
    _measure(session, signal, by, moment)


def decline_report(
    session: Session, report: SignalReport, *, by: Account, reason: str, at: datetime | None = None
) -> None:
    """Close a report as not a signal. The reason is public, in the ledger. Raises a Refusal, Conflict."""
    offices.check_country(session, by, report.country)
    moment, why = at or now(), _check_reason(reason)
    link = _lock_waiting(session, report)
    _settle(link, ReportStanding.NOT_SIGNAL, by, moment, reason=why)
    session.flush()
    actor = pseudonym("account", by.id)
    delay.record(session, link, Kind.SIGNAL_DECLINED, actor=actor, reason=why, at=moment)


def take_report(session: Session, report: SignalReport, *, by: Account) -> None:
    """Assign a report to the account, which stops reminders to the assessors on call. Safe to repeat."""
    link = _lock_waiting(session, report)
    link.taken_by_id = by.id
    session.flush()


def take_signal(session: Session, signal: Signal, *, by: Account, at: datetime | None = None) -> None:
    """Assign a signal to the account, which stops reminders to the assessors on call. Safe to repeat."""
    row, moment = _lock(session, signal), at or now()
    if row.taken_by_id == by.id:
        return
    row.taken_by_id, row.taken_at = by.id, moment
    acts.record(session, row, SignalDeed.TAKEN, by=by, at=moment)


def set_level(
    session: Session,
    signal: Signal,
    level: SignalLevel,
    *,
    by: Account,
    reason: str,
    revision: int | None = None,
    at: datetime | None = None,
) -> SignalAct | None:
    """Set the level of a signal and notify watchers in the same transaction. Return None if it is unchanged.

    If the level rises, held e-mails of its consultation are sent too. Raises SignalChangedMeanwhile if `revision` is
    not the current one.
    """
    row, moment, why = _lock(session, signal, revision), at or now(), _check_reason(reason)
    was = SignalLevel(row.level)
    if was is level:
        return None
    rises = assessment.is_higher(level, was)
    row.level, row.level_at = level, moment
    row.assessed_by_id = by.id
    row.due_at = assessment.warning_due(level, moment) if rises else row.due_at
    if rises and level is SignalLevel.EMERGENCY:
        row.taken_by_id = row.taken_at = None
    if LEVEL_ORDER.index(level) < LEVEL_ORDER.index(SignalLevel.ALERT):
        row.place_shown, row.due_at = False, None
    session.flush()
    before, after = {"level": str(was)}, {"level": str(level)}
    act = acts.record(session, row, SignalDeed.LEVEL, by=by, at=moment, before=before, after=after, reason=why)
    letters.announce(session, row, act, LetterAbout.LEVEL if rises else LetterAbout.LOWERED, at=moment)
    if rises and row.consultation_id is not None:
        delivery.end_pause(session, row.consultation_id, at=moment)
    _call_if_emergency(session, row, moment)
    return act


def show_place(session: Session, signal: Signal, *, by: Account, reason: str, at: datetime | None = None) -> None:
    """Publish the town, with the reason why people there must know. Only at Alert or above. Raises a Refusal."""
    row, moment = _lock(session, signal), at or now()
    why = _check_reason(reason)
    if row.level is SignalLevel.WATCH:
        raise Refusal(_("A town can be shown only at level Alert or Emergency."))
    if not row.place:
        raise Refusal(_("No town is known for this signal."))
    row.place_shown = True
    acts.record(session, row, SignalDeed.PLACE_SHOWN, by=by, at=moment, after={"place": row.place}, reason=why)


def set_title(
    session: Session, signal: Signal, title: str, *, by: Account, reason: str, at: datetime | None = None
) -> None:
    """Change the title before a warning is published. Later, each edition has its own. Raises a Refusal, Conflict."""
    row, moment = _lock(session, signal), at or now()
    said, why = check_title(title), _check_reason(reason)
    out = select(SignalWarning.id).where(SignalWarning.signal_id == row.id, SignalWarning.published_at.is_not(None))
    if session.scalar(out.limit(1)) is not None:
        raise Refusal(_("A warning is published. Correct the warning to change the title."), field="title")
    before, row.title = row.title, said
    if before != said:
        acts.record(
            session,
            row,
            SignalDeed.TITLED,
            by=by,
            at=moment,
            before={"title": before},
            after={"title": said},
            reason=why,
        )


def merge(
    session: Session, signal: Signal, into: Signal, *, by: Account, reason: str, at: datetime | None = None
) -> None:
    """Move all reports of a signal to another and redirect its page there. Raises a Refusal, Conflict."""
    if signal.id == into.id:
        raise Refusal(_("A signal cannot be merged into itself."))
    first, second = sorted((signal, into), key=lambda row: row.id)
    for row in (first, second):  # In a fixed order, so that concurrent merges do not deadlock.
        _lock(session, row)
    moment, why = at or now(), _check_reason(reason)
    session.execute(update(SignalLink).where(SignalLink.signal_id == signal.id).values(signal_id=into.id, at=moment))
    signal.state, signal.merged_into_id, signal.due_at, signal.closed_at = SignalState.MERGED, into.id, None, moment
    session.flush()
    acts.record(session, signal, SignalDeed.MERGED, by=by, at=moment, after={"into": into.slug}, reason=why)
    acts.record(session, into, SignalDeed.MERGED, by=by, at=moment, after={"with": signal.slug}, reason=why)
    _measure(session, into, by, moment)


def close(session: Session, signal: Signal, *, by: Account, reason: str, at: datetime | None = None) -> None:
    """Close a signal of which nothing was seen recently, with a reason. Its page remains."""
    row, moment, why = _lock(session, signal), at or now(), _check_reason(reason)
    row.state, row.closed_at, row.due_at = SignalState.CLOSED, moment, None
    session.flush()
    acts.record(session, row, SignalDeed.CLOSED, by=by, at=moment, reason=why)


def note_consultation(
    session: Session, signal: Signal, consultation_id: int, *, by: Account, at: datetime | None = None
) -> None:
    """Record that a consultation on the response was opened from a signal. Raises Conflict if it has one."""
    row, moment = _lock(session, signal), at or now()
    if row.consultation_id is not None:
        raise Conflict(_("There is already a consultation on this signal."))
    row.consultation_id = consultation_id
    acts.record(session, row, SignalDeed.CONSULTED, by=by, at=moment, after={"consultation": consultation_id})


def answer(
    session: Session, signal: Signal, *, body: PublicBody, by: Account, words: str, at: datetime | None = None
) -> SignalAct:
    """Publish a body's answer on the page of a signal. Raises Forbidden, Refusal."""
    row, moment = _lock(session, signal), at or now()
    if bodies.find_by_name(session, body.name, by) is None:
        raise Forbidden(_("Only members of this body can answer on its behalf."))
    said = clean_text(words)
    if not said:
        raise Refusal(_("Write what the body will do, or why it will do nothing."), field="words")
    return acts.record(
        session, row, SignalDeed.ANSWERED, by=by, at=moment, after={"body": body.name}, reason=said[:2_000]
    )


def _lock(session: Session, signal: Signal, revision: int | None = None) -> Signal:
    row = session.get_one(Signal, signal.id, with_for_update=True, populate_existing=True)
    if revision is not None and row.revision != revision:
        raise SignalChangedMeanwhile(_("Someone else has just decided on this signal. Check the signal first."))
    if row.state is not SignalState.OPEN:
        raise SignalChangedMeanwhile(_("This signal is closed and cannot be changed."))
    return row


def _lock_waiting(session: Session, report: SignalReport) -> SignalLink:
    link = session.get_one(SignalLink, report.id, with_for_update=True, populate_existing=True)
    if link.standing is not ReportStanding.WAITING:
        raise SignalChangedMeanwhile(_("Someone else has just decided on this report, or it was withdrawn."))
    return link


def _settle(
    link: SignalLink,
    standing: ReportStanding,
    by: Account,
    at: datetime,
    *,
    signal: Signal | None = None,
    reason: str = "",
) -> None:
    link.standing, link.signal_id = standing, signal.id if signal else None
    link.linked_by_id, link.at, link.reason = by.id, at, reason
    link.assessed_at = link.assessed_at or at


def _measure(session: Session, signal: Signal, by: Account, at: datetime) -> None:
    """Update the certainty of a signal, and its town, which is set only if all reports name the same."""
    reports = assessment.list_reports(session, signal.id)
    sure = assessment.measure_confidence(reports)
    if sure != signal.confidence:
        before, signal.confidence = signal.confidence, sure
        session.flush()
        acts.record(
            session,
            signal,
            SignalDeed.VERIFIED,
            by=by,
            at=at,
            before={"confidence": str(before)},
            after={"confidence": str(sure)},
        )
    towns = {report.place for report in reports if report.place}
    if not signal.place_shown and len(towns) == 1:
        signal.place = towns.pop()


def _call_if_emergency(session: Session, signal: Signal, at: datetime) -> None:
    if signal.level is SignalLevel.EMERGENCY and signal.taken_by_id is None:
        on_call.ring(session, signal.country, at=at)


def check_title(title: str, *, field: str = "title") -> str:
    """Return a title on one line. Raises a Refusal."""
    said = one_line(title)
    if not said:
        raise Refusal(
            _("Write the finding in one line, for example “Tablets sold as oxycodone; a nitazene suspected”."),
            field=field,
        )
    if len(said) > MAX_TITLE_LENGTH:
        raise Refusal(_("Shorten this to %(most)s characters or fewer.", most=MAX_TITLE_LENGTH), field=field)
    return said


def _check_reason(reason: str) -> str:
    said = clean_text(reason)
    if not said:
        raise Refusal(_("Give a reason in one sentence. We keep it and show it publicly."), field="reason")
    return said[:1_000]


def _free_slug(session: Session, title: str) -> str:
    advisory_lock(session, "signals.slug")
    base = make_slug(title)[:60].strip("-") or "signal"
    taken = _RESERVED | set(session.scalars(select(Signal.slug).where(Signal.slug.startswith(base, autoescape=True))))
    slug, count = base, 1
    while slug in taken:
        count += 1
        slug = f"{base}-{count}"
    return slug
