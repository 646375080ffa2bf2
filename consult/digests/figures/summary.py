"""Summary of a consultation's comments as plain data for the page “What we heard”, its charts and CSV files.

Pure functions without session and clock. Breakdowns of contributors combine small groups, see `groups.py`.
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
    PapersSection,
    PlaceAgreement,
    Quote,
    TopicRow,
)
from consult.digests.lists.numbers import ListNumbers
from consult.digests.sides.section import SidesSection, build_section
from consult.documents.tags import DocumentTopic
from consult.positions.counts import SideCounts

RULE_VERSION = 4
PLACES_SHOWN = 12
"""The number of places shown initially in the table, each with its largest argument."""
PLACES_QUOTED = 3
"""The number of places of agreement shown initially, each with a quote."""


@dataclass(frozen=True)
class SummaryInput:
    """The complete input of the page."""

    facts: ConsultationFacts
    totals: AnalysisTotals
    smallest: int
    places: Sequence[DigestPlace] = ()
    stances: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    targets: Sequence[TargetGroup] = ()
    copied: Sequence[DigestCampaign] = ()
    topics: Sequence[DocumentTopic] = ()
    sides: SideCounts | None = None
    papers: PapersSection | None = None


@dataclass(frozen=True, kw_only=True)
class SummaryNumbers:
    """The numbers at the top of the page."""

    received: int
    published: int
    texts: int
    individual: int
    organisations: int
    countries: int
    languages: int


@dataclass(frozen=True, kw_only=True)
class ArgumentMethod:
    """The number of objections by authors to their argument, by outcome."""

    objected: int
    moved: int
    left: int


@dataclass(frozen=True, kw_only=True)
class Summary:
    """The data of the page. `rule` is the version of its rules and JSON, `version` that of the draft."""

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
    left_out: Mapping[str, int] | None = None  # entries that its lists do not hold, by list
    sides: SidesSection | None = None
    papers: PapersSection | None = None

    @property
    def who(self) -> ContributorSection:
        """Return the contributors in the form used in digests."""
        return ContributorSection(
            k=self.k,
            breakdowns=self.breakdowns,
            agreed=self.agreed,
            differ=self.differ,
            days=self.days,
        )


def read_summary(data: Json) -> Summary:
    """Parse the data of the page from JSON. Raises UnknownBodyVersion."""
    if data["rule"] not in range(1, RULE_VERSION + 1):
        found = f"What was heard is of version {data['rule']}"
        raise UnknownBodyVersion(f"{found}; this release reads up to {RULE_VERSION}.")
    return read_record(Summary, data)


def build_summary(heard: SummaryInput) -> Summary:
    """Return the data of the page without arguments and without quotes on parts of the draft with agreement."""
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
        sides=build_section(heard.sides, heard.totals.published, content_groups.build_side_groups(heard.sides, k)),
        papers=heard.papers,
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
    """Return parts of the draft with published comments, most distinct texts first. Copies do not affect the order."""
    texts, copied = heard.counts["texts"], breakdowns.count_copies(heard.counts["copied"])
    rows = [
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
    rows.sort(key=lambda row: (row.kind != "provision", -(row.texts or 0), -row.submissions, row.position))
    return tuple(rows)


def add_arguments(data: Summary, found: Sequence[DigestArgument], covered: Mapping[str, int]) -> Summary:
    """Return the data with arguments, in all and at the parts of the draft shown initially, and their coverage."""
    first = next(iter(data.agreed), None)
    return replace(
        data,
        arguments=content_arguments.build_rows(found, overview=True),
        top=content_arguments.largest_by_place(found, list_shown_places(data)),
        leading=content_arguments.select_largest(found, first.key, (first.stance,)) if first else (),
        coverage=content_arguments.add_coverage(data.coverage, covered),
    )


def list_numbers(data: Summary) -> ListNumbers:
    """Return the numbers with lists. All of them are totals, none of a window."""
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
        sides=data.sides,
    )


def list_shown_places(data: Summary) -> list[str]:
    """Return the keys of the parts of the draft shown initially."""
    return [place.key for place in data.places[:PLACES_SHOWN]]


def filter_by_topic(data: Summary, topic: TopicRow) -> Summary:
    """Return the data of one topic: its parts of the draft, and agreement and differences there."""
    keys = set(topic.keys)
    return replace(
        data,
        places=tuple(row for row in data.places if row.key in keys),
        agreed=tuple(row for row in data.agreed if row.key in keys),
        differ=tuple(row for row in data.differ if row.place in keys),
    )


def add_quotes(data: Summary, words: Sequence[QuotableComment]) -> Summary:
    """Return the data with a quote for each part of the draft with agreement, of the type agreed on."""
    chosen = quotes.choose_quotes(words, [row.key for row in data.agreed[:PLACES_QUOTED]])
    stances = {row.key: row.stance for row in data.agreed}

    def choose(row: CountedPlace) -> tuple[Quote, ...]:
        return tuple(one for one in chosen.get(row.key, ()) if one.stance == stances.get(row.key))

    return replace(data, places=tuple(replace(row, quotes=choose(row)) for row in data.places))
