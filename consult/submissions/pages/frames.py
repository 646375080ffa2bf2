"""Data that the pages of a consultation share, read in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from consult.consultations.model import Consultation, Question
from consult.consultations.questions import answers as questions_answers
from consult.consultations.questions.answers import GivenAnswer
from consult.core.clock import now
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.submissions import queries
from consult.submissions.anchors import carry_forward
from consult.submissions.anchors.provisions import Chapter, ProvisionNode, ProvisionTree
from consult.submissions.anchors.selectors import MAX_SELECTION, Anchor, visible_span
from consult.submissions.comments import queries as comments_queries
from consult.submissions.content.draft import DraftComment, DraftContent, nth_of, place_of
from consult.submissions.drafts import service as drafts
from consult.submissions.drafts.service import DraftOwner, SavedDraft
from consult.submissions.queries import Counts

MOST_SQUARES = 21
"""Maximum number of comments drawn beside a paragraph. Nobody counts more."""


@dataclass(frozen=True)
class Frame:
    """Data shared by the pages of a consultation: text, reader's draft and time."""

    consultation: Consultation
    places: ProvisionTree
    questions: Sequence[Question]
    draft: SavedDraft
    counts: Counts = field(default_factory=Counts)
    at: datetime = field(default_factory=now)
    moving: int = 0  # published comments on earlier versions still to be moved to this one

    @property
    def writing(self) -> DraftContent:
        return self.draft.writing

    @property
    def is_open(self) -> bool:
        """Return whether text can be entered now, also after closing for a returned submission."""
        return self.consultation.takes(self.at) or (self.draft.returned and not self.is_early)

    @property
    def becomes_late(self) -> bool:
        """Return whether a submission sent now is marked as late."""
        return self.is_open and self.consultation.is_late(self.at) and not self.draft.returned

    @property
    def is_early(self) -> bool:
        return self.at < self.consultation.opens_at

    @property
    def days_left(self) -> int:
        return (self.consultation.closes_at - self.at) // timedelta(days=1)

    def asked_as(self, question_id: int) -> Question | None:
        """Return the question with this id if it still exists, else None."""
        return next((row for row in self.questions if row.id == question_id), None)

    def number_of(self, question: Question) -> int:
        """Return the displayed number of a question, from 1."""
        return [row.id for row in self.questions].index(question.id) + 1

    @property
    def given(self) -> dict[int, GivenAnswer]:
        """Return the answers so far, also to questions that do not apply any more."""
        kept, known = self.writing, {row.id: row for row in self.questions}
        return {
            number: questions_answers.parse_answer(known[number], body, kept.chosen.get(number, ()))
            for number, body in kept.answers.items()
            if number in known
        }

    @property
    def asked(self) -> Sequence[Question]:
        """Return the questions that apply, given the answers so far."""
        return questions_answers.asked_questions(self.questions, self.writing.chosen)

    @property
    def unasked(self) -> Sequence[Question]:
        """Return answered questions that do not apply. Their answers are not sent."""
        asked = {row.id for row in self.asked}
        return [row for row in self.questions if row.id in self.writing.answers and row.id not in asked]

    @property
    def answered(self) -> Sequence[Question]:
        """Return the applicable questions with an answer."""
        return [row for row in self.asked if row.id in self.writing.answers]

    def on_page(self, chapter: str) -> list[Question]:
        """Return the applicable questions on a chapter."""
        return [row for row in self.asked if row.chapter == chapter]

    def on_form(self, chapter: str | None, sent: str | None = None) -> list[Question]:
        """Return the questions in a form: those `sent` with it, else all or those of a chapter.

        A conditional question is included if it applies now or if its condition can be met in the same form.
        """
        if sent is not None:
            return [row for row in self.questions if str(row.id) in sent.split(",")]
        here = [row for row in self.questions if chapter is None or row.chapter == chapter]
        ids, asked = {row.id for row in here}, {row.id for row in self.asked}
        return [row for row in here if row.id in asked or row.after_id in ids]

    def place(self, key: str) -> ProvisionNode | None:
        """Return the provision with this key, or None for "whole". Raises NotFound."""
        if key == "whole":
            return None
        found = self.places.find(key)
        if found is None:
            raise NotFound(_("This draft has no paragraph with that number."))
        return found

    longest = MAX_SELECTION  # maximum length of a selection
    squares = MOST_SQUARES

    @property
    def own_marks(self) -> str:
        """Return the words commented on in the draft: see `format_marks`."""
        anchors: dict[int, list[Anchor]] = {}
        for key, note in self.writing.comments.items():
            if note.anchor:
                anchors.setdefault(place_of(key), []).append(note.anchor)
        return format_marks(self.places, anchors)

    @property
    def own_ids(self) -> set[int]:
        """Return the provisions commented on in the draft."""
        return {place_of(key) for key in self.writing.comments}

    def own_on(self, provision_id: int) -> int:
        """Return the index of another comment on a provision."""
        return nth_of(self.writing.next_key(provision_id))

    def said_on(self, provision_id: int) -> list[tuple[int, DraftComment]]:
        """Return the draft's comments on a provision with their indexes."""
        return [(nth_of(key), self.writing.comments[key]) for key in self.writing.keys_on(provision_id)]

    @property
    def steps_done(self) -> list[bool]:
        """Return whether commenting, answering (if there are questions) and the author's details are done."""
        writing = self.writing
        answers = [bool(writing.answers)] if self.questions else []
        return [bool(writing.comments), *answers, writing.about is not None]

    def on_chapter(self, chapter: Chapter) -> int:
        """Return the number of published comments on a chapter and its contents."""
        return sum(self.counts.on(place) for place in chapter.ids)

    def on(self, place: ProvisionNode) -> int:
        """Return the number of published comments on a provision and its points."""
        return sum(self.counts.on(part.id) for part in place.parts)

    def began(self, chapter: Chapter) -> bool:
        """Return whether the draft has a comment on this chapter."""
        return not self.own_ids.isdisjoint(chapter.ids)


def frame(
    session: Session,
    slug: str,
    owner: DraftOwner,
    *,
    counted: bool = False,
    asking: bool = True,
    row: Consultation | None = None,
) -> Frame:
    """Return the data that the pages share. `row` is the consultation if loaded. Without `asking`, leave out questions.

    Raises NotFound.
    """
    row = row or comments_queries.get_consultation(session, slug)
    places = comments_queries.get_provision_tree(session, row.version_id or 0)
    asked = comments_queries.list_questions(session, row.id) if asking else ()
    held = drafts.get_draft(session, consultation_id=row.id, owner=owner)
    if not counted:
        return Frame(row, places, asked, held)
    return Frame(
        row, places, asked, held, queries.get_counts(session, row.id), moving=count_uncarried(session, row, places)
    )


def count_uncarried(session: Session, row: Consultation, places: ProvisionTree) -> int:
    """Return the number of published comments still to be moved to the current version. Zero for a first version."""
    return carry_forward.count_uncarried(session, row.id, row.version_id or 0) if places.number > 1 else 0


def format_marks(places: ProvisionTree, found: Mapping[int, Iterable[Anchor]]) -> str:
    """Return words to highlight in the script's format: `eid:start-end …`, in visible characters."""
    spans = {
        (places.by_id[place].eid, *visible_span(places.by_id[place].text, anchor))
        for place, anchored in found.items()
        if place in places.by_id
        for anchor in anchored
    }
    return " ".join(f"{eid}:{start}-{end}" for eid, start, end in sorted(spans))
