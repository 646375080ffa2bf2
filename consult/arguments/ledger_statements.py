# ruff: noqa: S608 - a statement put together from constants
"""Statements follow the ledger: published ones are added; withheld, withdrawn and erased ones are removed.

The cost is that of the texts that the entries touch. A text that many people sent is read once, in the words of one
author. Of a campaign's members only added words are read. `carry_forward.py` moves statements whose comment is carried
to another part of the draft.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, delete, insert, select, text
from sqlalchemy.orm import Session

from consult.analysis.kinds import StatementKind, TextKind
from consult.analysis.ledger_counts import CARRIED_SUBMISSIONS, REHASHED_SUBMISSIONS
from consult.analysis.lines import load_choices
from consult.analysis.model import Statement, TextGroup
from consult.arguments import claims, sizes
from consult.arguments.model import Argument, Claim, StatementPart
from consult.core.scripts.confusables import get_skeleton
from consult.core.text import drop_silent
from consult.documents.model import Provision
from consult.ledger.followers import Window
from consult.ledger.kinds import bind_kinds
from consult.submissions.content.covered_words import to_public_span
from consult.submissions.model import Comment, State, Submission

_TEXTS = 500
_TOUCHED = bind_kinds(
    f"""
    WITH touched AS (
        SELECT subject_id AS id FROM readable_ledger
        WHERE consultation_id = :consultation AND number >= :since AND number < :until AND kind = ANY(:SUBMISSION_KINDS)
        UNION {CARRIED_SUBMISSIONS} UNION {REHASHED_SUBMISSIONS}
    )
    SELECT a.text_hash FROM touched CROSS JOIN LATERAL (
        SELECT text_hash FROM readable_analysis_counted WHERE submission_id = touched.id OFFSET 0
    ) AS a
    UNION SELECT c.text_hash FROM touched CROSS JOIN LATERAL (
        SELECT text_hash FROM claim WHERE submission_id = touched.id OFFSET 0
    ) AS c
    UNION SELECT text_hash FROM readable_text_group
    WHERE consultation_id = :consultation AND campaign_number > 0 AND campaign_number >= :since
        AND campaign_number <= :until
    ORDER BY 1
    """
)
_SHIFT = text(
    """
    WITH given AS (
        SELECT * FROM unnest(CAST(:arguments AS bigint[]), CAST(:submitters AS text[]), CAST(:ns AS int[]))
            AS g (argument_id, submitter, n)
    ), voices AS (
        INSERT INTO argument_voice AS v (argument_id, submitter, n) SELECT argument_id, submitter, n FROM given
        ON CONFLICT (argument_id, submitter) DO UPDATE SET n = v.n + excluded.n
        RETURNING argument_id, submitter, n
    ), moves AS (
        SELECT g.argument_id, sum(g.n) AS statements,
            sum(((v.n > 0)::int - (v.n - g.n > 0)::int) * (g.submitter <> '')::int) AS voices
        FROM given g JOIN voices v USING (argument_id, submitter) GROUP BY g.argument_id
    )
    UPDATE argument a SET voices = a.voices + m.voices, statements = a.statements + m.statements
    FROM moves m WHERE a.id = m.argument_id
    """
)
_FORGET = text("DELETE FROM argument_voice WHERE argument_id = ANY(:arguments) AND n = 0")
"""Deletes authors without a statement, because they may have erased their submission."""
VoiceShift = Counter[tuple[int, str]]
"""Changes in the number of statements, by argument and author."""


class StatementChanges(NamedTuple):
    """The result of processing a window: IDs of new statements, and of arguments with carried statements.

    `lost` maps each part of the draft that lost statements to the arguments concerned.
    """

    fresh: list[int]
    parted: set[int]
    lost: dict[str, set[int]]


class WantedStatement(NamedTuple):
    """A statement as it should be stored."""

    text_hash: bytes
    comment_id: int
    submission_id: int
    place: str
    stance: str
    start: int
    end: int
    key: bytes
    proof: bytes
    submitter: str


@dataclass(frozen=True)
class SourceComment:
    """A published comment of a text; `body` as the public reads it."""

    id: int
    submission_id: int
    place: str
    stance: str
    body: str
    original: str
    redactions: Sequence[Mapping[str, Any]] | None
    submitter: str


def renew_statements(session: Session, window: Window) -> StatementChanges:
    """Update the statements of the texts that the entries of a window touch.

    The analysis must have processed the window before.
    """
    found = StatementChanges([], set(), {})
    touched = [bytes(one) for one in session.scalars(_TOUCHED, window.values)]
    for first in range(0, len(touched), _TEXTS):
        _renew_texts(session, window.consultation_id, touched[first : first + _TEXTS], found)
    return found


def update_voices(session: Session, moves: VoiceShift) -> None:
    """Recount authors and statements of arguments after moves."""
    rows = sorted((argument, submitter, n) for (argument, submitter), n in moves.items() if n)
    if rows:
        arguments, submitters, ns = map(list, zip(*rows, strict=True))
        session.flush()
        session.execute(_SHIFT, {"arguments": arguments, "submitters": submitters, "ns": ns})
        if min(ns) < 0:
            session.execute(_FORGET, {"arguments": arguments})
        _expire_counts(session)


def _expire_counts(session: Session) -> None:
    """Expire arguments loaded in this session after their counts changed."""
    for row in session.identity_map.values():
        if isinstance(row, Argument):
            session.expire(row, ["voices", "statements"])


def _renew_texts(session: Session, consultation_id: int, hashes: Sequence[bytes], found: StatementChanges) -> None:
    """Bring the statements of some texts up to date. The same words on the same part of the draft keep their row."""
    there: dict[tuple[object, ...], list[Claim]] = {}
    stored = select(Claim).where(
        Claim.consultation_id == consultation_id, Claim.text_hash.in_(hashes), Claim.campaign_id.is_(None)
    )
    for row in session.scalars(stored.order_by(Claim.id)):
        there.setdefault(_statement_identity(row.text_hash, row.place, row.key), []).append(row)
    moves: VoiceShift = Counter()
    unknown = []
    for wanted in _list_wanted(session, consultation_id, hashes):
        kept = there.get(_statement_identity(wanted.text_hash, wanted.place, wanted.key))
        if kept:
            _update(kept.pop(0), wanted, moves)
        else:
            unknown.append(wanted)
    left = [row for rows in there.values() for row in rows]
    gone, fresh = _match_carried(left, unknown, moves)
    found.parted.update(row.argument_id for row in left if row.argument_id and row not in gone)
    for row in gone:
        if row.argument_id:
            moves[row.argument_id, row.submitter] -= 1
    session.flush()
    if gone:
        for row in gone:
            found.lost.setdefault(row.place, set()).update({row.argument_id} if row.argument_id else ())
        session.execute(delete(Claim).where(Claim.id.in_([row.id for row in gone])))
    update_voices(session, moves)
    rows = [{**wanted._asdict(), "consultation_id": consultation_id} for wanted in fresh]
    found.fresh.extend(session.scalars(insert(Claim).returning(Claim.id), rows) if rows else ())


def _match_carried(
    rows: Sequence[Claim], unknown: Sequence[WantedStatement], moves: VoiceShift
) -> tuple[list[Claim], list[WantedStatement]]:
    """Reuse the rows of statements whose comment was carried elsewhere. Return unused rows and unmatched statements."""
    left: dict[tuple[object, ...], list[Claim]] = {}
    for row in rows:
        left.setdefault(_statement_identity(row.text_hash, "", row.key), []).append(row)
    fresh = []
    for wanted in unknown:
        same = left.get(_statement_identity(wanted.text_hash, "", wanted.key))
        if same:
            _update(same[0], wanted, moves)
            same.pop(0).place = wanted.place
        else:
            fresh.append(wanted)
    return [row for kept in left.values() for row in kept], fresh


def _statement_identity(text_hash: bytes, place: str, key: bytes) -> tuple[object, ...]:
    return (bytes(text_hash), place, bytes(key))


def _update(row: Claim, wanted: WantedStatement, moves: VoiceShift) -> None:
    """Point a row to another copy of its text and update its type. Adds changes of author counts to `moves`.

    If the type changes, the row leaves its argument, unless a person set the type.
    """
    if row.argument_id and row.submitter != wanted.submitter:
        moves[row.argument_id, row.submitter] -= 1
        moves[row.argument_id, wanted.submitter] += 1
    if row.stance != wanted.stance:
        if row.argument_id:
            moves[row.argument_id, wanted.submitter] -= 1
        row.stance, row.argument_id, row.kept = wanted.stance, None, False
    for name in ("comment_id", "submission_id", "start", "end", "proof", "submitter"):
        setattr(row, name, getattr(wanted, name))


def _list_wanted(session: Session, consultation_id: int, hashes: Sequence[bytes]) -> Iterator[WantedStatement]:
    groups = session.execute(
        select(TextGroup.text_hash, TextGroup.kind, TextGroup.sample_id).where(
            TextGroup.consultation_id == consultation_id,
            TextGroup.text_hash.in_(hashes),
            TextGroup.published > 0,
            TextGroup.sample_id.is_not(None),
        )
    ).all()
    choices = load_choices(session, consultation_id)
    own = {row.sample_id: bytes(row.text_hash) for row in groups if row.kind in (TextKind.INDIVIDUAL, TextKind.SHARED)}
    members = {bytes(row.text_hash) for row in groups if row.kind == TextKind.LETTER}
    for comment in _list_comments(session, Comment.submission_id.in_(own)):
        spans = claims.statement_spans(comment.body, choices)
        yield from (_to_wanted(own[comment.submission_id], comment, start, end) for start, end in spans)
    yield from _list_additions(session, consultation_id, members)


def _list_additions(session: Session, consultation_id: int, hashes: Iterable[bytes]) -> Iterator[WantedStatement]:
    """Yield the words that members of campaigns add to their letter, except hidden words."""
    rows = session.execute(
        select(Statement.text_hash, Statement.comment_id, Statement.start, Statement.end)
        .where(
            Statement.consultation_id == consultation_id,
            Statement.text_hash.in_(hashes),
            Statement.kind.in_((StatementKind.ADDED, StatementKind.CONTRARY)),
        )
        .order_by(Statement.id)
    ).all()
    known = {one.id: one for one in _list_comments(session, Comment.id.in_({row.comment_id for row in rows}))}
    for row in rows:
        one = known.get(row.comment_id)
        shown = to_public_span(one.original, one.redactions, row.start, row.end) if one else None
        if one is not None and shown is not None:
            for start, end in claims.statement_spans(one.body[slice(*shown)]):
                yield _to_wanted(bytes(row.text_hash), one, shown[0] + start, shown[0] + end)


def list_published_comments(session: Session, submission_ids: Iterable[int]) -> Iterator[SourceComment]:
    """Yield the published comments of some submissions, in order."""
    return _list_comments(session, Comment.submission_id.in_(submission_ids))


def _to_wanted(text_hash: bytes, said: SourceComment, start: int, end: int) -> WantedStatement:
    words = said.body[start:end]
    return WantedStatement(
        text_hash,
        said.id,
        said.submission_id,
        said.place,
        said.stance,
        start,
        end,
        claims.statement_key(words),
        claims.statement_proof(words),
        said.submitter,
    )


def _list_comments(session: Session, where: ColumnElement[bool]) -> Iterator[SourceComment]:
    """Yield published comments that make statements.

    Responses chosen from a list and support of suggested wordings are excluded because they are counted elsewhere.
    """
    own = (Comment.answer.is_(None), Comment.agrees_with.is_(None))
    rows = session.execute(
        select(Comment, Submission, Provision.wid)
        .join(Submission, Submission.id == Comment.submission_id)
        .outerjoin(Provision, Provision.id == Comment.provision_id)
        .where(where, Comment.shown, *own, Submission.state == State.PUBLISHED)
        .order_by(Comment.submission_id, Comment.position, Comment.id)
    )
    for comment, submission, wid in rows:
        place = wid or (f"q{comment.question_id}" if comment.question_id else "")
        yield SourceComment(
            comment.id,
            submission.id,
            place,
            str(comment.stance or ""),
            comment.public_body,
            comment.body,
            comment.redactions,
            submitter_key(submission),
        )


def submitter_key(row: Submission) -> str:
    """Return a key of the submission's author: organisation, account, or the submission itself.

    Submissions with the same key count as one author.
    """
    if row.organisation_id:
        return f"o{row.organisation_id}"
    if row.organisation_name:
        return f"n{get_skeleton(drop_silent(row.organisation_name)).strip().lower()}"
    return f"a{row.account_id}" if row.account_id else f"s{row.id}"


def place_claims(
    session: Session,
    placed: dict[int, int | None],
    *,
    by_person: bool = False,
    part: StatementPart | None = None,
) -> int:
    """Move statements into arguments, or out of them (None), and recount. Return the number of statements."""
    rows = session.scalars(select(Claim).where(Claim.id.in_(placed)).order_by(Claim.id)).all()
    moves: VoiceShift = Counter()
    for row in rows:
        target = placed[row.id]
        if row.argument_id:
            moves[row.argument_id, row.submitter] -= 1
        if target:
            moves[target, row.submitter] += 1
        row.argument_id, row.kept, row.part = target, row.kept or by_person, part if target else None
    session.flush()
    update_voices(session, moves)
    if by_person and rows:
        sizes.recount(session, rows[0].consultation_id)
    return len(rows)
