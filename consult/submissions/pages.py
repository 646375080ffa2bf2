"""What each page shows, read in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain

from sqlalchemy.orm import Session

from consult.accounts import organisations
from consult.accounts.model import Account, Organisation
from consult.consultations import answering
from consult.consultations.answering import Given
from consult.consultations.model import Consultation, Question
from consult.core.clock import now
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.paging import Page
from consult.files import queries as files
from consult.files.model import State, StoredFile
from consult.submissions import coalition, drafts, exhibits, facilitating, lists, queries, results
from consult.submissions.anchors import MOST, Anchor, ink
from consult.submissions.coalition import Joined
from consult.submissions.drafts import Held, Owner
from consult.submissions.exhibits import Exhibit
from consult.submissions.lists import Published, Voice
from consult.submissions.model import Comment, Facilitation
from consult.submissions.personal import Finding, all_findings
from consult.submissions.places import Chapter, Place, Places
from consult.submissions.queries import Counts
from consult.submissions.results import Result
from consult.submissions.writing import Note, Writing

_NOTES = 4
"""How many comments are shown in the margin of a chapter."""


@dataclass(frozen=True)
class Frame:
    """What every page of a consultation knows: the text, what was written so far, and the time."""

    consultation: Consultation
    places: Places
    questions: Sequence[Question]
    held: Held
    counts: Counts = field(default_factory=Counts)
    at: datetime = field(default_factory=now)

    @property
    def writing(self) -> Writing:
        return self.held.writing

    @property
    def is_open(self) -> bool:
        """Whether words may be written now: also after closing, by whoever amends what was returned to them."""
        return self.consultation.takes(self.at) or (self.writing.amends is not None and not self.is_early)

    def saves_itself(self, owner: Owner) -> bool:
        """Whether words are saved while they are typed: for an account, or where a draft was begun here."""
        return self.is_open and (owner.account_id is not None or bool(self.held.key))

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
    def given(self) -> dict[int, Given]:
        """The answers so far, also those to questions that are not asked any more."""
        kept, known = self.writing, {row.id: row for row in self.questions}
        return {
            number: answering.given(known[number], body, kept.chosen.get(number, ()))
            for number, body in kept.answers.items()
            if number in known
        }

    @property
    def asked(self) -> Sequence[Question]:
        """The questions that are asked of somebody who has answered so."""
        return answering.asked(self.questions, self.writing.chosen)

    @property
    def unasked(self) -> Sequence[Question]:
        """Those that have an answer which is not sent, because they are asked only after certain other answers."""
        asked = {row.id for row in self.asked}
        return [row for row in self.questions if row.id in self.writing.answers and row.id not in asked]

    @property
    def answered(self) -> Sequence[Question]:
        """Those of them that have an answer."""
        return [row for row in self.asked if row.id in self.writing.answers]

    def on_page(self, chapter: str | None, sent: str | None = None) -> list[Question]:
        """The questions on a page: those it was `sent` with; else those asked now, of a chapter where one is given."""
        if sent is not None:
            return [row for row in self.questions if str(row.id) in sent.split(",")]
        return [row for row in self.asked if chapter is None or row.chapter == chapter]

    def place(self, key: str) -> Place | None:
        """The place that an address names; None for "whole", the draft as a whole. Raises NotFound."""
        if key == "whole":
            return None
        found = self.places.find(key)
        if found is None:
            raise NotFound(_("This draft has no paragraph with that number."))
        return found

    longest = MOST  # the most characters that can be selected

    @property
    def own_marks(self) -> str:
        """The words that the comments in the draft are on, see `marks`."""
        said = self.writing.comments
        return marks(self.places, {place: [note.anchor] for place, note in said.items() if note.anchor})

    @property
    def steps_done(self) -> list[bool]:
        """Of commenting, answering and introducing oneself, which has been done; answering only where it is asked."""
        writing = self.writing
        answers = [bool(writing.answers)] if self.questions else []
        return [bool(writing.comments), *answers, writing.about is not None]

    def on_chapter(self, chapter: Chapter) -> int:
        """How many comments are published on a chapter and everything in it."""
        return sum(self.counts.on(place) for place in chapter.ids)

    def on(self, place: Place) -> int:
        """How many comments are published on a provision and its points."""
        return sum(self.counts.on(part.id) for part in place.parts)

    def began(self, chapter: Chapter) -> bool:
        """Whether there is a comment on this chapter in the draft."""
        return not self.writing.comments.keys().isdisjoint(chapter.ids)


@dataclass(frozen=True)
class Reading:
    frame: Frame
    chapters: Sequence[Chapter]
    current: Chapter | None
    margin: Mapping[int, Sequence[Voice]]
    before: Chapter | None
    after: Chapter | None
    said: str = ""  # the words that published comments are on, see `marks`
    then: Mapping[int, Place] = field(default_factory=dict)  # what comments were made on, where it was worded otherwise


@dataclass(frozen=True)
class OnePlace:
    frame: Frame
    place: Place
    head: Place | None
    voices: Page[Voice]
    stance: str
    before: Place | None
    after: Place | None
    first_page: bool
    then: Mapping[int, Place]  # what comments were made on, where it was worded otherwise

    @property
    def said(self) -> str:
        """The words that the comments shown are on, see `marks`."""
        anchored = [voice.anchor for voice in self.voices.items if voice.anchor]
        return marks(self.frame.places, {self.place.id: anchored})

    @property
    def alike(self) -> Iterator[tuple[Voice, Sequence[Voice]]]:
        """The comments shown; with the first of those that say the very same, as copies of a letter do, the others."""
        same: dict[Hashable, list[Voice]] = {}
        for voice in self.voices.items:
            same.setdefault((voice.as_said, voice.id in self.then), []).append(voice)
        for first, *others in same.values():
            yield first, others


@dataclass(frozen=True)
class Listed:
    """Published submissions; or, where the list is narrowed, the comments that match."""

    frame: Frame
    submissions: Page[Published] | None
    voices: Page[Voice] | None
    places: Mapping[int, Place]  # that these comments are on, also in earlier versions
    on: str
    question: Question | None
    stance: str
    first_page: bool
    result: Result | None = None  # of the question, where it is one of choices


@dataclass(frozen=True)
class Responding:
    """The pages on which a submission is written."""

    frame: Frame
    organisations: Sequence[Organisation] = ()
    group: Facilitation | None = None  # the group that a facilitator writes for now
    files: Mapping[int, StoredFile] = field(default_factory=dict)  # of the evidence, by their ids
    former: Mapping[int, Place] = field(default_factory=dict)  # in earlier versions, that comments are or were on

    @property
    def missing(self) -> Sequence[Question]:
        """Questions that must be answered and are not."""
        return [row for row in self.frame.asked if row.required and row.id not in self.frame.writing.answers]

    @property
    def comments(self) -> list[tuple[Place | None, Note]]:
        """The comments so far, in the order of the draft; on the draft as a whole first."""
        said = self.frame.writing.comments
        order = {place: n for n, place in enumerate(self.frame.places.by_id)}
        found = sorted(said, key=lambda place: order.get(place, -1))
        return [(self.frame.places.by_id.get(place) or self.former.get(place), said[place]) for place in found]

    def before(self, place: Place | None, note: Note) -> Place | None:
        """What a comment was written on, where that is called or worded otherwise now."""
        was = self.former.get(note.was or 0)
        same = was and place and (was.label, was.heading, was.text) == (place.label, place.heading, place.text)
        return None if same else was

    @property
    def bodies(self) -> list[str]:
        """The words in the order in which they would be filed."""
        writing = self.frame.writing
        return [
            *(note.body for note in writing.comments.values()),
            *(writing.answers[row.id] for row in self.frame.answered),
        ]

    @property
    def findings(self) -> list[Finding]:
        """What in the words could tell who somebody is."""
        about = self.frame.writing.about
        return all_findings(self.bodies, about.country if about else "")

    @property
    def refused(self) -> bool:
        """Whether nobody could be shown one of its files: it has to go before the rest is sent."""
        return any(file.state is State.REFUSED for file in self.files.values())

    @property
    def ready(self) -> bool:
        writing = self.frame.writing
        words = writing.comments or self.frame.answered
        stances = all(note.stance for note in writing.comments.values())
        evidence = all(item.described for item in writing.evidence) and not self.refused
        return bool(words and writing.about and stances and evidence and not self.missing)


@dataclass(frozen=True)
class One:
    frame: Frame
    published: Published
    places: Mapping[int, Place]  # that its comments are on, also in earlier versions
    joined: Sequence[Joined] = ()
    evidence: Sequence[Exhibit] = ()
    then: Mapping[int, Place] = field(default_factory=dict)  # what comments were made on, where it was worded otherwise


def frame(
    session: Session, slug: str, owner: Owner, *, counted: bool = False, asking: bool = True,
    row: Consultation | None = None,
) -> Frame:  # fmt: skip
    """`row` is the consultation where it was read already; without `asking` there are no questions in it.

    Raises NotFound where there is none.
    """
    row = row or lists.consultation(session, slug)
    places = lists.places(session, row.version_id or 0)
    asked = lists.questions(session, row.id) if asking else ()
    held = drafts.held(session, consultation_id=row.id, owner=owner)
    return Frame(row, places, asked, held, queries.counts(session, row.id) if counted else Counts())


def reading(
    session: Session, slug: str, owner: Owner, *, chapter: str | None, whole: bool, row: Consultation | None = None
) -> Reading:
    """The reading room: one chapter, or the whole text, with a few published comments in the margin."""
    page = frame(session, slug, owner, counted=True, row=row)
    current = page.places.chapter(chapter)
    if current is None and (chapter is not None or not page.places.chapters):
        raise NotFound(_("This draft has no such chapter."))
    shown = page.places.chapters if whole or current is None else (current,)
    wanted = [place for part in shown for place in _busiest(page, part, 2 if whole else _NOTES)]
    commented = [place for part in shown for place in part.ids if page.counts.on(place)]
    around = list(page.places.chapters)
    at = around.index(current) if current else 0
    margin = lists.margin(session, wanted, each=1)
    carried = lists.carried(chain.from_iterable(margin.values()))
    return Reading(
        page, shown, None if whole else current, margin,
        around[at - 1] if at and not whole else None,
        around[at + 1] if at + 1 < len(around) and not whole else None,
        marks(page.places, lists.anchored(session, commented)),
        lists.worded_before(session, page.consultation.version_id or 0, carried),
    )  # fmt: skip


def marks(places: Places, found: Mapping[int, Iterable[Anchor]]) -> str:
    """Words to highlight, as a page's script reads it: `eid:start-end eid:start-end …` in characters that leave ink."""
    spans = {
        (places.by_id[place].eid, *ink(places.by_id[place].text, anchor))
        for place, anchored in found.items()
        if place in places.by_id
        for anchor in anchored
    }
    return " ".join(f"{eid}:{start}-{end}" for eid, start, end in sorted(spans))


def _busiest(page: Frame, chapter: Chapter, most: int) -> list[int]:
    """The provisions of a chapter with most comments."""
    found = [place for place in chapter.ids if page.counts.on(place)]
    return sorted(found, key=lambda place: -page.counts.on(place))[:most]


def one_place(
    session: Session, slug: str, owner: Owner, *, key: str, stance: str, after: str | None, version: int | None = None,
    row: Consultation | None = None,
) -> OnePlace:  # fmt: skip
    """One provision with a page of its published comments; of the counts only those on it and its points."""
    page = frame(session, slug, owner, asking=False, row=row)
    place = lists.place_in(session, page.consultation, key, version)
    on = [part.id for part in place.parts]
    page = replace(page, counts=queries.counts(session, page.consultation.id, on=on))
    stance = stance if stance in _STANCES else ""
    voices = lists.comments_on(session, place.id, stance=stance, after=after)
    head = page.places.find(place.chapter)
    before, behind = (None, None) if place.version else page.places.beside(place)
    then = lists.worded_before(session, page.consultation.version_id or 0, lists.carried(voices.items))
    return OnePlace(page, place, head, voices, stance, before, behind, not after, then)


_STANCES = {"support", "concern", "wording", "evidence", "unsaid"}


def listed(
    session: Session, slug: str, owner: Owner, *, on: str, question: str, stance: str, after: str | None,
    row: Consultation | None = None,
) -> Listed:  # fmt: skip
    """Published submissions; with a filter the published comments that match it, so that every number opens a list."""
    page = frame(session, slug, owner, counted=True, row=row)
    stance = stance if stance in _STANCES else ""
    chosen = next((row for row in page.questions if str(page.number_of(row)) == question), None)
    if question and chosen is None:
        raise NotFound(_("This consultation has no question with that number."))
    whole, place = on == "whole", page.place(on) if on and on != "whole" else None
    submissions, voices = None, None
    if place is not None:
        voices = lists.comments_on(session, place.id, stance=stance, after=after)
    elif chosen or whole or stance:
        voices = lists.comments_in(
            session, page.consultation.id, question_id=chosen.id if chosen else None, whole=whole, stance=stance,
            after=after,
        )  # fmt: skip
    else:
        submissions = lists.published(session, page.consultation.id, after=after)
    result = results.result(session, chosen) if chosen and not after else None
    said = voices.items if voices else [one for row in submissions.items for one in row.comments] if submissions else ()
    return Listed(page, submissions, voices, _places_of(session, page, said), on, chosen, stance, not after, result)


def _places_of(session: Session, page: Frame, said: Iterable[Voice | Comment]) -> dict[int, Place]:
    on = {one.provision_id for one in said if one.provision_id}
    return lists.places_of(session, page.consultation.version_id or 0, on)


def responding(session: Session, slug: str, owner: Owner, *, naming: bool = False) -> Responding:
    """Everything that the pages of writing show; for `naming`, with the organisations the account may speak for."""
    page = frame(session, slug, owner)
    account = session.get(Account, owner.account_id) if naming and owner.account_id else None
    own = [mine.organisation for mine in organisations.organisations_of(session, account)] if account else []
    group = facilitating.going_on(session, page.consultation.id, owner.account_id) if owner.account_id else None
    said = page.writing.comments
    on = {one for place, note in said.items() for one in (place, note.was) if one} - page.places.by_id.keys()
    former = lists.places_of(session, page.consultation.version_id or 0, on)
    return Responding(page, own, group, files.by_ids(session, page.writing.file_ids), former)


def one_published(session: Session, slug: str, owner: Owner, *, reference: str, row: Consultation | None = None) -> One:
    """One published submission, whole."""
    page = frame(session, slug, owner, row=row)
    found = lists.one_published(session, page.consultation.id, reference)
    shown = exhibits.public(exhibits.of_submission(session, found.submission.id))
    places = _places_of(session, page, found.comments)
    then = lists.worded_before(session, page.consultation.version_id or 0, found.carried)
    return One(page, found, places, coalition.of(session, found.submission.id, confirmed=True), shown, then)
