"""Filing of a draft as a new submission or as a change of an earlier one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.submissions import service
from consult.submissions.content.draft import DraftContent, place_of
from consult.submissions.drafts import papers
from consult.submissions.model import Submission
from consult.submissions.values import NewAnswer, NewComment, Submitter


def prepare_for_filing(writing: DraftContent) -> tuple[list[NewComment], list[NewAnswer]]:
    """Return the comments and answers of a draft in the form in which they are filed."""
    comments = [
        NewComment(
            place_of(key) or None,
            said.stance,
            said.body,
            anchor=said.anchor,
            was=said.was,
            chose=said.chose,
            amendment=said.amendment,
            agrees_with=said.agrees_with,
            paper_place=said.paper_place,
        )
        for key, said in writing.comments.items()
    ]
    comments += [NewComment(None, None, part, paper=True) for part in writing.paper]
    return comments, [
        NewAnswer(question, body, tuple(writing.chosen.get(question, ()))) for question, body in writing.answers.items()
    ]


def file_content(
    session: Session,
    consultation: Consultation,
    content: DraftContent,
    *,
    by: Submitter,
    key: str,
    code: str | bytes | None = None,
    at: datetime | None = None,
) -> Submission:
    """File a draft's content. For `key` and `code` see `service.file`."""
    comments, answers = prepare_for_filing(papers.with_text(session, content))
    return service.file(
        session,
        consultation=consultation,
        by=by,
        comments=comments,
        answers=answers,
        key=key,
        code=code,
        at=at,
        items=content.evidence,
    )


def amend_with_content(
    session: Session,
    submission: Submission,
    content: DraftContent,
    *,
    by: Submitter | None = None,
    key: str | None = None,
    at: datetime | None = None,
) -> Submission:
    """Replace the content of a submission, with the reply in it. For `by` and `key` see `service.amend`."""
    comments, answers = prepare_for_filing(papers.with_text(session, content))
    return service.amend(
        session,
        submission,
        comments=comments,
        answers=answers,
        by=by,
        key=key,
        at=at,
        items=content.evidence,
        reply=content.reply,
    )
