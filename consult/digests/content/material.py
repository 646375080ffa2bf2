"""The material of a digest, with a check that its numbers agree. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from consult.analysis.queries import ANY_STANCE, AnalysisTotals
from consult.digests.content import arguments as content_arguments
from consult.digests.content.answers import AnsweredArgument
from consult.digests.content.body import Body, ConsultationFacts, Erratum
from consult.digests.content.campaigns import DigestCampaign
from consult.digests.content.groups import TargetGroup
from consult.digests.content.quotes import QuotableComment
from consult.digests.content.rows import CallRow, CaseStudyRow, MarkedSentence, ReviewedPlanRow, StanceCounts
from consult.documents.tags import DocumentTopic


class DoesNotAddUp(Exception):
    """The numbers of a digest contradict each other: it is not sent. A defect, never a person's fault."""


@dataclass(frozen=True)
class DigestPlace:
    """Somewhere that can be commented on. `key` is a provision's wid, `q` and a question's id, or empty.

    `address` is what stands for it in the address of its page, `number` what people call it.
    """

    key: str
    kind: str  # "provision", "question", "whole", or "former": in an earlier version of the draft only
    address: str
    number: str
    words: str
    title: str = ""  # the short one


@dataclass(frozen=True)
class WindowNews:
    """Events of the window, counted in submissions; `texts` are those first received in it."""

    received: int = 0
    published: int = 0
    returned: int = 0
    amended: int = 0
    replied: int = 0  # sent in again as they were; bodies that know of none do not say so
    withheld: int = 0
    withdrawn: int = 0
    erased: int = 0
    texts: int = 0
    individual_texts: int = 0
    organisations: int = 0
    names: Sequence[str] = ()  # of organisations published in the window, the first few
    events: Sequence[str] = ()  # kinds of ledger entries that are not about one submission

    @property
    def nothing(self) -> bool:
        counts = (self.received, self.published, self.returned, self.amended, self.replied)
        ends = (self.withheld, self.withdrawn, self.erased)
        return not any(counts) and not any(ends) and not self.events


@dataclass(frozen=True)
class DigestInput:
    """Everything a digest is made of."""

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
    copied: Sequence[DigestCampaign] = ()
    short_answers: Sequence[QuotableComment] = ()
    texts: Mapping[str, int] = field(default_factory=dict)  # distinct texts by place
    texts_new: Mapping[str, int] = field(default_factory=dict)
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # digests/content/count_queries.py
    targets: Sequence[TargetGroup] = ()
    topics: Sequence[DocumentTopic] = ()
    smallest: int = 5  # a group of contributors that may be shown
    before: Body | None = None  # the body of the last edition
    errata: Sequence[Erratum] = ()
    sentences: Mapping[str, MarkedSentence] = field(default_factory=dict)  # by place, of those it may be about
    answered: Sequence[AnsweredArgument] = ()
    arguments: Sequence[content_arguments.DigestArgument] = ()
    argued_upto: int = 1  # the ledger number as of which they are
    encoders: Sequence[str] = ()  # by what, besides words, their statements were compared
    calls: Sequence[CallRow] = ()
    studies: Sequence[CaseStudyRow] = ()
    reviewed: ReviewedPlanRow | None = None
    covered: Mapping[str, int] = field(default_factory=dict)  # submissions in arguments, in campaigns, in either


def check_numbers(material: DigestInput) -> None:
    """Raises DoesNotAddUp unless the books balance and no part is larger than its whole."""
    totals, news = material.totals, material.news
    if not totals.balanced or totals.upto != material.until:
        raise DoesNotAddUp(f"the books at {material.until}: {totals}")
    if news.received > totals.received or news.texts > totals.texts or news.individual_texts > news.texts:
        raise DoesNotAddUp(f"more is new than there is: {news}, {totals}")
    for place, stances in material.stances.items():
        most = stances.get(ANY_STANCE, 0)
        if most > totals.published or any(n > most for n in stances.values()):
            raise DoesNotAddUp(f"more submissions speak to {place!r} than are published: {stances}")
    classes = sum(one.published for one in totals.classes.values())
    if totals.classes and classes != totals.published:
        raise DoesNotAddUp(f"the classes are not what is published: {totals}")
    coverage = material.counts.get("coverage")
    if coverage is not None and sum(coverage.values()) != totals.published:
        raise DoesNotAddUp(f"placed and not placed are not what is published: {coverage}, {totals}")
    for place, stances in material.stances_new.items():
        if any(n > material.stances.get(place, {}).get(stance, 0) for stance, n in stances.items()):
            raise DoesNotAddUp(f"more is new at {place!r} than there is: {stances}")
