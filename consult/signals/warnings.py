"""Warnings, corrections and retractions: advice in several languages, approved by two people.

In an emergency one person is enough, and another reviews the text within 24 hours. A published edition does not change:
a correction is a new edition, sent in the same thread to the subscribers who got the warning.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.crypto import commit_public
from consult.core.errors import Forbidden, Refusal
from consult.core.i18n import LANGUAGES, _
from consult.core.text import clean_text
from consult.decisions import ties
from consult.decisions.conflicts import ConflictKind, Stakeholder, StakePart
from consult.decisions.kinds import DecidedKind, check_uninvolved
from consult.signals import acts
from consult.signals.model import Signal, SignalDeed, SignalLevel, SignalState, SignalWarning, WarningKind
from consult.signals.offices import service as offices
from consult.signals.service import SignalChangedMeanwhile, check_title
from consult.signals.watchers import letters
from consult.signals.watchers.letters import LetterAbout

REVIEW_WITHIN = timedelta(hours=24)
PARTS = ("title", "sold_as", "signs", "do")
MAX_PART_LENGTH = 1_000
_DEEDS = {
    WarningKind.WARNING: (SignalDeed.WARNED, LetterAbout.WARNING),
    WarningKind.CORRECTION: (SignalDeed.CORRECTED, LetterAbout.CORRECTION),
    WarningKind.RETRACTION: (SignalDeed.RETRACTED, LetterAbout.RETRACTION),
}
Texts = Mapping[str, Mapping[str, str]]
"""By language: title, what it is sold as, signs, and what to do."""


def _load_authors(session: Session, warning_ids: Collection[int]) -> Mapping[int, Sequence[Stakeholder]]:
    written = select(SignalWarning.id, SignalWarning.author_id).where(SignalWarning.id.in_(warning_ids))
    authors = {row.id: row.author_id for row in session.execute(written) if row.author_id is not None}
    people = ties.load_people(session, set(authors.values()))
    return {number: [people[author].as_stakeholder(StakePart.AUTHOR)] for number, author in authors.items()}


# The site itself warns, so assessors of one organisation approve each other's texts. Two people must be two.
WARNINGS = DecidedKind("signal_warning", _load_authors, frozenset({ConflictKind.PERSON, ConflictKind.MAILBOX}))


def list_editions(session: Session, signal_id: int) -> Sequence[SignalWarning]:
    """Return the published editions, newest first."""
    rows = select(SignalWarning).where(SignalWarning.signal_id == signal_id, SignalWarning.published_at.is_not(None))
    return session.scalars(rows.order_by(SignalWarning.edition.desc())).all()


def get_draft(session: Session, signal_id: int) -> SignalWarning | None:
    """Return the unpublished draft, or None."""
    return session.scalar(
        select(SignalWarning).where(SignalWarning.signal_id == signal_id, SignalWarning.published_at.is_(None))
    )


def write(
    session: Session,
    signal: Signal,
    *,
    by: Account,
    kind: WarningKind,
    texts: Texts,
    language: str,
    until: date | None = None,
    at: datetime | None = None,
) -> SignalWarning:
    """Replace the draft; the last writer is its author. A missing title is that of the signal. Raises a Refusal."""
    moment, said = at or now(), _clean(texts)
    row = _lock_signal(session, signal)
    offices.check_country(session, by, row.country)
    out = list_editions(session, row.id)
    if kind is not WarningKind.WARNING and not out:
        raise Refusal(_("There is no published warning to correct."))
    if kind is WarningKind.RETRACTION:
        said = _explain(said, out[0])
    _complete(said, language, row.title)
    session.execute(
        delete(SignalWarning).where(SignalWarning.signal_id == row.id, SignalWarning.published_at.is_(None))
    )
    number = session.scalar(select(func.max(SignalWarning.edition)).where(SignalWarning.signal_id == row.id)) or 0
    draft = SignalWarning(
        signal_id=row.id,
        edition=number + 1,
        kind=kind,
        texts=said,
        language=language,
        author_id=by.id,
        written_at=moment,
        until=until,
    )
    session.add(draft)
    session.flush()
    return draft


def _complete(said: dict[str, dict[str, str]], language: str, title: str) -> None:
    """Set the title of the text in the first language, if missing. Raises a Refusal without a text."""
    if language not in said:
        raise Refusal(
            _("Write the text in its first language, %(name)s.", name=LANGUAGES[language]), field=f"do_{language}"
        )
    said[language] = {"title": title, **said[language]}


def _explain(said: dict[str, dict[str, str]], former: SignalWarning) -> dict[str, dict[str, str]]:
    """Return the text of a retraction, without parts of the warning it retracts.

    Raises a Refusal if it is unchanged.
    """
    for language, words in said.items():
        if words["do"] == former.texts.get(language, {}).get("do"):
            raise Refusal(
                _("This text is the same as in the warning. Say what was wrong and what to do now."),
                field=f"do_{language}",
            )
    return {language: {**words, "sold_as": "", "signs": ""} for language, words in said.items()}


def publish(
    session: Session, signal: Signal, *, by: Account, written_at: datetime, at: datetime | None = None
) -> SignalWarning:
    """Publish the draft. Its author cannot, except in an emergency, when another person reviews it afterwards.

    `written_at` is that of the draft that was read. E-mails are created in the same transaction. Raises Forbidden,
    InterestedDecider, Conflict.
    """
    moment, row = at or now(), _lock_signal(session, signal)
    draft = get_draft(session, row.id)
    if draft is None or draft.written_at != written_at:
        raise SignalChangedMeanwhile(_("The text changed after you read it. Read it again first."))
    alone = draft.author_id == by.id
    if alone and row.level is not SignalLevel.EMERGENCY:
        raise Forbidden(
            _("Another person must approve this text. Every text needs two people, except in an emergency.")
        )
    if not alone:
        check_uninvolved(session, WARNINGS, draft.id, by)
    people = {number for number in (draft.author_id, by.id) if number is not None}
    office = offices.choose_issuer(session, row.country, people, emergency=row.level is SignalLevel.EMERGENCY)
    draft.published_at, draft.office_id = moment, office.id if office else None
    before, row.title = row.title, draft.texts[draft.language].get("title") or row.title
    draft.second_id = None if alone else by.id
    draft.review_due_at = moment + REVIEW_WITHIN if alone else None
    row.due_at = None
    if draft.kind is WarningKind.RETRACTION:
        row.state, row.closed_at = SignalState.RETRACTED, moment
    session.flush()
    deed, about = _DEEDS[WarningKind(draft.kind)]
    told: dict[str, object] = {"edition": draft.edition, "languages": sorted(draft.texts), "people": 1 if alone else 2}
    changed = {"title": before} if before != row.title else {}
    told |= {"title": row.title} if changed else {}
    act = acts.record(
        session, row, deed, by=by, at=moment, before=changed, after=told, commitment=compute_commitment(draft)
    )
    letters.announce(session, row, act, about, warning=draft, at=moment)
    return draft


def compute_commitment(row: SignalWarning) -> bytes:
    """Return the ledger's commitment to an edition. The text is public and permanent, so it needs no salt."""
    until = row.until.isoformat() if row.until else None
    said: dict[str, object] = {"kind": str(row.kind), "texts": row.texts, "language": row.language, "until": until}
    if row.office_id is not None:
        said["office"] = row.office_id
    return commit_public(said)


def review(
    session: Session, signal: Signal, edition: int, *, by: Account, reason: str, at: datetime | None = None
) -> None:
    """Record that a second person has reviewed a text published by one person. Raises InterestedDecider, Refusal."""
    moment, why = at or now(), clean_text(reason)
    row = session.scalar(
        select(SignalWarning)
        .where(SignalWarning.signal_id == signal.id, SignalWarning.edition == edition)
        .with_for_update()
    )
    if row is None or row.review_due_at is None or row.reviewed_at is not None:
        raise SignalChangedMeanwhile(_("There is nothing left to review."))
    check_uninvolved(session, WARNINGS, row.id, by)
    if not why:
        raise Refusal(_("Give a reason in one sentence. We keep it and show it publicly."), field="reason")
    row.reviewed_at, row.second_id = moment, by.id
    session.flush()
    acts.record(session, signal, SignalDeed.REVIEWED, by=by, at=moment, after={"edition": edition}, reason=why)


def _lock_signal(session: Session, signal: Signal) -> Signal:
    row = session.get_one(Signal, signal.id, with_for_update=True, populate_existing=True)
    if row.state not in (SignalState.OPEN, SignalState.CLOSED):
        raise SignalChangedMeanwhile(_("This signal was retracted or merged, so it cannot be changed."))
    return row


def _clean(texts: Texts) -> dict[str, dict[str, str]]:
    """Return the texts of languages that are filled in. Each must say what to do. Raises a Refusal."""
    found = {}
    for language, parts in texts.items():
        said = {name: clean_text(parts.get(name, "")) for name in PARTS}
        title = said.pop("title")
        if not any(said.values()):
            continue
        if language not in LANGUAGES:
            raise Refusal(_("Choose a language from the list."))
        if not said["do"]:
            raise Refusal(
                _("Write what people should do, also in %(name)s.", name=LANGUAGES[language]), field=f"do_{language}"
            )
        if any(len(words) > MAX_PART_LENGTH for words in said.values()):
            raise Refusal(_("Shorten each part to 1,000 characters or fewer."), field=f"do_{language}")
        found[language] = {"title": check_title(title, field=f"title_{language}"), **said} if title else said
    return found
