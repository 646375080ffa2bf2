"""Data of each page, read in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from sqlalchemy.orm import Session

from consult.accounts.model import Account, Organisation
from consult.accounts.organisations import service as organisations
from consult.consultations.model import Consultation, Question
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.paging import Page
from consult.files import queries as files
from consult.files.model import State, StoredFile
from consult.submissions import queries
from consult.submissions.amendments import queries as amendments
from consult.submissions.amendments.queries import SupportedAmendment
from consult.submissions.anchors.provisions import Chapter, ProvisionNode
from consult.submissions.coalitions import service as coalitions
from consult.submissions.coalitions.service import CoSigner
from consult.submissions.comments import queries as comments_queries
from consult.submissions.comments.published import PublishedComment, PublishedSubmission
from consult.submissions.content.draft import DraftComment, nth_of, place_of
from consult.submissions.drafts import open_notes, papers
from consult.submissions.drafts.papers import PaperText
from consult.submissions.drafts.personal_data_hints import PersonalDataHint, find_all_hints
from consult.submissions.drafts.service import DraftOwner
from consult.submissions.drafts.taking_out import take_out
from consult.submissions.evidence import queries as evidence_queries
from consult.submissions.evidence.queries import EvidencePiece
from consult.submissions.facilitation import service as facilitation
from consult.submissions.facilitation.model import Facilitation
from consult.submissions.model import Comment, Stance
from consult.submissions.pages import question_results
from consult.submissions.pages.additions import find_additions
from consult.submissions.pages.frames import Frame, count_uncarried, format_marks, frame
from consult.submissions.pages.question_results import QuestionResult
from consult.submissions.supporters import service as supporters

__all__ = [
    "DraftPage",
    "Frame",
    "ProvisionPage",
    "PublishedListPage",
    "ReadingPage",
    "SubmissionPage",
    "format_marks",
    "frame",
    "get_draft_page",
    "get_list_page",
    "get_provision_page",
    "get_reading_page",
    "get_submission_page",
]
SHOWN_COMMENTS = 2
"""Number of comments shown for each submission in the list."""
_NOTES = 4
"""Number of paragraphs of a chapter with a note in the margin. Half as many if the whole draft is shown."""


@dataclass(frozen=True)
class ReadingPage:
    frame: Frame
    chapters: Sequence[Chapter]
    current: Chapter | None
    before: Chapter | None
    after: Chapter | None
    said: str = ""  # the words that published comments are on, see `marks`

    @property
    def commented(self) -> list[ProvisionNode]:
        """Return the shown paragraphs with comments."""
        return [place for part in self.chapters for place in part.all if self.frame.on(place)]

    @property
    def busiest(self) -> list[ProvisionNode]:
        """Return the paragraphs of each chapter with the most comments.

        The page shows the main argument next to them.
        """
        most = _NOTES if self.current else _NOTES // 2
        found: list[ProvisionNode] = []
        for chapter in self.chapters:
            said = [place for place in chapter.all if self.frame.on(place)]
            found += sorted(said, key=lambda place: -self.frame.on(place))[:most]
        return found


@dataclass(frozen=True)
class ProvisionPage:
    frame: Frame
    place: ProvisionNode
    head: ProvisionNode | None
    voices: Page[PublishedComment]
    stance: str
    before: ProvisionNode | None
    after: ProvisionNode | None
    first_page: bool
    then: Mapping[int, ProvisionNode]  # what comments were made on, where it was worded otherwise
    supported: Mapping[int, SupportedAmendment] = field(default_factory=dict)  # by the comments with them

    @property
    def said(self) -> str:
        """Return the words of the shown comments: see `format_marks`."""
        anchored = [voice.anchor for voice in self.voices.items if voice.anchor]
        return format_marks(self.frame.places, {self.place.id: anchored})

    @property
    def alike(self) -> Iterator[tuple[PublishedComment, Sequence[PublishedComment]]]:
        """Yield the shown comments, each with the comments identical to it, such as copies of a campaign letter."""
        same: dict[Hashable, list[PublishedComment]] = {}
        for voice in self.voices.items:
            same.setdefault((voice.as_said, voice.id in self.then), []).append(voice)
        for first, *others in same.values():
            yield first, others

    @cached_property
    def additions(self) -> dict[int, str]:
        """Return the additions of shown comments that repeat sentences of those above."""
        return find_additions(voice for voice, _others in self.alike)


@dataclass(frozen=True)
class PublishedListPage:
    """Published submissions, or with a filter the matching comments."""

    frame: Frame
    submissions: Page[PublishedSubmission] | None
    voices: Page[PublishedComment] | None
    places: Mapping[int, ProvisionNode]  # that these comments are on, also in earlier versions
    on: str
    question: Question | None
    stance: str
    first_page: bool
    result: QuestionResult | None = None  # of the question, where it is one of choices
    supported: Mapping[int, SupportedAmendment] = field(default_factory=dict)

    @property
    def redactions(self) -> Iterator[Sequence[Any] | None]:
        """Yield the redactions of each shown comment."""
        for row in self.submissions.items if self.submissions else ():
            yield from (comment.redactions for comment in row.comments[:SHOWN_COMMENTS])
        for voice in self.voices.items if self.voices else ():
            yield voice.redactions

    @property
    def words(self) -> dict[int, str]:
        """Return the public text of each shown comment by id."""
        rows = self.submissions.items if self.submissions else ()
        words = {comment.id: comment.public_body for row in rows for comment in row.comments[:SHOWN_COMMENTS]}
        return words | {voice.id: voice.body for voice in (self.voices.items if self.voices else ())}


@dataclass(frozen=True)
class DraftPage:
    """The pages for writing a submission."""

    frame: Frame
    organisations: Sequence[Organisation] = ()
    group: Facilitation | None = None  # the group that a facilitator writes for now
    files: Mapping[int, StoredFile] = field(default_factory=dict)  # of the evidence, by their ids
    former: Mapping[int, ProvisionNode] = field(
        default_factory=dict
    )  # in earlier versions, that comments are or were on
    papers: Mapping[int, PaperText] = field(default_factory=dict)  # the texts of its papers, by the ids of their files
    supported: Mapping[int, SupportedAmendment] = field(default_factory=dict)

    @property
    def unread(self) -> bool:
        """Return whether the text of a paper is missing: still being checked, or unreadable."""
        return any(not (it := self.papers.get(item.file_id or 0)) or not it.parts for item in self.frame.writing.papers)

    @property
    def waiting(self) -> bool:
        """Return whether a paper is still being checked."""
        return any(it.state is State.WAITING for it in self.papers.values())

    @property
    def missing(self) -> Sequence[Question]:
        """Return required questions without an answer."""
        return [row for row in self.frame.asked if row.required and row.id not in self.frame.writing.answers]

    @property
    def comments(self) -> list[tuple[ProvisionNode | None, DraftComment, int]]:
        """Return the comments in the order of the draft, each with its index on its part of the draft."""
        said = self.frame.writing.comments
        order = {place: n for n, place in enumerate(self.frame.places.by_id)}
        comments = sorted(said, key=lambda key: (order.get(place_of(key), -1), key))
        return [(self._place(place_of(key)), said[key], nth_of(key)) for key in comments]

    def _place(self, provision_id: int) -> ProvisionNode | None:
        return self.frame.places.by_id.get(provision_id) or self.former.get(provision_id)

    def before(self, place: ProvisionNode | None, note: DraftComment) -> ProvisionNode | None:
        """Return the provision a comment was written on, if its name or text has changed since."""
        was = self.former.get(note.was or 0)
        same = was and place and (was.label, was.heading, was.text) == (place.label, place.heading, place.text)
        return None if same else was

    @property
    def bodies(self) -> list[str]:
        """Return the texts in the order of filing."""
        writing = self.frame.writing
        return [
            *(note.body for note in writing.comments.values()),
            *(part for it in self.papers.values() for part in it.parts),
            *(writing.answers[row.id] for row in self.frame.answered),
        ]

    @property
    def findings(self) -> list[PersonalDataHint]:
        """Return possible personal data in the words, and in descriptions of evidence that is published."""
        public = [item for item in self.frame.writing.evidence if not item.private]
        return find_all_hints(
            [*self.bodies, *(words for item in public for words in item.notes.values())], self.country
        )

    @property
    def country(self) -> str:
        """Return the country whose phone numbers are recognised without a country code."""
        about = self.frame.writing.about
        return about.country if about else ""

    @property
    def side(self) -> str:
        """Return the author's position on the draft as a whole, or ""."""
        about = self.frame.writing.about
        return about.side if about else ""

    @property
    def coverable(self) -> bool:
        """Return True if some of the personal data can be removed on this page, because it is not only in a paper."""
        return take_out(self.frame.writing, self.country) != self.frame.writing

    @property
    def refused(self) -> bool:
        """Return True if one of its files was refused. It must be removed before sending."""
        return any(file.state is State.REFUSED for file in self.files.values())

    @property
    def ready(self) -> bool:
        writing = self.frame.writing
        words = writing.comments or self.frame.answered or self.papers
        stances = all(note.stance or note.agrees_with for note in writing.comments.values())
        evidence = all(item.described for item in writing.evidence) and not self.refused
        return bool(words and writing.about and stances and evidence and not self.missing and not self.unread)


@dataclass(frozen=True)
class SubmissionPage:
    frame: Frame
    published: PublishedSubmission
    places: Mapping[int, ProvisionNode]  # that its comments are on, also in earlier versions
    joined: Sequence[CoSigner] = ()
    evidence: Sequence[EvidencePiece] = ()
    then: Mapping[int, ProvisionNode] = field(
        default_factory=dict
    )  # what comments were made on, where it was worded otherwise
    supported: Mapping[int, SupportedAmendment] = field(default_factory=dict)
    sent_through: str | None = None  # the organisation whose program sent it for its author
    noted: Sequence[str] = ()  # organisations whose notes beside its draft were open when it was sent


def get_reading_page(
    session: Session, slug: str, owner: DraftOwner, *, chapter: str | None, whole: bool, row: Consultation | None = None
) -> ReadingPage:
    """Return the reading page of one chapter or the whole text. Raises NotFound."""
    page = frame(session, slug, owner, counted=True, row=row)
    current = page.places.chapter(chapter)
    if current is None and (chapter is not None or not page.places.chapters):
        raise NotFound(_("We cannot find this chapter in the draft."))
    shown = page.places.chapters if whole or current is None else (current,)
    commented = [place for part in shown for place in part.ids if page.counts.on(place)]
    around = list(page.places.chapters)
    at = around.index(current) if current else 0
    return ReadingPage(
        page,
        shown,
        None if whole else current,
        around[at - 1] if at and not whole else None,
        around[at + 1] if at + 1 < len(around) and not whole else None,
        format_marks(page.places, comments_queries.newest_anchors(session, commented)),
    )


def get_provision_page(
    session: Session,
    slug: str,
    owner: DraftOwner,
    *,
    key: str,
    stance: str,
    after: str | None,
    version: int | None = None,
    row: Consultation | None = None,
) -> ProvisionPage:
    """Return a provision with a page of its published comments. Counts cover only it and its points."""
    page = frame(session, slug, owner, asking=False, row=row)
    place = comments_queries.find_provision(session, page.consultation, key, version)
    on = [part.id for part in place.parts]
    counts = queries.get_counts(session, page.consultation.id, on=on)
    page = replace(
        page, counts=counts, moving=0 if place.version else count_uncarried(session, page.consultation, page.places)
    )
    stance = stance if stance in _STANCES else ""
    voices = comments_queries.list_on_provision(session, place.id, stance=stance, after=after)
    head = page.places.find(place.chapter)
    before, behind = (None, None) if place.version else page.places.beside(place)
    then = comments_queries.get_reworded_provisions(
        session, page.consultation.version_id or 0, comments_queries.original_anchors(voices.items)
    )
    supported = amendments.list_supported(session, voices.items)
    return ProvisionPage(page, place, head, voices, stance, before, behind, not after, then, supported)


_STANCES = {*Stance, "unsaid"}


def get_list_page(
    session: Session,
    slug: str,
    owner: DraftOwner,
    *,
    on: str,
    question: str,
    stance: str,
    after: str | None,
    row: Consultation | None = None,
) -> PublishedListPage:
    """Return published submissions, or with a filter the matching comments, so that every number links to a list.

    Raises NotFound.
    """
    page = frame(session, slug, owner, counted=True, row=row)
    stance = stance if stance in _STANCES else ""
    chosen = next((row for row in page.questions if str(page.number_of(row)) == question), None)
    if question and chosen is None:
        raise NotFound(_("This consultation has no question with that number."))
    whole, place = on == "whole", page.place(on) if on and on != "whole" else None
    submissions, voices = None, None
    if place is not None:
        voices = comments_queries.list_on_provision(session, place.id, stance=stance, after=after)
    elif chosen or whole or stance:
        voices = comments_queries.list_in_consultation(
            session,
            page.consultation.id,
            question_id=chosen.id if chosen else None,
            whole=whole,
            stance=stance,
            after=after,
        )
    else:
        submissions = comments_queries.list_published_submissions(session, page.consultation.id, after=after)
    result = question_results.get_result(session, chosen) if chosen and not after else None
    rows = submissions.items if submissions else ()
    words = voices.items if voices else [comment for it in rows for comment in it.comments]
    places, supported = _places_of(session, page, words), amendments.list_supported(session, words)
    return PublishedListPage(page, submissions, voices, places, on, chosen, stance, not after, result, supported)


def _places_of(session: Session, page: Frame, said: Iterable[PublishedComment | Comment]) -> dict[int, ProvisionNode]:
    on = {one.provision_id for one in said if one.provision_id}
    return comments_queries.get_provisions(session, page.consultation.version_id or 0, on)


def get_draft_page(session: Session, slug: str, owner: DraftOwner, *, naming: bool = False) -> DraftPage:
    """Return the data of the pages for writing. With `naming`, include organisations the account may speak for."""
    page = frame(session, slug, owner)
    account = session.get(Account, owner.account_id) if naming and owner.account_id else None
    own = [mine.organisation for mine in organisations.list_organisations(session, account)] if account else []
    group = facilitation.get_open_meeting(session, page.consultation.id, owner.account_id) if owner.account_id else None
    said = page.writing.comments
    on = {one for key, note in said.items() for one in (place_of(key), note.was) if one} - page.places.by_id.keys()
    former = comments_queries.get_provisions(session, page.consultation.version_id or 0, on)
    texts = papers.read_texts(session, page.writing.papers)
    supported = amendments.list_supported(session, said.values())
    return DraftPage(page, own, group, files.get_files(session, page.writing.file_ids), former, texts, supported)


def get_submission_page(
    session: Session, slug: str, owner: DraftOwner, *, reference: str, row: Consultation | None = None
) -> SubmissionPage:
    """Return a published submission."""
    page = frame(session, slug, owner, row=row)
    submission = comments_queries.get_published_submission(session, page.consultation.id, reference)
    shown = evidence_queries.filter_public(evidence_queries.list_by_submission(session, submission.submission.id))
    places = _places_of(session, page, submission.comments)
    then = comments_queries.get_reworded_provisions(session, page.consultation.version_id or 0, submission.carried)
    joined = coalitions.list_cosigners(session, submission.submission.id, confirmed=True)
    noted = open_notes.list_kept(session, submission.submission.id) if submission.submission.organisation_id else ()
    supported = amendments.list_supported(session, submission.comments)
    source = supporters.find_source(session, submission.submission.id)
    return SubmissionPage(page, submission, places, joined, shown, then, supported, source, noted)
