"""Rows of a digest's body: quotes, parts of the draft, topics, campaigns, arguments, and groups of contributors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Protocol, TypeVar

StanceCounts = Mapping[str, int]
AMENDMENT = "amendment"
"""The key, among the counts of a place, of submissions that suggest or support other wording. They count only there."""
Record = TypeVar("Record")


def count_kinds(stances: StanceCounts) -> StanceCounts:
    """Return the counts shown as bars: types of comments without suggested wording.

    >>> count_kinds({"support": 1, "amendment": 4})
    {'support': 1}
    """
    return {stance: n for stance, n in stances.items() if stance != AMENDMENT}


def with_fields(record: Record, **changed: object) -> Record:
    """Return a frozen dataclass with changed fields, faster than `replace`.

    >>> with_fields(QuoteTranslation(words="si", credit="A"), words="sí")
    QuoteTranslation(words='sí', credit='A')
    """
    made = object.__new__(type(record))
    vars(made).update(vars(record), **changed)
    return made


class NamedPlace(Protocol):
    """A part of the draft that can be commented on, with its label."""

    @property
    def kind(self) -> str: ...

    @property
    def number(self) -> str: ...


@dataclass(frozen=True, kw_only=True)
class QuoteTranslation:
    """A translation of a whole comment by a person, with credit."""

    words: str
    credit: str


@dataclass(frozen=True, kw_only=True)
class ChangedWords:
    """Words of a suggested wording: “same”, “gone” or “new” compared with the paragraph."""

    mark: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Quote:
    """The position of a quote in its comment, and the hash of the whole comment as proof of the words.

    The hash is keyed when stored. The words and what follows from them are not stored: `current_quotes.py` reads them.
    """

    comment: int
    submission: int
    reference: str
    start: int
    end: int
    cut: bool  # whether the comment continues after it
    sha256: str
    language: str
    organisation: bool
    stance: str
    copies: int
    words: str | None = None
    name: str | None = None
    gone: str | None = None  # why the comment may no longer be quoted; empty if it may
    translations: Mapping[str, QuoteTranslation] | None = None  # translations of the whole comment by language
    present: int | None = None  # number of people in a group
    difference: tuple[ChangedWords, ...] = ()  # changes of a suggested wording, read with the words
    supporters: int | None = None  # other submissions that support a suggested wording


@dataclass(frozen=True, kw_only=True)
class MarkedSentence:
    """A sentence of the draft on the part with this key, and the spans of its words with most comments."""

    place: str
    text: str
    spans: tuple[tuple[int, int], ...]

    @property
    def parts(self) -> list[tuple[str, bool]]:
        """Return its words in order, and whether each run is marked."""
        edges = [0, *(edge for span in self.spans for edge in span), len(self.text)]
        parts = [(self.text[a:b], n % 2 == 1) for n, (a, b) in enumerate(pairwise(edges))]
        return [(words, marked) for words, marked in parts if words]


@dataclass(frozen=True, kw_only=True)
class PlaceReference:
    """A reference to a part of the draft that can be commented on, with its label."""

    key: str
    kind: str
    number: str


@dataclass(frozen=True, kw_only=True)
class CountedPlace(PlaceReference):
    """A part of the draft with published comments.

    `submissions` is their number; `stances` has the number of each type.
    """

    address: str
    words: str
    position: int
    submissions: int
    stances: StanceCounts
    quotes: tuple[Quote, ...]
    texts: int | None = None  # distinct texts
    title: str = ""  # short title set by the owner
    copied: StanceCounts | None = None  # copies of letters; missing in older bodies

    @property
    def is_of_two_kinds(self) -> bool:
        """Return True if a submission has more than one type here, so that the types add up to more."""
        return self.kind != "question" and sum(self.stances.values()) > self.submissions


@dataclass(frozen=True, kw_only=True)
class PlaceRow(CountedPlace):
    """A part of the draft in a digest, with new comments."""

    new: int
    stances_new: StanceCounts
    texts_new: int | None = None


@dataclass(frozen=True, kw_only=True)
class TopicRow:
    """A topic, with counts of the comments on parts of the draft that have it."""

    name: str
    scheme: str
    notation: str
    labels: Mapping[str, str]
    keys: tuple[str, ...]
    direct: bool
    comments: int
    new: int
    texts: int
    texts_new: int
    stances: StanceCounts


@dataclass(frozen=True, kw_only=True)
class AlikeRow:
    """Texts similar in meaning to a letter, in digests of earlier releases only. Not shown, because it was a guess."""

    n: int
    compared: int
    expected: int  # number expected by chance


@dataclass(frozen=True, kw_only=True)
class CampaignRow:
    """A campaign. Bodies of version 1 have only its size and a sample."""

    key: str
    total: int
    new: int
    sample: Quote | None
    contrary: tuple[Quote, ...]  # in digests of earlier releases only; kept for their fingerprints, never shown
    added: tuple[Quote, ...]
    name: str | None = None
    organiser: str | None = None
    declared: bool | None = None
    exact: int | None = None
    adding: int | None = None
    turned: int | None = None  # like `contrary`, as are `confirmed` and `judged`
    confirmed: int | None = None
    variants: int | None = None  # distinct texts of a template
    alike: AlikeRow | None = None  # in digests of earlier releases only
    demands: tuple[Quote, ...] = ()  # requests; in older bodies also sentences found by rules
    checked: int | None = None  # number of demands, from the first, checked by a person; missing in older bodies
    opening: Quote | None = None  # first sentence, if there is no demand
    own: int | None = None  # members who add words; missing in older bodies
    published: int | None = None  # published ones; missing in older bodies
    judged: bool | None = None
    side: str | None = None  # on the draft as a whole, as a person decided

    @property
    def changed(self) -> int | None:
        """Return the members who changed or left out words without adding any."""
        if self.own is None:
            return None
        return self.total - (self.exact or 0) - self.own


@dataclass(frozen=True, kw_only=True)
class ShortAnswerRow:
    """A text too short to be a campaign letter that `n` published submissions share."""

    n: int
    quote: Quote


@dataclass(frozen=True, kw_only=True)
class CallRow:
    """A call by an organisation: published submissions made through it, and those with a text of their own."""

    slug: str
    organisation: str
    published: int
    own: int


@dataclass(frozen=True, kw_only=True)
class CaseStudyRow:
    """A case study cited by published comments: its certainty (1 to 4; None: no review) and outcome."""

    slug: str
    reference: str
    title: str
    comments: int
    certainty: int | None
    appraised: int
    outcome: str | None
    withdrawn: bool


@dataclass(frozen=True, kw_only=True)
class ReviewedPlanRow:
    """The plan that a consultation reviews: its actions by status on the day the review was prepared."""

    slug: str
    title: str
    day: date
    done: int
    under_way: int
    not_started: int
    late: int
    dropped: int
    no_report: int
    differ: int
    kept_up: int = 0
    no_due_date: int = 0

    @property
    def actions(self) -> int:
        known = self.done + self.kept_up + self.under_way + self.not_started + self.late + self.dropped
        return known + self.no_report + self.no_due_date


@dataclass(frozen=True, kw_only=True)
class ArgumentRow:
    """An argument with a quote and some of its reasons. `label` is its name if a person gave one.

    `voices` counts submissions. In bodies of earlier releases, which have no `copies`, it counts authors.
    """

    id: int
    place: str
    stance: str
    label: str
    named: bool
    voices: int
    new: int
    statements: int
    quote: Quote
    copies: int | None = None  # of campaign letters, of all of its submissions
    reasons: tuple[Quote, ...] = ()
    more_reasons: bool = False
    side: str | None = None  # of all campaign letters that make it, as people decided


@dataclass(frozen=True, kw_only=True)
class DividedPlace:
    """A part of the draft with arguments on both sides: the largest for and the largest against."""

    place: str
    arguments: tuple[ArgumentRow, ...]


@dataclass(frozen=True, kw_only=True)
class PlaceAgreement:
    """A part of the draft where most submissions have one type.

    Also the number of kinds of contributors for which that is so.
    """

    key: str
    stance: str
    n: int
    of: int
    kinds: int
    kinds_with: int
    texts: int


@dataclass(frozen=True, kw_only=True)
class KindShare:
    """The percentage of a kind of contributors that asks to keep a part, of those who also object to it."""

    kind: str
    share: int
    of: int
    n: int | None = None


@dataclass(frozen=True, kw_only=True)
class GroupDifference:
    """A part of the draft on which kinds of contributors differ, with the size of the difference and each share."""

    place: str
    spread: int
    rows: tuple[KindShare, ...]
    position: int


@dataclass(frozen=True, kw_only=True)
class AnsweredRow:
    """An answered argument and the outcome."""

    id: int
    name: str
    outcome: str
    place: PlaceReference | None
    suggested: bool = False  # not checked by a person; unknown in older bodies


@dataclass(frozen=True, kw_only=True)
class PaperRequest:
    """A checked request that a position paper makes: the name of its argument, and the page of the file, from 1."""

    argument: int
    name: str
    place: PlaceReference | None
    page: int | None


@dataclass(frozen=True, kw_only=True)
class PaperRow:
    """A published position paper. `pages` is None for files without pages, `organisation` empty for people's papers."""

    evidence: int
    reference: str
    organisation: str
    pages: int | None
    requests: tuple[PaperRequest, ...]


@dataclass(frozen=True, kw_only=True)
class PapersSection:
    """The position papers with most requests, and the number of others."""

    rows: tuple[PaperRow, ...]
    left_out: int = 0
