"""Summary of what a consultation has heard, as plain data for its page, charts and CSV files.

Pure: no session, no clock. Breakdowns of contributors keep the floor of `groups.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from consult.analysis.queries import ANY_STANCE, AnalysisTotals
from consult.digests.content import arguments as content_arguments
from consult.digests.content import breakdowns, quotes
from consult.digests.content import groups as content_groups
from consult.digests.content import topics as content_topics
from consult.digests.content.arguments import DigestArgument
from consult.digests.content.body import (
    DIMENSIONS,
    BooksSection,
    ConsultationFacts,
    ContributorSection,
    CoverageSection,
    GroupBreakdown,
    HeardLess,
    NewAndTotal,
)
from consult.digests.content.body_json import Json, UnknownBodyVersion, read_record
from consult.digests.content.books import build_books
from consult.digests.content.campaigns import DigestCampaign, build_campaign
from consult.digests.content.groups import TargetGroup
from consult.digests.content.material import DigestPlace
from consult.digests.content.quotes import QuotableComment
from consult.digests.content.rows import (
    ArgumentRow,
    CampaignRow,
    CountedPlace,
    GroupDifference,
    PlaceAgreement,
    Quote,
    TopicRow,
)
from consult.digests.lists.numbers import ListNumbers
from consult.documents.tags import DocumentTopic

RULE_VERSION = 4
PLACES_SHOWN = 12
"""Places of the table that is shown at first, each with what most argue there."""
PLACES_QUOTED = 3
"""Of the places on which most agree, how many are shown at first, with a quote each."""


@dataclass(frozen=True)
class SummaryInput:
    """Everything the page is made of."""

    facts: ConsultationFacts
    totals: AnalysisTotals
    smallest: int
    places: Sequence[DigestPlace] = ()
    stances: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    targets: Sequence[TargetGroup] = ()
    copied: Sequence[DigestCampaign] = ()
    topics: Sequence[DocumentTopic] = ()


@dataclass(frozen=True, kw_only=True)
class SummaryNumbers:
    """The numbers at the head of the page."""

    received: int
    published: int
    texts: int
    individual: int
    organisations: int
    countries: int
    languages: int


@dataclass(frozen=True, kw_only=True)
class CodingAgreement:
    """How many statements two people labelled apart for a code, and Cohen's kappa in hundredths, where it is told."""

    code: str
    labels: Mapping[str, str]  # of its term, by language
    n: int
    kappa: int | None


@dataclass(frozen=True, kw_only=True)
class ArgumentMethod:
    """What people did with arguments: how many authors said that one is not their point, and who agrees on labels."""

    objected: int
    moved: int
    left: int
    enough: int  # statements labelled twice from which an agreement is told
    agreements: tuple[CodingAgreement, ...]


@dataclass(frozen=True, kw_only=True)
class Summary:
    """The data of the page. `rule` is the version of its rules and of its JSON, `version` that of the draft."""

    rule: int
    upto: int
    k: int
    numbers: SummaryNumbers
    books: BooksSection
    places: tuple[CountedPlace, ...]
    agreed: tuple[PlaceAgreement, ...]
    differ: tuple[GroupDifference, ...]
    topics: tuple[TopicRow, ...]
    breakdowns: Mapping[str, GroupBreakdown]  # by DIMENSIONS
    heard_less: HeardLess
    targets: tuple[TargetGroup, ...]
    days: tuple[tuple[str, int], ...]
    copied: tuple[CampaignRow, ...]
    coverage: CoverageSection
    arguments: tuple[ArgumentRow, ...]
    leading: tuple[ArgumentRow, ...]
    top: Mapping[str, ArgumentRow] | None = None  # by place, of those shown at first, what most argue there
    version: int | None = None
    method: ArgumentMethod | None = None

    @property
    def who(self) -> ContributorSection:
        """Who was heard, as a digest has it."""
        return ContributorSection(
            k=self.k,
            breakdowns=self.breakdowns,
            agreed=self.agreed,
            differ=self.differ,
            days=self.days,
        )


def read_summary(data: Json) -> Summary:
    """The data of the page that this JSON is of. Raises UnknownBodyVersion."""
    if data["rule"] not in range(1, RULE_VERSION + 1):
        found = f"What was heard is of version {data['rule']}"
        raise UnknownBodyVersion(f"{found}; this release reads up to {RULE_VERSION}.")
    return read_record(Summary, data)


def build_summary(heard: SummaryInput) -> Summary:
    """The data of the page but for what is argued, and the quotes of what most agree on."""
    rows = build_place_rows(heard)
    counts, k = heard.counts, heard.smallest
    order = [row.key for row in rows if row.kind == "provision"]
    return Summary(
        rule=RULE_VERSION,
        upto=heard.totals.upto,
        k=k,
        numbers=_build_numbers(heard),
        books=build_books(heard.totals),
        places=rows,
        agreed=breakdowns.find_agreement(rows, counts["at"], k),
        differ=content_groups.find_differences(counts["at"], order, k),
        topics=content_topics.build_rows(heard.topics, rows),
        breakdowns={name: content_groups.build_breakdown(counts[name], k) for name in DIMENSIONS},
        heard_less=content_groups.find_heard_less(counts, heard.targets, content_groups.DECLARED_KINDS, k),
        targets=tuple(heard.targets),
        days=breakdowns.count_by_day(counts["day"]),
        copied=tuple(build_campaign(one) for one in heard.copied),
        coverage=breakdowns.count_coverage(counts["coverage"], heard.totals.published),
        arguments=(),
        leading=(),
    )


def _build_numbers(heard: SummaryInput) -> SummaryNumbers:
    return SummaryNumbers(
        received=heard.totals.received,
        published=heard.totals.published,
        texts=heard.totals.texts,
        individual=heard.totals.individual_texts,
        organisations=heard.totals.organisations,
        countries=len(heard.counts["country"]),
        languages=len(heard.counts["language"]),
    )


def build_place_rows(heard: SummaryInput) -> tuple[CountedPlace, ...]:
    """Places with something published, those with the most distinct texts first: copies do not decide the order."""
    texts, copied = heard.counts["texts"], breakdowns.count_copies(heard.counts["copied"])
    found = [
        CountedPlace(
            **vars(place),
            position=position,
            submissions=heard.stances[place.key][ANY_STANCE],
            stances={stance: n for stance, n in heard.stances[place.key].items() if stance != ANY_STANCE},
            texts=texts.get(place.key, 0),
            copied=copied.get(place.key, {}),
            quotes=(),
        )
        for position, place in enumerate(heard.places)
        if heard.stances.get(place.key, {}).get(ANY_STANCE)
    ]
    found.sort(key=lambda row: (row.kind != "provision", -(row.texts or 0), -row.submissions, row.position))
    return tuple(found)


def add_arguments(data: Summary, found: Sequence[DigestArgument], covered: Mapping[str, int]) -> Summary:
    """The data with what is argued, in all and at the places shown at first, and how much of it is covered."""
    first = next(iter(data.agreed), None)
    return replace(
        data,
        arguments=content_arguments.build_rows(found, overview=True),
        top=content_arguments.largest_by_place(found, list_shown_places(data)),
        leading=content_arguments.select_largest(found, first.key, (first.stance,)) if first else (),
        coverage=content_arguments.add_coverage(data.coverage, covered),
    )


def list_numbers(data: Summary) -> ListNumbers:
    """The numbers of the page that have lists: all of them are of everything, and none of a window."""
    return ListNumbers(
        numbers={name: NewAndTotal(new=n, total=n) for name, n in vars(data.numbers).items()},
        news=None,
        books=data.books,
        places=data.places,
        topics=data.topics,
        copied=data.copied,
        arguments=data.arguments,
        coverage=data.coverage,
        who=data.who,
        heard_less=data.heard_less,
    )


def list_shown_places(data: Summary) -> list[str]:
    """The places of the table that is shown at first."""
    return [place.key for place in data.places[:PLACES_SHOWN]]


def filter_by_topic(data: Summary, topic: TopicRow) -> Summary:
    """The data seen through a topic: only its places, what most agree on there, and where groups differ there."""
    keys = set(topic.keys)
    return replace(
        data,
        places=tuple(row for row in data.places if row.key in keys),
        agreed=tuple(row for row in data.agreed if row.key in keys),
        differ=tuple(row for row in data.differ if row.place in keys),
    )


def add_quotes(data: Summary, words: Sequence[QuotableComment]) -> Summary:
    """The data with a quote at each place on which most agree, of the stance they agree in."""
    chosen = quotes.choose_quotes(words, [row.key for row in data.agreed[:PLACES_QUOTED]])
    stances = {row.key: row.stance for row in data.agreed}

    def choose(row: CountedPlace) -> tuple[Quote, ...]:
        return tuple(one for one in chosen.get(row.key, ()) if one.stance == stances.get(row.key))

    return replace(data, places=tuple(replace(row, quotes=choose(row)) for row in data.places))
