"""The digest's section on campaigns. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from consult.analysis.campaigns.demands import Span, find_opening, keep_outside, list_demands
from consult.digests.content import quotes
from consult.digests.content.quotes import QuotableComment
from consult.digests.content.rows import AlikeRow, CampaignRow, Quote


@dataclass(frozen=True)
class CampaignStatement:
    """What a member says beside its letter: words of a published comment, and where they stand in it."""

    words: QuotableComment
    start: int
    end: int


@dataclass(frozen=True)
class DigestCampaign:
    """A letter that many sent: how many as it is, with words of their own, and against it."""

    key: str  # the campaign's number
    total: int
    new: int
    sample: QuotableComment | None  # a published copy
    name: str = ""
    organiser: str = ""
    declared: bool = False
    exact: int = 0
    adding: int = 0
    turned: int = 0
    confirmed: int = 0
    variants: int | None = None  # distinct texts, where they were spun from one template
    published: int | None = None
    told: bool = False  # enough copies are published for its words to be shown as a letter's
    both: int = 0  # those who add words and seem to contradict it
    judged: bool | None = None  # who contradicts was looked for by meaning too, by rules alone, or not yet
    demands: Sequence[CampaignStatement] = ()
    opening: CampaignStatement | None = None
    alike: AlikeRow | None = None  # texts of no campaign that are alike to it in meaning; none: not looked for
    contrary: Sequence[CampaignStatement] = ()
    added: Sequence[CampaignStatement] = ()


def find_asked(
    sample: QuotableComment, added: Sequence[Span]
) -> tuple[list[CampaignStatement], CampaignStatement | None]:
    """What a letter asks, in a copy of it but for what its sender added; and how it begins, if that is nothing."""
    told = [CampaignStatement(sample, *at) for at in keep_outside(list_demands(sample.body), added)]
    opening = None if told else find_opening(sample.body)
    return told, CampaignStatement(sample, *opening) if opening else None


def build_campaign(copied: DigestCampaign) -> CampaignRow:
    """A letter with its sample, what some of its senders add, and those who seem to contradict it beside it."""
    return CampaignRow(
        key=copied.key,
        total=copied.total,
        new=copied.new,
        name=copied.name,
        organiser=copied.organiser,
        declared=copied.declared,
        exact=copied.exact,
        adding=copied.adding,
        turned=copied.turned,
        confirmed=copied.confirmed,
        variants=copied.variants,
        alike=copied.alike,
        sample=quotes.build_quote(copied.sample) if copied.sample else None,
        demands=tuple(map(_build_quote, copied.demands)),
        opening=_build_quote(copied.opening) if copied.opening else None,
        own=copied.adding - copied.both,
        published=copied.published,
        judged=copied.judged,
        contrary=tuple(map(_build_quote, copied.contrary)),
        added=tuple(map(_build_quote, copied.added)),
    )


def _build_quote(said: CampaignStatement) -> Quote:
    return quotes.build_quote(said.words, (said.start, said.end))
