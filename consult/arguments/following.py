# ruff: noqa: S608 - a statement put together from constants
"""Statements follow the ledger: what is published is there, what is withheld, withdrawn or erased is not.

The cost is that of the texts that the entries touch. A text that many sent is one text: its statements are read once,
in the words of one who sent it; of a letter's members only what is their own. A statement
goes where its comment is carried to in a new version of the draft: `moving.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import ColumnElement, delete, insert, select, text
from sqlalchemy.orm import Session

from consult.analysis.following import PLACED
from consult.analysis.kinds import Change, Kind
from consult.analysis.model import Statement, TextGroup
from consult.arguments import claims
from consult.arguments.model import Argument, Claim
from consult.documents.model import Provision
from consult.submissions.model import Comment, State, Submission

_TEXTS = 500
_TOUCHED = text(
    f"""
    WITH touched AS (
        SELECT subject_id AS id FROM ledger
        WHERE consultation_id = :consultation AND number >= :since AND number < :until AND kind LIKE 'submission.%'
        UNION {PLACED}
    )
    SELECT a.text_hash FROM touched JOIN analysis_counted a ON a.submission_id = touched.id
    UNION SELECT c.text_hash FROM touched JOIN claim c ON c.submission_id = touched.id
    UNION SELECT text_hash FROM text_group
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
        SELECT g.argument_id, sum(g.n) AS statements, sum((v.n > 0)::int - (v.n - g.n > 0)::int) AS voices
        FROM given g JOIN voices v USING (argument_id, submitter) GROUP BY g.argument_id
    )
    UPDATE argument a SET voices = a.voices + m.voices, statements = a.statements + m.statements
    FROM moves m WHERE a.id = m.argument_id
    """
)
Shift = Counter[tuple[int, str]]
"""By how many statements the voice of a submitter in an argument grows or shrinks."""


class Followed(NamedTuple):
    """What following came to: the numbers of new statements, and of arguments with statements that were carried."""

    fresh: list[int]
    parted: set[int]


class Wanted(NamedTuple):
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
class Spoken:
    """A published comment of a text."""

    id: int
    submission_id: int
    place: str
    stance: str
    body: str
    redacted: bool
    submitter: str


def follow(session: Session, *, consultation_id: int, since: int, until: int) -> Followed:
    """Brings the statements of what entries `[since, until)` touch up to date.

    The analysis must stand at `until` or beyond.
    """
    window = {"consultation": consultation_id, "since": since, "until": until}
    found = Followed([], set())
    touched = [bytes(one) for one in session.scalars(_TOUCHED, window)]
    for first in range(0, len(touched), _TEXTS):
        _renew(session, consultation_id, touched[first : first + _TEXTS], found)
    return found


def shift(session: Session, moves: Shift) -> None:
    """Counts the voices and statements of arguments anew by what moved."""
    rows = sorted((argument, submitter, n) for (argument, submitter), n in moves.items() if n)
    if rows:
        arguments, submitters, ns = map(list, zip(*rows, strict=True))
        session.flush()
        session.execute(_SHIFT, {"arguments": arguments, "submitters": submitters, "ns": ns})
        _forget(session)


def _forget(session: Session) -> None:
    """What is known of arguments in this session was true before they were counted anew."""
    for row in session.identity_map.values():
        if isinstance(row, Argument):
            session.expire(row, ["voices", "statements"])


def _renew(session: Session, consultation_id: int, hashes: Sequence[bytes], found: Followed) -> None:
    """Makes the statements of some texts what they should be. The same words at the same place stay the same row."""
    there: dict[tuple[object, ...], list[Claim]] = {}
    stored = select(Claim).where(Claim.consultation_id == consultation_id, Claim.text_hash.in_(hashes))
    for row in session.scalars(stored.order_by(Claim.id)):
        there.setdefault(_known_by(row.text_hash, row.place, row.key), []).append(row)
    moves: Shift = Counter()
    unknown = []
    for wanted in _wanted(session, consultation_id, hashes):
        kept = there.get(_known_by(wanted.text_hash, wanted.place, wanted.key))
        if kept:
            _update(kept.pop(0), wanted, moves)
        else:
            unknown.append(wanted)
    left = [row for rows in there.values() for row in rows]
    gone, fresh = _carried(left, unknown, moves)
    found.parted.update(row.argument_id for row in left if row.argument_id and row not in gone)
    for row in gone:
        if row.argument_id:
            moves[row.argument_id, row.submitter] -= 1
    session.flush()
    if gone:
        session.execute(delete(Claim).where(Claim.id.in_([row.id for row in gone])))
    shift(session, moves)
    rows = [{**wanted._asdict(), "consultation_id": consultation_id} for wanted in fresh]
    found.fresh.extend(session.scalars(insert(Claim).returning(Claim.id), rows) if rows else ())


def _carried(rows: Sequence[Claim], unknown: Sequence[Wanted], moves: Shift) -> tuple[list[Claim], list[Wanted]]:
    """Statements whose comment was carried elsewhere stay the same row; gives the rows and the wishes that are left."""
    left: dict[tuple[object, ...], list[Claim]] = {}
    for row in rows:
        left.setdefault(_known_by(row.text_hash, "", row.key), []).append(row)
    fresh = []
    for wanted in unknown:
        same = left.get(_known_by(wanted.text_hash, "", wanted.key))
        if same:
            _update(same[0], wanted, moves)
            same.pop(0).place = wanted.place
        else:
            fresh.append(wanted)
    return [row for kept in left.values() for row in kept], fresh


def _known_by(text_hash: bytes, place: str, key: bytes) -> tuple[object, ...]:
    return (bytes(text_hash), place, bytes(key))


def _update(row: Claim, wanted: Wanted, moves: Shift) -> None:
    """The row says the same in the words of another who sent the text, or with another stance."""
    if row.argument_id and row.submitter != wanted.submitter:
        moves[row.argument_id, row.submitter] -= 1
        moves[row.argument_id, wanted.submitter] += 1
    if not row.coded and row.stance != wanted.stance:
        if row.argument_id:
            moves[row.argument_id, wanted.submitter] -= 1
        row.stance, row.argument_id, row.kept = wanted.stance, None, False
    for name in ("comment_id", "submission_id", "start", "end", "proof", "submitter"):
        setattr(row, name, getattr(wanted, name))


def _wanted(session: Session, consultation_id: int, hashes: Sequence[bytes]) -> Iterator[Wanted]:
    groups = session.execute(
        select(TextGroup.text_hash, TextGroup.kind, TextGroup.sample_id).where(
            TextGroup.consultation_id == consultation_id, TextGroup.text_hash.in_(hashes), TextGroup.published > 0,
            TextGroup.sample_id.is_not(None),
        )
    ).all()  # fmt: skip
    own = {row.sample_id: bytes(row.text_hash) for row in groups if row.kind in (Kind.INDIVIDUAL, Kind.SHARED)}
    members = {bytes(row.text_hash) for row in groups if row.kind == Kind.LETTER}
    for one in _spoken(session, Comment.submission_id.in_(own)):
        spans = claims.statements(one.body)
        yield from (_one(own[one.submission_id], one, start, end) for start, end in spans)
    yield from _personal(session, consultation_id, members)


def _personal(session: Session, consultation_id: int, hashes: Iterable[bytes]) -> Iterator[Wanted]:
    """What members of campaigns say beside their letter. Covered comments are read for their letter only."""
    rows = session.execute(
        select(Statement.text_hash, Statement.comment_id, Statement.start, Statement.end)
        .where(
            Statement.consultation_id == consultation_id, Statement.text_hash.in_(hashes),
            Statement.kind.in_((Change.ADDED, Change.CONTRARY)),
        )
        .order_by(Statement.id)
    ).all()  # fmt: skip
    known = {one.id: one for one in _spoken(session, Comment.id.in_({row.comment_id for row in rows}))}
    for row in rows:
        one = known.get(row.comment_id)
        if one is not None and not one.redacted:
            for start, end in claims.statements(one.body[row.start : row.end]):
                yield _one(bytes(row.text_hash), one, row.start + start, row.start + end)


def _one(text_hash: bytes, said: Spoken, start: int, end: int) -> Wanted:
    words = said.body[start:end]
    return Wanted(
        text_hash, said.id, said.submission_id, said.place, said.stance, start, end, claims.key(words),
        claims.proof(words), said.submitter,
    )  # fmt: skip


def _spoken(session: Session, where: ColumnElement[bool]) -> Iterator[Spoken]:
    """Published comments; what was chosen of given answers is counted where it was asked, and is nobody's statement."""
    rows = session.execute(
        select(Comment, Submission, Provision.wid)
        .join(Submission, Submission.id == Comment.submission_id)
        .outerjoin(Provision, Provision.id == Comment.provision_id)
        .where(where, Comment.shown, Comment.answer.is_(None), Submission.state == State.PUBLISHED)
        .order_by(Comment.submission_id, Comment.position, Comment.id)
    )
    for comment, submission, wid in rows:
        place = wid or (f"q{comment.question_id}" if comment.question_id else "")
        yield Spoken(
            comment.id, submission.id, place, str(comment.stance or ""), comment.public_body,
            comment.redacted_body is not None, submitter(submission),
        )  # fmt: skip


def submitter(row: Submission) -> str:
    """Who a submission is of, as far as it says so: an organisation or an account speaks with one voice."""
    if row.organisation_id:
        return f"o{row.organisation_id}"
    if row.organisation_name:
        return f"n{row.organisation_name.strip().lower()}"
    return f"a{row.account_id}" if row.account_id else f"s{row.id}"


def place_claims(session: Session, placed: dict[int, int | None], *, by_person: bool = False) -> int:
    """Puts statements into arguments, or out of any; counts voices anew. Gives how many it moved."""
    rows = session.scalars(select(Claim).where(Claim.id.in_(placed)).order_by(Claim.id)).all()
    moves: Shift = Counter()
    for row in rows:
        target = placed[row.id]
        if row.argument_id:
            moves[row.argument_id, row.submitter] -= 1
        if target:
            moves[target, row.submitter] += 1
        row.argument_id, row.kept = target, row.kept or by_person
    session.flush()
    shift(session, moves)
    return len(rows)
