"""Data that every page of a consultation needs, read in a fixed number of statements."""

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
from consult.submissions.drafts import service as drafts
from consult.submissions.drafts.service import DraftOwner, SavedDraft
from consult.submissions.drafts.values import DraftComment, DraftContent, nth_of, place_of
from consult.submissions.queries import Counts

MOST_SQUARES = 21
"""Comments on a paragraph that are drawn beside it: more are a texture that nobody counts."""


@dataclass(frozen=True)
class Frame:
    """Data of every page of a consultation: the text, the reader's draft, and the time."""

    consultation: Consultation
    places: ProvisionTree
    questions: Sequence[Question]
    draft: SavedDraft
    counts: Counts = field(default_factory=Counts)
    at: datetime = field(default_factory=now)
    moving: int = 0  # published comments on earlier versions that are about to be carried to this one

    @property
    def writing(self) -> DraftContent:
        return self.draft.writing

    @property
    def is_open(self) -> bool:
        """Whether words may be written now: also after closing, for the author of a returned submission."""
        return self.consultation.takes(self.at) or (self.draft.returned and not self.is_early)

    @property
    def becomes_late(self) -> bool:
        """Whether what is sent now is marked late."""
        return self.is_open and self.consultation.is_late(self.at) and not self.draft.returned

    @property
    def is_early(self) -> bool:
        return self.at < self.consultation.opens_at

    @property
    def days_left(self) -> int:
        return (self.consultation.closes_at - self.at) // timedelta(days=1)

    def asked_as(self, question_id: int) -> Question | None:
        """The question of this id, where it is still among those asked."""
        return next((row for row in self.questions if row.id == question_id), None)

    def number_of(self, question: Question) -> int:
        """What people call a question: its place among those asked, from 1."""
        return [row.id for row in self.questions].index(question.id) + 1

    @property
    def given(self) -> dict[int, GivenAnswer]:
        """The answers so far, also those to questions that are not asked any more."""
        kept, known = self.writing, {row.id: row for row in self.questions}
        return {
            number: questions_answers.parse_answer(known[number], body, kept.chosen.get(number, ()))
            for number, body in kept.answers.items()
            if number in known
        }

    @property
    def asked(self) -> Sequence[Question]:
        """The questions that are asked of somebody who has answered so."""
        return questions_answers.asked_questions(self.questions, self.writing.chosen)

    @property
    def unasked(self) -> Sequence[Question]:
        """Those that have an answer which is not sent, because they are asked only after certain other answers."""
        asked = {row.id for row in self.asked}
        return [row for row in self.questions if row.id in self.writing.answers and row.id not in asked]

    @property
    def answered(self) -> Sequence[Question]:
        """Those of them that have an answer."""
        return [row for row in self.asked if row.id in self.writing.answers]

    def on_page(self, chapter: str) -> list[Question]:
        """The questions asked now on a chapter."""
        return [row for row in self.asked if row.chapter == chapter]

    def on_form(self, chapter: str | None, sent: str | None = None) -> list[Question]:
        """The questions in a form: those it was `sent` with; else all, or those of a chapter.

        What is asked only after certain answers is there where these can be given in the same form.
        """
        if sent is not None:
            return [row for row in self.questions if str(row.id) in sent.split(",")]
        here = [row for row in self.questions if chapter is None or row.chapter == chapter]
        ids, asked = {row.id for row in here}, {row.id for row in self.asked}
        return [row for row in here if row.id in asked or row.after_id in ids]

    def place(self, key: str) -> ProvisionNode | None:
        """The place that an address names; None for "whole", the draft as a whole. Raises NotFound."""
        if key == "whole":
            return None
        found = self.places.find(key)
        if found is None:
            raise NotFound(_("This draft has no paragraph with that number."))
        return found

    longest = MAX_SELECTION  # the most characters that can be selected
    squares = MOST_SQUARES

    @property
    def own_marks(self) -> str:
        """The words that the comments in the draft are on, see `marks`."""
        anchors: dict[int, list[Anchor]] = {}
        for key, note in self.writing.comments.items():
            if note.anchor:
                anchors.setdefault(place_of(key), []).append(note.anchor)
        return format_marks(self.places, anchors)

    @property
    def own_ids(self) -> set[int]:
        """The provisions that comments in the draft are on."""
        return {place_of(key) for key in self.writing.comments}

    def own_on(self, provision_id: int) -> int:
        """Which of the comments on a provision one more would be."""
        return nth_of(self.writing.next_key(provision_id))

    def said_on(self, provision_id: int) -> list[tuple[int, DraftComment]]:
        """The comments in the draft on a provision, each with which of them it is."""
        return [(nth_of(key), self.writing.comments[key]) for key in self.writing.keys_on(provision_id)]

    @property
    def steps_done(self) -> list[bool]:
        """Of commenting, answering and introducing oneself, which has been done; answering only where it is asked."""
        writing = self.writing
        answers = [bool(writing.answers)] if self.questions else []
        return [bool(writing.comments), *answers, writing.about is not None]

    def on_chapter(self, chapter: Chapter) -> int:
        """How many comments are published on a chapter and everything in it."""
        return sum(self.counts.on(place) for place in chapter.ids)

    def on(self, place: ProvisionNode) -> int:
        """How many comments are published on a provision and its points."""
        return sum(self.counts.on(part.id) for part in place.parts)

    def began(self, chapter: Chapter) -> bool:
        """Whether there is a comment on this chapter in the draft."""
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
    """`row` is the consultation where it was read already; without `asking` there are no questions in it.

    Raises NotFound where there is none.
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
    """How many published comments are about to be carried to the present version; a first one has none to wait for."""
    return carry_forward.count_uncarried(session, row.id, row.version_id or 0) if places.number > 1 else 0


def format_marks(places: ProvisionTree, found: Mapping[int, Iterable[Anchor]]) -> str:
    """Words to highlight, as a page's script reads it: `eid:start-end eid:start-end …` in characters that leave ink."""
    spans = {
        (places.by_id[place].eid, *visible_span(places.by_id[place].text, anchor))
        for place, anchored in found.items()
        if place in places.by_id
        for anchor in anchored
    }
    return " ".join(f"{eid}:{start}-{end}" for eid, start, end in sorted(spans))
