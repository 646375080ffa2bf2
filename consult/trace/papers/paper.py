"""A submission as a Word file in one of these forms. It says what its author sent, and adds no word to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.core.errors import NotFound
from consult.core.i18n import _, language_direction
from consult.digests import jobs
from consult.digests.render import layout
from consult.digests.render.blocks import Block
from consult.submissions.coalitions import service as coalitions
from consult.submissions.comments import queries as comments_queries
from consult.submissions.model import Submission
from consult.trace.papers.rules import PaperRule, load_rules


def get_rule(key: str) -> PaperRule:
    """The form with this key. Raises NotFound."""
    if key not in load_rules():
        raise NotFound(_("There is no such form of paper."))
    return load_rules()[key]


def list_texts(session: Session, submission: Submission) -> list[str]:
    """The words of a submission, in their order."""
    return [comment.body for comment in comments_queries.list_comments(session, submission.id) if comment.body]


def list_signatories(session: Session, submission: Submission) -> list[str]:
    """Its author's published name, then the organisations that have joined."""
    names = [submission.public_name] if submission.public_name else []
    return names + [row.name for row in coalitions.list_cosigners(session, submission.id, confirmed=True)]


def make_docx(session: Session, submission: Submission, rule: PaperRule) -> bytes:
    """The paper in the language of the submission."""
    consultation = session.get_one(Consultation, submission.consultation_id)
    names, texts = list_signatories(session, submission), list_texts(session, submission)
    title = rule.heading % {"names": ", ".join(names) or "…"} if rule.heading else consultation.title
    return jobs.make_docx(
        {
            "title": title,
            "lang": submission.language,
            "dir": language_direction(submission.language),
            "one_page": False,
            "author": ", ".join(names),
            "page": "",
            "lacking": layout.missing_characters_note(),
            "blocks": list(_blocks(consultation, rule, title, names, texts)),
        }
    )


def _blocks(
    consultation: Consultation, rule: PaperRule, title: str, names: Sequence[str], texts: Sequence[str]
) -> Iterator[Block]:
    """Signatories on top where the form wants them, then the words: each paragraph numbered where it wants that."""
    yield {"is": "title", "text": title}
    if rule.signatories_first and names:
        yield {"is": "list", "items": [{"text": name, "url": ""} for name in names]}
    if not rule.signatories_first:
        yield {"is": "text", "text": consultation.body}
    if title != consultation.title:
        yield {"is": "quiet", "text": consultation.title}
    paragraphs = [part.strip() for text in texts for part in text.split("\n\n") if part.strip()]
    for number, words in enumerate(paragraphs, start=1):
        yield {"is": "text", "text": f"{number}. {words}" if rule.numbered else words}
    if not rule.signatories_first:
        for name in names:
            yield {"is": "text", "text": name}
