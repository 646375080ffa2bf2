"""Rows of a digest's body: quotes, places, topics, letters, arguments, and groups of contributors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Protocol, TypeVar

StanceCounts = Mapping[str, int]
Record = TypeVar("Record")


def with_fields(record: Record, **changed: object) -> Record:
    """The record of a frozen dataclass with these fields changed; `replace` sets each field by a call.

    >>> with_fields(QuoteTranslation(words="si", credit="A"), words="sí")
    QuoteTranslation(words='sí', credit='A')
    """
    made = object.__new__(type(record))
    vars(made).update(vars(record), **changed)
    return made


class NamedPlace(Protocol):
    """Somewhere that can be commented on, by what people call it."""

    @property
    def kind(self) -> str: ...

    @property
    def number(self) -> str: ...


@dataclass(frozen=True, kw_only=True)
class QuoteTranslation:
    """A person's translation of a whole comment, and who made it."""

    words: str
    credit: str


@dataclass(frozen=True, kw_only=True)
class ChangedWords:
    """Words in a row of an amendment: "same", "gone" or "new" beside the paragraph that it changes."""

    mark: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Quote:
    """The position of a quote in its comment, and the hash of the whole comment, which proves the words.

    It is keyed in what is kept. The words and what follows them are not: `current_quotes.py` reads them where they are.
    """

    comment: int
    submission: int
    reference: str
    start: int
    end: int
    cut: bool  # the comment goes on after it
    sha256: str
    language: str
    organisation: bool
    stance: str
    copies: int
    words: str | None = None
    name: str | None = None
    gone: str | None = None  # why it may not be read as it was; empty where it may
    translations: Mapping[str, QuoteTranslation] | None = None  # of the whole comment, by language
    present: int | None = None  # how many were there, of a group
    difference: tuple[ChangedWords, ...] = ()  # of an amendment: what it changes, read with the words


@dataclass(frozen=True, kw_only=True)
class MarkedSentence:
    """A sentence of the draft, of the place with this key, and the spans of the words that most comments point at."""

    place: str
    text: str
    spans: tuple[tuple[int, int], ...]

    @property
    def parts(self) -> list[tuple[str, bool]]:
        """Its words in order, and whether each run of them is marked."""
        edges = [0, *(edge for span in self.spans for edge in span), len(self.text)]
        found = [(self.text[a:b], n % 2 == 1) for n, (a, b) in enumerate(pairwise(edges))]
        return [(words, marked) for words, marked in found if words]


@dataclass(frozen=True, kw_only=True)
class PlaceReference:
    """Somewhere that can be commented on, by what people call it."""

    key: str
    kind: str
    number: str


@dataclass(frozen=True, kw_only=True)
class CountedPlace(PlaceReference):
    """Somewhere with published words. `submissions` speak to it; `stances` has how many take each."""

    address: str
    words: str
    position: int
    submissions: int
    stances: StanceCounts
    quotes: tuple[Quote, ...]
    texts: int | None = None  # distinct texts
    title: str = ""  # the short one that the owner set
    copied: StanceCounts | None = None  # how many of them are of a letter that many sent; older bodies do not know

    @property
    def is_of_two_kinds(self) -> bool:
        """Whether a submission takes more than one stance here, so that the stances add up to more."""
        return self.kind != "question" and sum(self.stances.values()) > self.submissions


@dataclass(frozen=True, kw_only=True)
class PlaceRow(CountedPlace):
    """A place in a digest: also what is new there."""

    new: int
    stances_new: StanceCounts
    texts_new: int | None = None


@dataclass(frozen=True, kw_only=True)
class TopicRow:
    """A term of the taxonomy, and what the places drew that it is set for."""

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
    """Published texts of no campaign: `n` of those compared are unusually alike in meaning to a letter."""

    n: int
    compared: int
    expected: int  # as many would be by chance


@dataclass(frozen=True, kw_only=True)
class CampaignRow:
    """A letter that many sent. Bodies of version 1 know only how often, and a sample."""

    key: str
    total: int
    new: int
    sample: Quote | None
    contrary: tuple[Quote, ...]
    added: tuple[Quote, ...]
    name: str | None = None
    organiser: str | None = None
    declared: bool | None = None
    exact: int | None = None
    adding: int | None = None
    turned: int | None = None  # those that seem to contradict it
    confirmed: int | None = None  # of these, those that a person confirmed; older bodies do not know
    variants: int | None = None  # distinct texts, where they were spun from one template
    alike: AlikeRow | None = None  # older bodies do not know; nor do those where it was not looked for
    demands: tuple[Quote, ...] = ()  # sentences of the letter that ask for something, as the sample has them
    opening: Quote | None = None  # how it begins, where no sentence was found to ask
    own: int | None = None  # those who add words and do not seem to contradict it; older bodies do not know
    published: int | None = None  # of all of them; older bodies do not know
    judged: bool | None = None  # who contradicts was looked for by meaning too; older bodies do not know

    @property
    def changed(self) -> int | None:
        """Those who neither sent it word for word nor add to it nor contradict it: they changed or left out words."""
        if self.own is None:
            return None
        return self.total - (self.exact or 0) - self.own - (self.turned or 0)


@dataclass(frozen=True, kw_only=True)
class ShortAnswerRow:
    """Words too few to be a letter, that so many published submissions have in common."""

    n: int
    quote: Quote


@dataclass(frozen=True, kw_only=True)
class CallRow:
    """A call by which an organisation asked people to comment: how many that came by it are published, in own words."""

    slug: str
    organisation: str
    published: int
    own: int


@dataclass(frozen=True, kw_only=True)
class CaseStudyRow:
    """A case study that published comments cite: how sure appraisers are (1 to 4; None: not appraised), how it went."""

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
    """The plan that a consultation reviews: its actions by state on the day on which the review was prepared."""

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

    @property
    def actions(self) -> int:
        return self.done + self.under_way + self.not_started + self.late + self.dropped + self.no_report


@dataclass(frozen=True, kw_only=True)
class ArgumentRow:
    """An argument with one who makes it; `label` is its name where a person gave one."""

    id: int
    place: str
    stance: str
    label: str
    named: bool
    voices: int
    new: int
    statements: int
    quote: Quote


@dataclass(frozen=True, kw_only=True)
class DividedPlace:
    """A place with arguments of both sides, the largest for it and the largest against it."""

    place: str
    arguments: tuple[ArgumentRow, ...]


@dataclass(frozen=True, kw_only=True)
class PlaceAgreement:
    """A place on which most take one stance; of how many kinds of contributors most do."""

    key: str
    stance: str
    n: int
    of: int
    kinds: int
    kinds_with: int
    texts: int


@dataclass(frozen=True, kw_only=True)
class KindShare:
    """Per cent of a kind of contributors that support a place, of those who support it or raise concerns."""

    kind: str
    share: int
    of: int
    n: int | None = None


@dataclass(frozen=True, kw_only=True)
class GroupDifference:
    """A place on which kinds of contributors differ, by how much, and how each stands to it."""

    place: str
    spread: int
    rows: tuple[KindShare, ...]
    position: int


@dataclass(frozen=True, kw_only=True)
class AnsweredRow:
    """An argument that was answered, and what that came to."""

    id: int
    name: str
    outcome: str
    place: PlaceReference | None
    suggested: bool = False  # no person had checked it; of older bodies not known
