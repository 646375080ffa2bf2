"""Comments and answers of the sample as form values."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from consult.cli.sample.files import SampleComment, SampleSubmission
from consult.consultations.model import Question
from consult.consultations.questions import answers as questions_answers
from consult.consultations.questions.answers import GivenAnswer
from consult.documents.model import Provision
from consult.submissions.anchors.selectors import Anchor
from consult.submissions.model import Stance
from consult.submissions.values import NewAnswer, NewComment


def build_comments(session: Session, filed: SampleSubmission, places: Mapping[str, int]) -> list[NewComment]:
    """Return comments as form values. `places` maps paragraph numbers to provision IDs."""
    return [_comment(session, it, places.get(it.on)) for it in filed.comments]


def _comment(session: Session, it: SampleComment, place: int | None) -> NewComment:
    anchor = Anchor(0, 0, it.words) if it.words else None
    if not it.swap or place is None:
        return NewComment(place, Stance(it.stance), it.body, anchor=anchor)
    old, new = it.swap
    proposed = session.get_one(Provision, place).text.replace(old, new)
    return NewComment(place, Stance(it.stance), f"{proposed}\n\n{it.body}", anchor=anchor, amendment=len(proposed))


def build_answer(question: Question, said: str | list[str]) -> NewAnswer:
    given = GivenAnswer(words=said) if isinstance(said, str) else build_given(question, said)
    return NewAnswer(question.id, questions_answers.answer_words(question, given), given.chosen)


def build_given(question: Question, said: list[str]) -> GivenAnswer:
    """Return a response with these choices. Other values become the text of “other”."""
    keys = {name: key for key, name in questions_answers.option_labels(question).items()} | {
        it["key"]: it["key"] for it in question.options
    }
    other = [name for name in said if name not in keys]
    return GivenAnswer(tuple(keys.get(name, questions_answers.OTHER_KEY) for name in said), "".join(other))
