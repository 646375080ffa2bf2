"""The body of a digest: numbers, findings and quotes as immutable records.

E-mails, pages and documents are made from it. A body contains no prose: a finding is a kind and its numbers, and
templates phrase it in the reader's language. `body_json.py` reads and writes it. A field with a default was added after
the first bodies, or may be empty: the JSON omits it while it has its default.
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
    PapersSection,
    PlaceAgreement,
    PlaceReference,
    PlaceRow,
    ReviewedPlanRow,
    ShortAnswerRow,
    TopicRow,
)
from consult.digests.sides.section import SidesSection
from consult.submissions.fields import COUNTED

DIMENSIONS = {"kind": "kinds", **{name: groups.key for name, groups in COUNTED.items()}}
"""The dimensions by which contributors are grouped, and the key of each breakdown in JSON."""


@dataclass(frozen=True)
class ConsultationFacts:
    """The data of the consultation copied into a digest."""

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
        """Return the date of a moment in the consultation's time zone."""
        return moment.astimezone(ZoneInfo(self.timezone)).date()


@dataclass(frozen=True)
class Erratum:
    """A comment whose quote in an earlier edition no longer matches its published text."""

    comment: int
    reference: str
    digest: int
    edition: int
    gone: str  # "withheld", "withdrawn", "erased", "redacted" or "amended"


@dataclass(frozen=True, kw_only=True)
class ArgumentsManifest:
    """The ledger entry, encoders and revision of a digest's arguments."""

    upto: int
    vectors: tuple[str, ...]
    revisions: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class BodyManifest:
    """The input and the versions of the rules from which a body was made.

    The versions are those declared in the files.
    """

    window: tuple[int, int]
    rules: Mapping[str, int]
    input: str
    arguments: ArgumentsManifest | None = None


@dataclass(frozen=True, kw_only=True)
class CountHeadline:
    """A finding about no particular part of the draft: an event and its number."""

    kind: str  # "sides", "closed", "letter", "published", "received", "answered", "event", "errata" or "moved"
    n: int | None = None
    event: str | None = None
    letter: str | None = None  # the campaign that more than half of what came is of
    others: int | None = None  # texts besides letters


@dataclass(frozen=True, kw_only=True)
class PlaceHeadline:
    """A finding about a part of the draft: `n` of its `of` submissions take the most frequent type."""

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
        """Return the types it shows: one, two in a tie, or none."""
        return self.stances or ((self.stance,) if self.stance else ())


@dataclass(frozen=True, kw_only=True)
class ReaderDuty:
    """A task for the reader."""

    kind: str  # "open", "answer", "overdue" or "none"
    days: int | None = None


@dataclass(frozen=True, kw_only=True)
class NewAndTotal:
    new: int
    total: int


@dataclass(frozen=True, kw_only=True)
class FourNumbers:
    """The four numbers at the top of a digest."""

    received: NewAndTotal
    texts: NewAndTotal
    individual: NewAndTotal
    organisations: NewAndTotal


@dataclass(frozen=True, kw_only=True)
class NewsSection:
    """Events of the window, in submissions. `texts` counts texts first received in it."""

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
    """The terms that add up to the submissions received, and published submissions by class."""

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
    """The number of published submissions that refer to a part of the draft, or are in an argument or a campaign."""

    published: int
    placed: int
    unplaced: int
    spoken: int | None = None
    letter: int | None = None
    arguments: int | None = None
    campaigns: int | None = None
    either: int | None = None
    checked: int | None = None  # in an argument that a person checked


@dataclass(frozen=True, kw_only=True)
class GroupBreakdown:
    """Groups of contributors large enough to be shown, largest first. `rest` is the total of `groups` other groups."""

    shown: tuple[tuple[str, int], ...]
    rest: int
    groups: int


@dataclass(frozen=True, kw_only=True)
class ContributorSection:
    """The contributors. In a report also points of agreement, differences between groups, and comments by day."""

    k: int
    breakdowns: Mapping[str, GroupBreakdown]  # by DIMENSIONS; an older body lacks those that came later
    agreed: tuple[PlaceAgreement, ...] | None = None
    differ: tuple[GroupDifference, ...] | None = None
    days: tuple[tuple[str, int], ...] | None = None


@dataclass(frozen=True, kw_only=True)
class MissedTarget:
    """A group with fewer contributors than the owner's target. `few` means below the minimum that may be shown."""

    dimension: str
    key: str
    label: str
    wanted: int
    n: int
    few: bool


@dataclass(frozen=True, kw_only=True)
class HeardLess:
    """Missing contributors: missed targets, and kinds that are absent, few or not quoted."""

    k: int
    targets: tuple[MissedTarget, ...]
    absent: tuple[str, ...]
    few: tuple[str, ...]
    unquoted: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class FirstSpoken(PlaceReference):
    """A part of the draft commented on for the first time."""

    submissions: int


@dataclass(frozen=True, kw_only=True)
class StanceShift(PlaceReference):
    """A type of comment whose share changed on a part of the draft, before and after.

    Bodies up to version 3 have the shares.
    """

    stance: str
    was_of: tuple[int, int] | None = None
    now_of: tuple[int, int] | None = None
    was: int | None = None
    now: int | None = None


@dataclass(frozen=True, kw_only=True)
class LargestPlace(PlaceReference):
    """The part of the draft with most submissions, if it was another one before."""

    was: str


@dataclass(frozen=True, kw_only=True)
class EditionChanges:
    """Changes since the last edition."""

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
    """A finished digest."""

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
    left_out: Mapping[str, int] | None = None  # entries that its lists do not hold, by list
    sentence: MarkedSentence | None = None  # of the place that the finding is about
    sides: SidesSection | None = None
    papers: PapersSection | None = None
    version: int = 0  # of its JSON; those written before there was one have none

    @property
    def to_day(self) -> date:
        return self.consultation.day_of(self.to_at)
