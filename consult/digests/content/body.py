"""The body of a digest: numbers, findings and quotes as frozen records. Mails, pages and documents are made from it.

A body holds no prose: a finding is a kind and its numbers, and templates phrase it in the reader's language.
`body_json.py` reads and writes it. A field with a default was added after the first bodies, or may be empty: the JSON
omits it while it has its default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from consult.digests.content.rows import (
    AnsweredRow,
    ArgumentRow,
    CallRow,
    CampaignRow,
    CaseStudyRow,
    DividedPlace,
    GroupDifference,
    MarkedSentence,
    PlaceAgreement,
    PlaceReference,
    PlaceRow,
    ReviewedPlanRow,
    ShortAnswerRow,
    TopicRow,
)
from consult.submissions.fields import COUNTED

DIMENSIONS = {"kind": "kinds", **{name: groups.key for name, groups in COUNTED.items()}}
"""By what groups of contributors are told apart, and the key of each breakdown in JSON."""


@dataclass(frozen=True)
class ConsultationFacts:
    """What a digest repeats of its consultation."""

    slug: str
    code: str
    title: str
    body: str
    language: str
    timezone: str
    opens_at: datetime
    closes_at: datetime
    answer_by: date | None

    def day_of(self, moment: datetime) -> date:
        """The day of a moment where the consultation is held."""
        return moment.astimezone(ZoneInfo(self.timezone)).date()


@dataclass(frozen=True)
class Erratum:
    """A comment that an earlier edition quotes and that may no longer be read so."""

    comment: int
    reference: str
    digest: int
    edition: int
    gone: str  # "withheld", "withdrawn", "erased", "redacted" or "amended"


@dataclass(frozen=True, kw_only=True)
class ArgumentsManifest:
    """The ledger number, encoders and revision that a digest's arguments are as of."""

    upto: int
    vectors: tuple[str, ...]
    revisions: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class BodyManifest:
    """From what and by which rules a body was made. Versions are those of the files that say so."""

    window: tuple[int, int]
    rules: Mapping[str, int]
    input: str
    arguments: ArgumentsManifest | None = None


@dataclass(frozen=True, kw_only=True)
class CountHeadline:
    """A finding about no place: what happened, and how often."""

    kind: str  # "closed", "letter", "published", "received", "answered", "event", "errata" or "moved"
    n: int | None = None
    event: str | None = None
    letter: str | None = None  # the campaign that more than half of what came is of
    others: int | None = None  # texts besides letters


@dataclass(frozen=True, kw_only=True)
class PlaceHeadline:
    """What most of those who spoke to a place said: `n` of its `of` submissions."""

    kind: str  # "stance", "split", "place" or "overview"
    place: str
    number: str
    of: int
    published: int
    new: bool | None
    n: int | None = None
    stance: str | None = None
    stances: tuple[str, ...] | None = None
    texts: int | None = None  # distinct texts of those who speak there; older bodies do not know

    @property
    def sides(self) -> tuple[str, ...]:
        """The stances that it shows: one, two that are level, or none."""
        return self.stances or ((self.stance,) if self.stance else ())


@dataclass(frozen=True, kw_only=True)
class ReaderDuty:
    """What is asked of the reader."""

    kind: str  # "open", "answer", "overdue" or "none"
    days: int | None = None


@dataclass(frozen=True, kw_only=True)
class NewAndTotal:
    new: int
    total: int


@dataclass(frozen=True, kw_only=True)
class FourNumbers:
    """The four numbers at the head of a digest."""

    received: NewAndTotal
    texts: NewAndTotal
    individual: NewAndTotal
    organisations: NewAndTotal


@dataclass(frozen=True, kw_only=True)
class NewsSection:
    """What happened in the window, in submissions; `texts` are those first received in it."""

    received: int
    published: int
    returned: int
    amended: int
    withheld: int
    withdrawn: int
    erased: int
    texts: int
    individual_texts: int
    organisations: int
    names: tuple[str, ...]  # of organisations published in the window, the first few
    events: tuple[str, ...]  # kinds of ledger entries that are not about one submission
    replied: int = 0  # sent in again as they were


@dataclass(frozen=True, kw_only=True)
class BooksSection:
    """The terms that add up to what was received, and what is published by its class."""

    received: int
    published: int
    published_individually: int
    published_in_campaigns: int
    withheld: int
    withdrawn: int
    erased: int
    pending: int
    texts: int
    campaigns: int
    organisations: int
    classes: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class CoverageSection:
    """How much of what is published is placed, and how much is in an argument or a letter."""

    published: int
    placed: int
    unplaced: int
    spoken: int | None = None
    letter: int | None = None
    arguments: int | None = None
    campaigns: int | None = None
    either: int | None = None


@dataclass(frozen=True, kw_only=True)
class GroupBreakdown:
    """Groups of contributors that are large enough to be shown, the largest first; `rest` are of `groups` others."""

    shown: tuple[tuple[str, int], ...]
    rest: int
    groups: int


@dataclass(frozen=True, kw_only=True)
class ContributorSection:
    """Who was heard; in a report also what most agree on, where groups differ, and when comments came."""

    k: int
    breakdowns: Mapping[str, GroupBreakdown]  # by DIMENSIONS; an older body lacks those that came later
    agreed: tuple[PlaceAgreement, ...] | None = None
    differ: tuple[GroupDifference, ...] | None = None
    days: tuple[tuple[str, int], ...] | None = None


@dataclass(frozen=True, kw_only=True)
class MissedTarget:
    """A group of which fewer were heard than the owner's target; `few`: under the floor, and shown as such."""

    dimension: str
    key: str
    label: str
    wanted: int
    n: int
    few: bool


@dataclass(frozen=True, kw_only=True)
class HeardLess:
    """Who is missing: missed targets, and kinds not heard, hardly heard, or not quoted."""

    k: int
    targets: tuple[MissedTarget, ...]
    absent: tuple[str, ...]
    few: tuple[str, ...]
    unquoted: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class FirstSpoken(PlaceReference):
    """A place spoken of for the first time."""

    submissions: int


@dataclass(frozen=True, kw_only=True)
class StanceShift(PlaceReference):
    """A stance that gained or lost at a place: of how many it was and is. Bodies up to version 3 have the shares."""

    stance: str
    was_of: tuple[int, int] | None = None
    now_of: tuple[int, int] | None = None
    was: int | None = None
    now: int | None = None


@dataclass(frozen=True, kw_only=True)
class LargestPlace(PlaceReference):
    """The place with most submissions, where it was another one before."""

    was: str


@dataclass(frozen=True, kw_only=True)
class EditionChanges:
    """What moved since the last edition."""

    edition: int
    first_spoken: tuple[FirstSpoken, ...]
    first_spoken_in_all: int
    shifts: tuple[StanceShift, ...]
    top: LargestPlace | None


@dataclass(frozen=True, kw_only=True)
class AnsweredSection:
    n: int
    arguments: tuple[AnsweredRow, ...]


@dataclass(frozen=True, kw_only=True)
class Body:
    """The finished digest."""

    manifest: BodyManifest
    consultation: ConsultationFacts
    cadence: str
    edition: int
    from_at: datetime
    to_at: datetime
    headline: CountHeadline | PlaceHeadline
    duty: ReaderDuty
    numbers: FourNumbers
    news: NewsSection
    books: BooksSection
    places: tuple[PlaceRow, ...]
    topics: tuple[TopicRow, ...]
    copied: tuple[CampaignRow, ...]
    arguments: tuple[ArgumentRow, ...]
    leading: tuple[ArgumentRow, ...]
    divided: tuple[DividedPlace, ...]
    since: EditionChanges | None
    errata: tuple[Erratum, ...]
    coverage: CoverageSection | None = None
    who: ContributorSection | None = None
    heard_less: HeardLess | None = None
    answered: AnsweredSection | None = None
    short_answers: tuple[ShortAnswerRow, ...] = ()
    calls: tuple[CallRow, ...] = ()
    studies: tuple[CaseStudyRow, ...] = ()
    reviewed: ReviewedPlanRow | None = None
    sentence: MarkedSentence | None = None  # of the place that the finding is about
    version: int = 0  # of its JSON; those written before there was one have none

    @property
    def to_day(self) -> date:
        return self.consultation.day_of(self.to_at)
