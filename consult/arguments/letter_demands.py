"""Sentences of campaign letters as statements: each sentence once, read in one copy.

A sentence that seems to ask for something is a suggested argument. If there is none, the first sentence is. The others
are in no argument until a person makes them the reason of a request. Sentences have no author: members are counted by
their texts (`sizes.py`). What a person decided on a sentence holds for it in every letter. It is removed when it may no
longer be quoted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, func, select, text
from sqlalchemy.orm import Session

from consult.analysis.campaigns.demands import Span, find_opening, keep_outside, list_demands
from consult.analysis.kinds import MIN_COPIES
from consult.analysis.model import TextGroup
from consult.arguments import claims, ledger_statements
from consult.arguments.ledger_statements import SourceComment
from consult.arguments.model import Argument, Claim, LetterPart
from consult.core.clock import now

MOST_LETTERS = 100
"""The number of letters of one consultation that arguments are made of: the most frequent ones."""
_LETTERS = text(
    """
    SELECT k.id, k.published, g.text_hash, g.sample, ARRAY(
        SELECT ARRAY[x.comment_id, x.start, x."end"] FROM readable_statement x
        WHERE g.rank > 0 AND x.consultation_id = k.consultation_id AND x.text_hash = g.text_hash
            AND x.kind <> 'removed'
    ) AS beside
    FROM readable_campaign k CROSS JOIN LATERAL (
        SELECT c.text_hash, c.rank, (
            SELECT submission_id FROM readable_analysis_counted
            WHERE consultation_id = k.consultation_id AND text_hash = c.text_hash AND state = 'published'
            ORDER BY submission_id LIMIT 1
        ) AS sample FROM (
            (SELECT text_hash, 0 AS rank FROM readable_text_group
                WHERE consultation_id = k.consultation_id AND text_hash = k.letter_hash AND published > 0)
            UNION ALL
            (SELECT text_hash, 1 FROM readable_text_group
                WHERE campaign_id = k.id AND published > 0 ORDER BY text_hash LIMIT 1)
        ) AS c ORDER BY c.rank LIMIT 1
    ) AS g
    WHERE k.consultation_id = :consultation AND k.published >= :least
    ORDER BY k.published DESC, k.id LIMIT :most
    """
)
"""Selects letters with the copy to read them in, an unchanged one if published, and its sender's additions."""


@dataclass(frozen=True)
class AskedSentence:
    """A sentence of a letter, and the comment in which it is read.

    `part` is None if the sentence does not seem to ask for something.
    """

    campaign_id: int
    text_hash: bytes
    said: SourceComment
    start: int
    end: int
    key: bytes
    part: LetterPart | None


def renew_demands(
    session: Session, consultation_id: int, *, fresh: Collection[int] = (), at: datetime | None = None
) -> bool:
    """Update the arguments made of letters. Return True if one was added or removed. Safe to repeat."""
    values = {"consultation": consultation_id, "least": MIN_COPIES, "most": MOST_LETTERS}
    letters = session.execute(_LETTERS, values).all()
    stored = {
        (row.campaign_id or 0, bytes(row.key)): row
        for row in session.scalars(
            select(Claim).where(Claim.consultation_id == consultation_id, Claim.campaign_id.is_not(None))
        )
    }
    if not letters and not stored:
        return False
    decided = {bytes(row.key): row for row in stored.values()}
    wanted = _list_sentences(session, letters)
    arguments = _load_arguments(session, consultation_id, {sentence.key for sentence in wanted if sentence.part})
    moves: Counter[tuple[int, str]] = Counter()
    came = False
    for one in wanted:
        row = stored.pop((one.campaign_id, one.key), None)
        if row is None:
            row, came = _make_claim(consultation_id, one), True
            if same := decided.get(one.key):
                row.argument_id, row.part = same.argument_id, same.part
            elif one.part:
                row.argument_id = _get_argument(session, consultation_id, one, arguments, at).id
            if row.argument_id:
                moves[row.argument_id, ""] += 1
        _update(row, one)
        session.add(row)
    session.flush()
    for row in stored.values():
        if row.argument_id:
            moves[row.argument_id, ""] -= 1
    session.execute(delete(Claim).where(Claim.id.in_([row.id for row in stored.values()])))
    ledger_statements.update_voices(session, moves)
    _join_same(session, consultation_id, arguments, set(fresh))
    _clear_keys(session, consultation_id)
    return came or bool(stored)


def _get_argument(
    session: Session,
    consultation_id: int,
    sentence: AskedSentence,
    arguments: dict[bytes, Argument],
    at: datetime | None,
) -> Argument:
    """Return the argument of a sentence from `arguments`, to which a missing one is added."""
    if sentence.key not in arguments:
        arguments[sentence.key] = _make_argument(session, consultation_id, sentence, at)
    return arguments[sentence.key]


def _list_sentences(session: Session, letters: Sequence[Any]) -> list[AskedSentence]:
    """Return the sentences of letters without what the sender of the copy added. Each is listed once a letter."""
    comments: dict[int, list[SourceComment]] = {}
    for said in ledger_statements.list_published_comments(session, {row.sample for row in letters}):
        comments.setdefault(said.submission_id, []).append(said)
    found: list[AskedSentence] = []
    for row in letters:
        there = comments.get(row.sample, [])
        spans: list[tuple[SourceComment, Span, LetterPart | None]] = []
        for comment in there:
            beside = [(start, end) for number, start, end in row.beside if number == comment.id]
            asks = keep_outside(list_demands(comment.body), beside)
            others = keep_outside(claims.statement_spans(comment.body), [*asks, *beside])
            spans += [(comment, at, LetterPart.DEMAND) for at in asks] + [(comment, at, None) for at in others]
        if there and all(part is None for _said, _at, part in spans) and (opening := find_opening(there[0].body)):
            spans = [(there[0], opening, LetterPart.OPENING), *(span for span in spans if span[1][0] >= opening[1])]
        asked = [
            AskedSentence(row.id, bytes(row.text_hash), said, *at, claims.statement_key(said.body[slice(*at)]), part)
            for said, at, part in spans
        ]
        found += {one.key: one for one in reversed(asked)}.values()
    return found


def _load_arguments(session: Session, consultation_id: int, keys: set[bytes]) -> dict[bytes, Argument]:
    """Return the arguments of these sentences by hash, following merges."""
    rows = session.scalars(
        select(Argument).where(Argument.consultation_id == consultation_id, Argument.letter_key.in_(keys))
    )
    arguments = {bytes(row.letter_key or b""): row for row in rows}
    return {
        key: session.get_one(Argument, row.merged_into_id) if row.merged_into_id else row
        for key, row in arguments.items()
    }


def _make_argument(session: Session, consultation_id: int, one: AskedSentence, at: datetime | None) -> Argument:
    """Create an argument of a letter. It is marked as kept, so that no job groups it."""
    made = Argument(
        consultation_id=consultation_id,
        place=one.said.place,
        stance=one.said.stance,
        phrases=[],
        kept=True,
        made_at=at or now(),
        letter=one.part,
        letter_key=one.key,
    )
    session.add(made)
    session.flush()
    return made


def _make_claim(consultation_id: int, one: AskedSentence) -> Claim:
    return Claim(
        consultation_id=consultation_id,
        campaign_id=one.campaign_id,
        key=one.key,
        place=one.said.place,
        stance=one.said.stance,
        submitter="",
        kept=True,
    )


def _update(row: Claim, one: AskedSentence) -> None:
    row.text_hash, row.comment_id, row.submission_id = one.text_hash, one.said.id, one.said.submission_id
    row.start, row.end = one.start, one.end
    row.proof = claims.statement_proof(one.said.body[one.start : one.end])


def _clear_keys(session: Session, consultation_id: int) -> None:
    """Clear the hash of requests that no letter makes any longer."""
    made = select(Claim.argument_id).where(
        Claim.consultation_id == consultation_id, Claim.campaign_id.is_not(None), Claim.argument_id.is_not(None)
    )
    known = select(Argument).where(
        Argument.consultation_id == consultation_id,
        Argument.letter_key.is_not(None),
        func.coalesce(Argument.merged_into_id, Argument.id).not_in(made),
    )
    for row in session.scalars(known):
        row.letter_key = None
    session.flush()


def _join_same(session: Session, consultation_id: int, arguments: Mapping[bytes, Argument], fresh: set[int]) -> None:
    """Add statements with the exact words of a demand, by people who did not send the letter, to its argument.

    All statements are searched for new arguments, otherwise only new statements.
    """
    sender = exists().where(
        TextGroup.consultation_id == consultation_id,
        TextGroup.text_hash == Claim.text_hash,
        TextGroup.campaign_id.is_not(None),
    )
    for key, argument in sorted(arguments.items(), key=lambda pair: pair[0]):
        new = argument.senders == 0
        rows = session.scalars(
            select(Claim.id).where(
                Claim.consultation_id == consultation_id,
                Claim.place == argument.place,
                Claim.stance == argument.stance,
                Claim.key == key,
                Claim.campaign_id.is_(None),
                ~Claim.kept,
                ~sender,
                *([] if new else [Claim.id.in_(fresh)]),
            )
        ).all()
        ledger_statements.place_claims(session, dict.fromkeys(rows, argument.id))
