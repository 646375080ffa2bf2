"""Warnings: what people are told to do, in several languages, agreed by two people; corrections; retractions.

In an emergency one person is enough, and another reviews the words within 24 hours. What is out is never changed: a
correction is a further edition, and it goes to everybody who was told, in the same thread.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.crypto import commit_public
from consult.core.errors import Forbidden, Refusal
from consult.core.i18n import LANGUAGES, _
from consult.core.text import clean_text
from consult.signals import acts
from consult.signals.model import Signal, SignalDeed, SignalLevel, SignalState, SignalWarning, WarningKind
from consult.signals.service import SignalChangedMeanwhile
from consult.signals.watchers import letters
from consult.signals.watchers.letters import LetterAbout

REVIEW_WITHIN = timedelta(hours=24)
PARTS = ("sold_as", "signs", "do")
MAX_PART_LENGTH = 1_000
_DEEDS = {
    WarningKind.WARNING: (SignalDeed.WARNED, LetterAbout.WARNING),
    WarningKind.CORRECTION: (SignalDeed.CORRECTED, LetterAbout.CORRECTION),
    WarningKind.RETRACTION: (SignalDeed.RETRACTED, LetterAbout.RETRACTION),
}
Texts = Mapping[str, Mapping[str, str]]
"""By language: what it is sold as, the signs, what to do."""


def list_editions(session: Session, signal_id: int) -> Sequence[SignalWarning]:
    """Those that are out, the newest first."""
    rows = select(SignalWarning).where(SignalWarning.signal_id == signal_id, SignalWarning.published_at.is_not(None))
    return session.scalars(rows.order_by(SignalWarning.edition.desc())).all()


def get_draft(session: Session, signal_id: int) -> SignalWarning | None:
    """What is written and not out yet."""
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
    """Puts a draft in place of the one before; who wrote it last is its author. Raises a Refusal."""
    moment, said = at or now(), _clean(texts)
    row = _lock_signal(session, signal)
    out = list_editions(session, row.id)
    if kind is not WarningKind.WARNING and not out:
        raise Refusal(_("There is no warning out that could be corrected."))
    if kind is WarningKind.RETRACTION:
        said = _explain(said, out[0])
    if language not in said:
        raise Refusal(
            _("Write the text in its first language, %(name)s.", name=LANGUAGES[language]), field=f"do_{language}"
        )
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


def _explain(said: dict[str, dict[str, str]], former: SignalWarning) -> dict[str, dict[str, str]]:
    """What a retraction says: why it was wrong, and nothing of what it retracts. Raises a Refusal."""
    for language, words in said.items():
        if words["do"] == former.texts.get(language, {}).get("do"):
            raise Refusal(
                _("These are still the words of the warning. Say why it was wrong, and what to do now."),
                field=f"do_{language}",
            )
    return {language: {"sold_as": "", "signs": "", "do": words["do"]} for language, words in said.items()}


def publish(
    session: Session, signal: Signal, *, by: Account, written_at: datetime, at: datetime | None = None
) -> SignalWarning:
    """Publishes the draft: by another than who wrote it; in an emergency by one, and another reviews it.

    `written_at` is that of the draft that was read. Letters go in the same transaction. Raises Forbidden, Conflict.
    """
    moment, row = at or now(), _lock_signal(session, signal)
    draft = get_draft(session, row.id)
    if draft is None or draft.written_at != written_at:
        raise SignalChangedMeanwhile(_("The text was changed since you read it. Read it again first."))
    alone = draft.author_id == by.id
    if alone and row.level is not SignalLevel.EMERGENCY:
        raise Forbidden(_("Another person has to agree to this text: two people do, except in an emergency."))
    draft.published_at = moment
    draft.second_id = None if alone else by.id
    draft.review_due_at = moment + REVIEW_WITHIN if alone else None
    row.due_at = None
    if draft.kind is WarningKind.RETRACTION:
        row.state, row.closed_at = SignalState.RETRACTED, moment
    session.flush()
    deed, about = _DEEDS[WarningKind(draft.kind)]
    told = {"edition": draft.edition, "languages": sorted(draft.texts), "people": 1 if alone else 2}
    act = acts.record(session, row, deed, by=by, at=moment, after=told, commitment=compute_commitment(draft))
    letters.announce(session, row, act, about, warning=draft, at=moment)
    return draft


def compute_commitment(row: SignalWarning) -> bytes:
    """The ledger's commitment to an edition of a warning. Its words are public and stay, so it needs no salt."""
    until = row.until.isoformat() if row.until else None
    said = {"kind": str(row.kind), "texts": row.texts, "language": row.language, "until": until}
    return commit_public(said)


def review(
    session: Session, signal: Signal, edition: int, *, by: Account, reason: str, at: datetime | None = None
) -> None:
    """A second person has read what one published in an emergency. Raises Forbidden, Refusal."""
    moment, why = at or now(), clean_text(reason)
    row = session.scalar(
        select(SignalWarning)
        .where(SignalWarning.signal_id == signal.id, SignalWarning.edition == edition)
        .with_for_update()
    )
    if row is None or row.review_due_at is None or row.reviewed_at is not None:
        raise SignalChangedMeanwhile(_("There is nothing to review any more."))
    if row.author_id == by.id:
        raise Forbidden(_("Another person than who wrote it reviews it."))
    if not why:
        raise Refusal(_("Say why, in a sentence: it is kept, and it is public."), field="reason")
    row.reviewed_at, row.second_id = moment, by.id
    session.flush()
    acts.record(session, signal, SignalDeed.REVIEWED, by=by, at=moment, after={"edition": edition}, reason=why)


def _lock_signal(session: Session, signal: Signal) -> Signal:
    row = session.get_one(Signal, signal.id, with_for_update=True, populate_existing=True)
    if row.state not in (SignalState.OPEN, SignalState.CLOSED):
        raise SignalChangedMeanwhile(_("This signal was retracted or merged. Nothing of it can be changed."))
    return row


def _clean(texts: Texts) -> dict[str, dict[str, str]]:
    """The languages in which something is said; each says what to do. Raises a Refusal."""
    found = {}
    for language, parts in texts.items():
        said = {name: clean_text(parts.get(name, "")) for name in PARTS}
        if not any(said.values()):
            continue
        if language not in LANGUAGES:
            raise Refusal(_("Choose a language from the list."))
        if not said["do"]:
            raise Refusal(_("Write what to do, in %(name)s too.", name=LANGUAGES[language]), field=f"do_{language}")
        if any(len(words) > MAX_PART_LENGTH for words in said.values()):
            raise Refusal(_("Shorten each part to 1,000 characters or fewer."), field=f"do_{language}")
        found[language] = said
    return found
