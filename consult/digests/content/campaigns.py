"""The digest's section on campaigns. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from consult.analysis.campaigns.demands import Span, find_opening, keep_outside, list_demands
from consult.digests.content import quotes
from consult.digests.content.quotes import QuotableComment
from consult.digests.content.rows import AlikeRow, CampaignRow, Quote


@dataclass(frozen=True)
class CampaignStatement:
    """A member's statement: words of a published comment and their position."""

    words: QuotableComment
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.words.body[self.start : self.end]


@dataclass(frozen=True)
class DigestCampaign:
    """A campaign: the number of unchanged copies, of members with added words, and of those against it."""

    key: str  # ID of the campaign
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
    variants: int | None = None  # distinct texts of a template
    published: int | None = None
    told: bool = False  # enough copies are published to show its words
    both: int = 0  # members who add words and were confirmed to contradict it
    judged: bool | None = None  # whether contradictions were checked by meaning too; None: not checked
    demands: Sequence[CampaignStatement] = ()  # found by rules
    checked: int = 0  # number of demands, from the first, checked by a person
    opening: CampaignStatement | None = None
    alike: AlikeRow | None = None  # similar texts outside campaigns; None: not searched
    contrary: Sequence[CampaignStatement] = ()
    added: Sequence[CampaignStatement] = ()


def find_asked(
    sample: QuotableComment, added: Sequence[Span]
) -> tuple[list[CampaignStatement], CampaignStatement | None]:
    """Return the demands in a copy of a letter, without what its sender added; if none, also its opening sentence."""
    told = [CampaignStatement(sample, *at) for at in keep_outside(list_demands(sample.body), added)]
    opening = None if told else find_opening(sample.body)
    return told, CampaignStatement(sample, *opening) if opening else None


def build_campaign(copied: DigestCampaign) -> CampaignRow:
    """Return a campaign with its sample letter, some additions, and confirmed contradictions."""
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
        sample=quotes.build_quote(copied.sample) if copied.sample and quotes.has_words(copied.sample) else None,
        demands=tuple(map(_build_quote, copied.demands)),
        checked=copied.checked,
        opening=_build_quote(copied.opening) if copied.opening else None,
        own=copied.adding - copied.both,
        published=copied.published,
        judged=copied.judged,
        contrary=tuple(map(_build_quote, copied.contrary)),
        added=tuple(map(_build_quote, copied.added)),
    )


def _build_quote(said: CampaignStatement) -> Quote:
    return quotes.build_quote(said.words, (said.start, said.end))
