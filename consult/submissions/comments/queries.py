"""Queries on published comments and submissions, paged by keyset, with a fixed number of statements each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from consult.accounts.model import Organisation
from consult.consultations.model import Consultation, Question
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.paging import Page, decode_id_cursor, make_page
from consult.documents import queries as documents
from consult.documents.model import Provision, Version
from consult.ledger.kinds import WORDING_KINDS
from consult.ledger.model import LedgerEntry
from consult.ledger.service import PRACTICE_PREFIX
from consult.submissions.anchors.original import (
    OriginalAnchor,
    OriginalAnchors,
    quote_comment,
    to_original_anchor,
)
from consult.submissions.anchors.provisions import ProvisionNode, ProvisionRow, ProvisionTree, build_provision_tree
from consult.submissions.anchors.selectors import Anchor
from consult.submissions.comments import statements as comments_statements
from consult.submissions.comments.published import PublishedComment, PublishedSubmission, to_published_comment
from consult.submissions.comments.translations import PublishedTranslation, group_by_comment
from consult.submissions.model import Comment, Stance, State, Submission
from consult.submissions.queries import why_not_shown
from consult.submissions.values import reference_spellings

PAGE = 20
SUBMISSIONS = 12
"""Number of submissions on a page, each with its first comments."""
LocatedComment = tuple[ProvisionNode | None, Question | None, Comment, str]
"""A comment on a place, to a question or (neither) on the whole draft, and its original words."""
_LAST = 2**31 - 1
_trees: dict[int, ProvisionTree] = {}
_MOST_VERSIONS = 64


def get_consultation(session: Session, slug: str) -> Consultation:
    """Return the published consultation with this slug. Raises NotFound."""
    row = session.scalar(comments_statements.select_consultation(), {"slug": slug})
    if row is None or row.version_id is None:
        raise NotFound(_("We cannot find this consultation. Check the link."))
    return row


def get_provision_tree(session: Session, version_id: int) -> ProvisionTree:
    """Return the provisions of a version. Those of published versions are cached, because they do not change."""
    if (known := _trees.get(version_id)) is not None:
        return known
    found = session.execute(
        select(
            Provision.id,
            Provision.eid,
            Provision.parent_id,
            Provision.chapter,
            Provision.kind,
            Provision.number,
            Provision.heading,
            Provision.text,
            Provision.depth,
            Provision.notes,
            Provision.wid,
            Version.number.label("of"),
            Version.published_at,
        )
        .join(Version, Version.id == Provision.version_id)
        .where(Provision.version_id == version_id)
        .order_by(Provision.position)
    ).all()
    rows: list[Any] = [tuple(row)[:-2] for row in found]
    made = build_provision_tree((ProvisionRow(*row) for row in rows), found[0].of if found else 0)
    if found and found[0].published_at is not None:
        if len(_trees) >= _MOST_VERSIONS:
            _trees.clear()
        _trees[version_id] = made
    return made


def list_questions(session: Session, consultation_id: int) -> Sequence[Question]:
    return session.scalars(comments_statements.select_questions(), {"of": consultation_id}).all()


def get_stamped_consultation(session: Session, slug: str, *, at: datetime) -> tuple[Consultation | None, str]:
    """Return the consultation with this slug, and a value that changes with its pages, for ETags.

    It changes with a ledger entry, a changed setting, or a date that affects the consultation.
    """
    found = session.execute(comments_statements.select_stamp(), {"slug": slug}).first()
    if found is None:
        return None, ""
    row: Consultation = found[0]
    left = (row.closes_at - at) // timedelta(days=1) if row.closes_at > at else (row.takes(at), row.is_late(at))
    return row, f"{row.id} {row.revision} {found[1]} {found[2]} {found[3]} {row.opens_at <= at} {left}"


def list_on_provision(
    session: Session, provision_id: int, *, stance: str = "", after: str | None = None
) -> Page[PublishedComment]:
    """Return published comments on a provision, newest first."""
    return _list_published(session, "provision_id", provision_id, stance=stance, after=after)


def list_in_consultation(
    session: Session,
    consultation_id: int,
    *,
    question_id: int | None = None,
    whole: bool = False,
    stance: str = "",
    after: str | None = None,
) -> Page[PublishedComment]:
    """Return published comments of a consultation, newest first: all, on the whole draft, or to a question."""
    if question_id is not None:
        return _list_published(session, "question_id", question_id, stance=stance, after=after)
    # An answer to a question is of no kind, and is not a comment whose kind was not said.
    only = "whole" if whole else "said" if stance == "unsaid" else ""
    return _list_published(session, "consultation_id", consultation_id, only=only, stance=stance, after=after)


def list_on_provisions(
    session: Session, provision_ids: Collection[int], *, stance: str = "", after: str | None = None
) -> Page[PublishedComment]:
    """Return published comments on any of these provisions, newest first. One index lookup for each, one statement."""
    wanted = comments_statements.provision_ids_table()
    latest = select(Comment.id).where(Comment.provision_id == wanted.c.id, Comment.shown)
    if stance:
        kind = Stance(stance) if stance in set(Stance) else None
        latest = latest.where(comments_statements.is_of_kind(kind))
    if (last := decode_id_cursor(after)) is not None:
        latest = latest.where(Comment.id < last)
    ordered = latest.order_by(Comment.provision_id.desc(), Comment.id.desc()).limit(PAGE + 1).lateral("latest")
    newest = select(ordered.c.id).select_from(wanted).join(ordered, true())
    query = (
        comments_statements.select_published().where(Comment.id.in_(newest)).order_by(Comment.id.desc()).limit(PAGE + 1)
    )
    rows = session.execute(query, {"on": sorted(provision_ids)})
    return make_page([to_published_comment(row) for row in rows], PAGE, lambda voice: [voice.id])


def list_on_draft(
    session: Session, consultation_id: int, *, after: str | None = None, size: int = 100
) -> Page[PublishedComment]:
    """Return published comments on provisions of a draft, newest first."""
    return _list_published(session, "consultation_id", consultation_id, only="placed", after=after, size=size)


def get_published_comment(session: Session, consultation_id: int, comment_id: int) -> PublishedComment:
    """Return a published comment on a provision. Raises NotFound."""
    wanted = (Comment.id == comment_id, Comment.consultation_id == consultation_id, Comment.provision_id.is_not(None))
    row = session.execute(comments_statements.select_published().where(Comment.shown, *wanted)).first()
    if row is None:
        raise NotFound(_("We cannot find a published comment with this link."))
    return to_published_comment(row)


def get_published_comments(session: Session, comment_ids: Sequence[int]) -> dict[int, PublishedComment]:
    """Return published comments by id."""
    rows = session.execute(comments_statements.select_by_ids(), {"of": list(comment_ids)})
    return {row.id: to_published_comment(row) for row in rows}


def get_provisions(session: Session, version_id: int, provision_ids: Collection[int]) -> dict[int, ProvisionNode]:
    """Return provisions by id: of a version, or of others if comments remained there or were moved to them."""
    here = get_provision_tree(session, version_id)
    provisions = {wanted: here.by_id[wanted] for wanted in provision_ids if wanted in here.by_id}
    elsewhere = set(provision_ids) - provisions.keys()
    known = list(_trees.values())
    if elsewhere and (unknown := elsewhere.difference(*(other.by_id for other in known))):
        others = select(Provision.version_id).where(Provision.id.in_(unknown)).distinct()
        known += [get_provision_tree(session, other) for other in session.scalars(others).all()]
    return provisions | {wanted: other.former(wanted) for other in known for wanted in elsewhere & other.by_id.keys()}


def original_anchors(voices: Iterable[PublishedComment]) -> OriginalAnchors:
    return {voice.id: voice.original for voice in voices if voice.original}


def get_reworded_provisions(session: Session, version_id: int, carried: OriginalAnchors) -> dict[int, ProvisionNode]:
    """Return the original provisions of comments, by id, if reworded since."""
    wanted = {number for one in carried.values() for number in (one.was, one.now)}
    found = get_provisions(session, version_id, wanted) if carried else {}
    pairs = {number: (found.get(one.was), found.get(one.now)) for number, one in carried.items()}
    return {number: was for number, (was, now) in pairs.items() if was and now and was.words != now.words}


def get_former_provisions(
    session: Session, row: Consultation, provision_ids: Collection[int]
) -> dict[int, ProvisionNode]:
    """Return those of these ids that are provisions of earlier published versions of the draft."""
    there = (
        select(Provision.id)
        .join(Version, Version.id == Provision.version_id)
        .where(
            Provision.id.in_(provision_ids),
            Version.document_id == row.document_id,
            Version.published_at.is_not(None),
            Version.id != row.version_id,
        )
    )
    return get_provisions(session, row.version_id or 0, session.scalars(there).all()) if provision_ids else {}


def find_provision(session: Session, row: Consultation, key: str, version: int | None = None) -> ProvisionNode:
    """Return the provision with this key in a version, by default the newest that has it. Raises NotFound."""
    here = get_provision_tree(session, row.version_id or 0)
    if version in (None, here.number) and (found := here.find(key)) is not None:
        return found
    for other in reversed(documents.list_published_versions(session, row.document_id)):
        if other.number == version or (version is None and other.id != row.version_id):
            former = get_provision_tree(session, other.id)
            if (found := former.find(key)) is not None:
                return former.former(found.id)
    raise NotFound(_("This draft has no paragraph with that number."))


def newest_anchors(session: Session, provision_ids: Sequence[int], *, each: int = 3) -> dict[int, list[Anchor]]:
    """Return the newest published anchors in each provision. One index lookup for each, one statement."""
    if not provision_ids:
        return {}
    anchors: dict[int, list[Anchor]] = {}
    for row in session.execute(comments_statements.select_newest_anchors(each), {"on": list(provision_ids)}):
        anchors.setdefault(row.id, []).append(Anchor(**row.anchor))
    return anchors


def list_published_submissions(
    session: Session, consultation_id: int, *, after: str | None = None, each: int = 2
) -> Page[PublishedSubmission]:
    """Return published submissions, newest first, with up to `each` comments and one more if there are more."""
    query = (
        select(Submission, Organisation.kind)
        .outerjoin(Organisation, Organisation.id == Submission.organisation_id)
        .where(Submission.consultation_id == consultation_id, Submission.state == State.PUBLISHED)
        .order_by(Submission.id.desc())
        .limit(SUBMISSIONS + 1)
    )
    if (last := decode_id_cursor(after)) is not None:
        query = query.where(Submission.id < last)
    rows = session.execute(query).all()
    found = make_page(rows, SUBMISSIONS, lambda row: [row[0].id])
    wanted = [row[0].id for row in found.items]
    said, translated, carried = translated_comments(session, wanted, upto=each)
    items = [PublishedSubmission(row[0], row[1], said.get(row[0].id, []), translated, carried) for row in found.items]
    return Page(items, found.next_cursor)


def get_published_submission(session: Session, consultation_id: int, reference: str) -> PublishedSubmission:
    """Return a published submission. Raises NotFound, with the reason if it is in the public decision log."""
    row = session.execute(
        select(Submission, Organisation.kind)
        .outerjoin(Organisation, Organisation.id == Submission.organisation_id)
        .where(Submission.reference.in_(reference_spellings(reference)), Submission.consultation_id == consultation_id)
    ).first()
    if row is None or row[0].state is not State.PUBLISHED:
        raise NotFound(why_not_shown(row[0].state if row else None))
    said, translated, carried = translated_comments(session, [row[0].id])
    return PublishedSubmission(row[0], row[1], said.get(row[0].id, []), translated, carried)


def translated_comments(
    session: Session, submission_ids: Sequence[int], *, upto: int = _LAST
) -> tuple[dict[int, list[Comment]], dict[int, Sequence[PublishedTranslation]], OriginalAnchors]:
    """Return comments by submission up to a position, and by comment the translations and original anchors."""
    comments: dict[int, list[Comment]] = {}
    translated: dict[int, Sequence[PublishedTranslation]] = {}
    carried: dict[int, OriginalAnchor] = {}
    for comment, rendered, found in session.execute(
        comments_statements.select_comments(), {"of": submission_ids, "upto": upto}
    ):
        comments.setdefault(comment.submission_id, []).append(comment)
        translated |= group_by_comment(rendered)
        if (before := to_original_anchor(found, comment.provision_id)) is not None:
            carried[comment.id] = before
    return comments, translated, carried


def list_comments(session: Session, submission_id: int) -> Sequence[Comment]:
    """Return the comments of a submission, in order."""
    return session.scalars(
        select(Comment).where(Comment.submission_id == submission_id).order_by(Comment.position)
    ).all()


def list_located(session: Session, row: Consultation, submission: Submission) -> Sequence[LocatedComment]:
    """Return the comments of a submission in order, with current and original parts of the draft."""
    found, _rendered, carried = translated_comments(session, [submission.id])
    comments = found.get(submission.id, [])
    then = get_reworded_provisions(session, row.version_id or 0, carried)
    on = get_provisions(
        session, row.version_id or 0, {comment.provision_id for comment in comments if comment.provision_id}
    )
    asked = {question.id: question for question in list_questions(session, row.id)}
    places = [(comment, then.get(comment.id) or on.get(comment.provision_id or 0)) for comment in comments]
    return [
        (place, asked.get(one.question_id or 0), one, quote_comment(one, carried) or (place.text if place else ""))
        for one, place in places
    ]


def get_fingerprint(session: Session, submission: Submission) -> tuple[str, datetime]:
    """Return the fingerprint in the ledger of the last text sent in, and its time."""
    row = session.execute(
        select(LedgerEntry.commitment, LedgerEntry.at)
        .where(
            LedgerEntry.subject_id == submission.id,
            LedgerEntry.kind.in_((*WORDING_KINDS, *(f"{PRACTICE_PREFIX}{kind}" for kind in WORDING_KINDS))),
            LedgerEntry.commitment.is_not(None),
        )
        .order_by(LedgerEntry.id.desc())
        .limit(1)
    ).first()
    return (row[0].hex(), row[1]) if row and row[0] else ("", submission.received_at)


def _list_published(
    session: Session, of: str, number: int, *, only: str = "", stance: str = "", after: str | None, size: int = PAGE
) -> Page[PublishedComment]:
    """Return comments whose column `of` has this value, newest first. `only` is a key of _ONLY."""
    last = decode_id_cursor(after)
    kind = Stance(stance) if stance in set(Stance) else None
    query = comments_statements.select_page(of, only, bool(stance), kind, last is not None, size)
    rows = [to_published_comment(row) for row in session.execute(query, {"of": number, "last": last})]
    return make_page(rows, size, lambda voice: [voice.id])
