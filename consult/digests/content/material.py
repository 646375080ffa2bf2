"""The material of a digest, with a check that its numbers agree. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from consult.analysis.queries import ANY_STANCE, AnalysisTotals
from consult.digests.content import arguments as content_arguments
from consult.digests.content.amendment_queries import DigestAmendment
from consult.digests.content.answers import AnsweredArgument
from consult.digests.content.body import Body, ConsultationFacts, Erratum
from consult.digests.content.campaigns import DigestCampaign
from consult.digests.content.groups import TargetGroup
from consult.digests.content.quotes import QuotableComment
from consult.digests.content.rows import (
    CallRow,
    CaseStudyRow,
    MarkedSentence,
    PapersSection,
    ReviewedPlanRow,
    StanceCounts,
)
from consult.documents.tags import DocumentTopic
from consult.positions.counts import SideCounts


class DoesNotAddUp(Exception):
    """The numbers of a digest contradict each other, so it is not sent. This is a defect of the software."""


@dataclass(frozen=True)
class DigestPlace:
    """A part of the draft that can be commented on. `key` is a provision's wid, `q` and a question's ID, or empty.

    `address` is its part of the page's URL, `number` its label.
    """

    key: str
    kind: str  # "provision", "question", "whole", or "former" if removed from the draft
    address: str
    number: str
    words: str
    title: str = ""  # short title


@dataclass(frozen=True)
class WindowNews:
    """Events of the window, in submissions. `texts` counts texts first received in it."""

    received: int = 0
    published: int = 0
    returned: int = 0
    amended: int = 0
    replied: int = 0  # sent again unchanged; omitted if there are none
    withheld: int = 0
    withdrawn: int = 0
    erased: int = 0
    texts: int = 0
    individual_texts: int = 0
    organisations: int = 0
    names: Sequence[str] = ()  # the first organisations published in the window
    events: Sequence[str] = ()  # kinds of ledger entries about more than one submission

    @property
    def nothing(self) -> bool:
        counts = (self.received, self.published, self.returned, self.amended, self.replied)
        ends = (self.withheld, self.withdrawn, self.erased)
        return not any(counts) and not any(ends) and not self.events


@dataclass(frozen=True)
class DigestInput:
    """The complete input of a digest."""

    facts: ConsultationFacts
    cadence: str
    edition: int
    slot_at: datetime
    from_at: datetime
    since: int
    until: int
    news: WindowNews = WindowNews()
    totals: AnalysisTotals = field(default_factory=AnalysisTotals)
    places: Sequence[DigestPlace] = ()
    stances: Mapping[str, StanceCounts] = field(default_factory=dict)
    stances_new: Mapping[str, StanceCounts] = field(default_factory=dict)
    words: Sequence[QuotableComment] = ()
    amendments: Sequence[DigestAmendment] = ()
    copied: Sequence[DigestCampaign] = ()
    short_answers: Sequence[QuotableComment] = ()
    texts: Mapping[str, int] = field(default_factory=dict)  # distinct texts by place
    texts_new: Mapping[str, int] = field(default_factory=dict)
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # digests/count_queries.py
    targets: Sequence[TargetGroup] = ()
    topics: Sequence[DocumentTopic] = ()
    smallest: int = 5  # minimum size of a group of contributors that is shown
    before: Body | None = None  # body of the previous edition
    errata: Sequence[Erratum] = ()
    # Candidates for the marked sentence, by place.
    sentences: Mapping[str, MarkedSentence] = field(default_factory=dict)
    answered: Sequence[AnsweredArgument] = ()
    arguments: Sequence[content_arguments.DigestArgument] = ()
    argued_upto: int = 1  # ledger number as of which arguments are
    encoders: Sequence[str] = ()  # encoders used for arguments besides words
    calls: Sequence[CallRow] = ()
    studies: Sequence[CaseStudyRow] = ()
    reviewed: ReviewedPlanRow | None = None
    left_out: Mapping[str, int] = field(default_factory=dict)  # number of entries left out, by list
    covered: Mapping[str, int] = field(default_factory=dict)  # submissions in arguments, in campaigns, in either
    sides: SideCounts | None = None  # on the draft as a whole, as they are when it is compiled
    papers: PapersSection | None = None


def check_numbers(material: DigestInput) -> None:
    """Raise DoesNotAddUp unless the submission count balances and no part is larger than its whole."""
    totals, news = material.totals, material.news
    if not totals.balanced or totals.upto != material.until:
        raise DoesNotAddUp(f"the books at {material.until}: {totals}")
    if news.received > totals.received or news.texts > totals.texts or news.individual_texts > news.texts:
        raise DoesNotAddUp(f"more is new than there is: {news}, {totals}")
    for place, stances in material.stances.items():
        most = stances.get(ANY_STANCE, 0)
        if most > totals.published or any(n > most for n in stances.values()):
            raise DoesNotAddUp(f"more submissions speak to {place!r} than are published: {stances}")
    classes = sum(class_.published for class_ in totals.classes.values())
    if totals.classes and classes != totals.published:
        raise DoesNotAddUp(f"the classes are not what is published: {totals}")
    if material.sides is not None and material.sides.all > totals.published:
        raise DoesNotAddUp(f"more take a side than are published: {material.sides}, {totals}")
    coverage = material.counts.get("coverage")
    if coverage is not None and sum(coverage.values()) != totals.published:
        raise DoesNotAddUp(f"placed and not placed are not what is published: {coverage}, {totals}")
    for place, stances in material.stances_new.items():
        if any(n > material.stances.get(place, {}).get(stance, 0) for stance, n in stances.items()):
            raise DoesNotAddUp(f"more is new at {place!r} than there is: {stances}")
