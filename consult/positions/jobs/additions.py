"""The job that ranks the copies of a letter with added words."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.analysis import service as analysis
from consult.analysis.campaigns import queries as campaigns
from consult.analysis.kinds import StatementKind
from consult.analysis.model import Campaign, Statement
from consult.arguments import encoder
from consult.arguments.jobs.embeddings import embed_texts
from consult.core.clock import now
from consult.positions import items, jobs
from consult.positions.jobs import opposition_model
from consult.positions.model import LetterReading
from consult.submissions.model import Comment


@jobs.rank_additions.give
def rank_additions(session: Session, campaign_id: int) -> None:
    """Rank the copies of a letter by answers and examples. Does nothing if there are neither, or no copies."""
    row = session.get(LetterReading, campaign_id, with_for_update=True)
    if row is None:
        return
    every = items.list_added(session, row.consultation_id, now())
    copies = [item for item in every if item.campaign_id == campaign_id]
    answers = {at: item.opposes for at, item in enumerate(copies) if item.opposes is not None}
    examples = items.split_paragraphs(row.examples)
    if copies and (answers or examples):
        letter = campaigns.summarise_campaigns(session, [session.get_one(Campaign, campaign_id)])[0].words
        own_words = _load_own_words(session, row.consultation_id, campaign_id)
        texts = [own_words.get(item.key, opposition_model.OwnWords("")) for item in copies]
        encode = embed_texts if encoder.name() else None
        ranks = opposition_model.rank(opposition_model.describe(letter, texts, examples, encode), answers)
        scores = {bytes.fromhex(item.key): float(score) for item, score in zip(copies, ranks, strict=True)}
        analysis.store_opposition(session, row.consultation_id, scores)
    row.learnt_examples, row.learnt_answers = row.examples, len(answers)


def _load_own_words(session: Session, consultation_id: int, campaign_id: int) -> dict[str, opposition_model.OwnWords]:
    """Return the words that copies add to a letter, by the hash of the text in hexadecimal."""
    own_words: dict[str, opposition_model.OwnWords] = {}
    kinds = (StatementKind.ADDED, StatementKind.CONTRARY)
    for statement, body in session.execute(
        select(Statement, Comment.body)
        .join(Comment, Comment.id == Statement.comment_id)
        .where(
            Statement.consultation_id == consultation_id,
            Statement.campaign_id == campaign_id,
            Statement.kind.in_(kinds),
        )
        .order_by(Statement.id)
    ):
        key = bytes(statement.text_hash).hex()
        before = own_words.get(key, opposition_model.OwnWords(""))
        words = f"{before.words}\n{body[statement.start : statement.end]}".strip()
        own_words[key] = opposition_model.OwnWords(words, before.swapped or statement.kind is StatementKind.CONTRARY)
    return own_words
