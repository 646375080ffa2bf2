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
from consult.submissions import queries, question_results
from consult.submissions.anchors.provisions import Chapter, ProvisionNode
from consult.submissions.coalitions import open_notes
from consult.submissions.coalitions import service as coalitions
from consult.submissions.coalitions.service import CoSigner
from consult.submissions.comments import queries as comments_queries
from consult.submissions.comments.published import PublishedComment, PublishedSubmission
from consult.submissions.drafts.personal_data_hints import PersonalDataHint, find_all_hints
from consult.submissions.drafts.service import DraftOwner
from consult.submissions.drafts.values import DraftComment, nth_of, place_of
from consult.submissions.evidence import papers
from consult.submissions.evidence import queries as evidence_queries
from consult.submissions.evidence.papers import PaperText
from consult.submissions.evidence.queries import EvidencePiece
from consult.submissions.facilitation import service as facilitation
from consult.submissions.model import Comment, Facilitation
from consult.submissions.pages.additions import find_additions
from consult.submissions.pages.frames import Frame, count_uncarried, format_marks, frame
from consult.submissions.question_results import QuestionResult

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
"""How many comments of each submission the list of all submissions shows."""
_NOTES = 4
"""How many paragraphs of a chapter have a note in the margin; half as many where the whole draft is shown."""


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
        """The paragraphs shown that somebody has spoken on."""
        return [place for part in self.chapters for place in part.all if self.frame.on(place)]

    @property
    def busiest(self) -> list[ProvisionNode]:
        """Those of each chapter on which most was said: beside them stands what most people say."""
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

    @property
    def said(self) -> str:
        """The words that the comments shown are on, see `marks`."""
        anchored = [voice.anchor for voice in self.voices.items if voice.anchor]
        return format_marks(self.frame.places, {self.place.id: anchored})

    @property
    def alike(self) -> Iterator[tuple[PublishedComment, Sequence[PublishedComment]]]:
        """The comments shown; with the first of those that say the very same, as copies of a letter do, the others."""
        same: dict[Hashable, list[PublishedComment]] = {}
        for voice in self.voices.items:
            same.setdefault((voice.as_said, voice.id in self.then), []).append(voice)
        for first, *others in same.values():
            yield first, others

    @cached_property
    def additions(self) -> dict[int, str]:
        """What those shown add to the ones above them, where they repeat sentences of these."""
        return find_additions(voice for voice, _others in self.alike)


@dataclass(frozen=True)
class PublishedListPage:
    """Published submissions; or, where the list is narrowed, the comments that match."""

    frame: Frame
    submissions: Page[PublishedSubmission] | None
    voices: Page[PublishedComment] | None
    places: Mapping[int, ProvisionNode]  # that these comments are on, also in earlier versions
    on: str
    question: Question | None
    stance: str
    first_page: bool
    result: QuestionResult | None = None  # of the question, where it is one of choices

    @property
    def redactions(self) -> Iterator[Sequence[Any] | None]:
        """Of each comment that is shown."""
        for row in self.submissions.items if self.submissions else ():
            yield from (comment.redactions for comment in row.comments[:SHOWN_COMMENTS])
        for voice in self.voices.items if self.voices else ():
            yield voice.redactions

    @property
    def words(self) -> dict[int, str]:
        """The public words of each comment that is shown, by its id."""
        rows = self.submissions.items if self.submissions else ()
        found = {comment.id: comment.public_body for row in rows for comment in row.comments[:SHOWN_COMMENTS]}
        return found | {voice.id: voice.body for voice in (self.voices.items if self.voices else ())}


@dataclass(frozen=True)
class DraftPage:
    """The pages on which a submission is written."""

    frame: Frame
    organisations: Sequence[Organisation] = ()
    group: Facilitation | None = None  # the group that a facilitator writes for now
    files: Mapping[int, StoredFile] = field(default_factory=dict)  # of the evidence, by their ids
    former: Mapping[int, ProvisionNode] = field(
        default_factory=dict
    )  # in earlier versions, that comments are or were on
    papers: Mapping[int, PaperText] = field(default_factory=dict)  # the texts of its papers, by the ids of their files

    @property
    def unread(self) -> bool:
        """Whether the text of a paper is not there: it is still being checked, or has none that can be read."""
        return any(not (it := self.papers.get(item.file_id or 0)) or not it.parts for item in self.frame.writing.papers)

    @property
    def waiting(self) -> bool:
        """Whether a paper is still being checked."""
        return any(it.state is State.WAITING for it in self.papers.values())

    @property
    def missing(self) -> Sequence[Question]:
        """Questions that must be answered and are not."""
        return [row for row in self.frame.asked if row.required and row.id not in self.frame.writing.answers]

    @property
    def comments(self) -> list[tuple[ProvisionNode | None, DraftComment, int]]:
        """The comments so far, each with which of those on its place it is; in the order of the draft."""
        said = self.frame.writing.comments
        order = {place: n for n, place in enumerate(self.frame.places.by_id)}
        found = sorted(said, key=lambda key: (order.get(place_of(key), -1), key))
        return [(self._place(place_of(key)), said[key], nth_of(key)) for key in found]

    def _place(self, provision_id: int) -> ProvisionNode | None:
        return self.frame.places.by_id.get(provision_id) or self.former.get(provision_id)

    def before(self, place: ProvisionNode | None, note: DraftComment) -> ProvisionNode | None:
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
            *(part for it in self.papers.values() for part in it.parts),
            *(writing.answers[row.id] for row in self.frame.answered),
        ]

    @property
    def findings(self) -> list[PersonalDataHint]:
        """Possible personal data in the words."""
        about = self.frame.writing.about
        return find_all_hints(self.bodies, about.country if about else "")

    @property
    def refused(self) -> bool:
        """Whether nobody could be shown one of its files: it has to go before the rest is sent."""
        return any(file.state is State.REFUSED for file in self.files.values())

    @property
    def ready(self) -> bool:
        writing = self.frame.writing
        words = writing.comments or self.frame.answered or self.papers
        stances = all(note.stance for note in writing.comments.values())
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
    noted: Sequence[str] = ()  # organisations whose notes beside its draft were open when it was sent


def get_reading_page(
    session: Session, slug: str, owner: DraftOwner, *, chapter: str | None, whole: bool, row: Consultation | None = None
) -> ReadingPage:
    """The reading room: one chapter, or the whole text."""
    page = frame(session, slug, owner, counted=True, row=row)
    current = page.places.chapter(chapter)
    if current is None and (chapter is not None or not page.places.chapters):
        raise NotFound(_("This draft has no such chapter."))
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
    """One provision with a page of its published comments; of the counts only those on it and its points."""
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
    return ProvisionPage(page, place, head, voices, stance, before, behind, not after, then)


_STANCES = {"support", "concern", "wording", "evidence", "unsaid"}


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
    """Published submissions; with a filter the published comments that match it, so that every number opens a list."""
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
    said = voices.items if voices else [one for row in submissions.items for one in row.comments] if submissions else ()
    return PublishedListPage(
        page, submissions, voices, _places_of(session, page, said), on, chosen, stance, not after, result
    )


def _places_of(session: Session, page: Frame, said: Iterable[PublishedComment | Comment]) -> dict[int, ProvisionNode]:
    on = {one.provision_id for one in said if one.provision_id}
    return comments_queries.get_provisions(session, page.consultation.version_id or 0, on)


def get_draft_page(session: Session, slug: str, owner: DraftOwner, *, naming: bool = False) -> DraftPage:
    """Everything that the pages of writing show; for `naming`, with the organisations the account may speak for."""
    page = frame(session, slug, owner)
    account = session.get(Account, owner.account_id) if naming and owner.account_id else None
    own = [mine.organisation for mine in organisations.list_organisations(session, account)] if account else []
    group = facilitation.get_open_meeting(session, page.consultation.id, owner.account_id) if owner.account_id else None
    said = page.writing.comments
    on = {one for key, note in said.items() for one in (place_of(key), note.was) if one} - page.places.by_id.keys()
    former = comments_queries.get_provisions(session, page.consultation.version_id or 0, on)
    texts = papers.read_texts(session, page.writing.papers)
    return DraftPage(page, own, group, files.get_files(session, page.writing.file_ids), former, texts)


def get_submission_page(
    session: Session, slug: str, owner: DraftOwner, *, reference: str, row: Consultation | None = None
) -> SubmissionPage:
    """One published submission, whole."""
    page = frame(session, slug, owner, row=row)
    found = comments_queries.get_published_submission(session, page.consultation.id, reference)
    shown = evidence_queries.filter_public(evidence_queries.list_by_submission(session, found.submission.id))
    places = _places_of(session, page, found.comments)
    then = comments_queries.get_reworded_provisions(session, page.consultation.version_id or 0, found.carried)
    joined = coalitions.list_cosigners(session, found.submission.id, confirmed=True)
    noted = open_notes.list_kept(session, found.submission.id) if found.submission.organisation_id else ()
    return SubmissionPage(page, found, places, joined, shown, then, noted)
