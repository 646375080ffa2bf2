"""The digest's section on campaigns. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from consult.analysis.campaigns.demands import find_opening
from consult.digests.content import quotes
from consult.digests.content.quotes import QuotableComment
from consult.digests.content.rows import CampaignRow, Quote


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
    """A campaign: the number of unchanged copies, and of members with added words."""

    key: str  # ID of the campaign
    total: int
    new: int
    sample: QuotableComment | None  # a published copy
    name: str = ""
    organiser: str = ""
    declared: bool = False
    exact: int = 0
    adding: int = 0
    variants: int | None = None  # distinct texts of a template
    published: int | None = None
    told: bool = False  # enough copies are published to show its words
    demands: Sequence[CampaignStatement] = ()  # requests that a person checked
    checked: int = 0  # number of them
    opening: CampaignStatement | None = None
    side: str | None = None  # on the draft as a whole, as a person decided
    added: Sequence[CampaignStatement] = ()


def find_beginning(sample: QuotableComment) -> CampaignStatement | None:
    """Return the first complete sentence of a copy of a letter, or None."""
    opening = find_opening(sample.body)
    return CampaignStatement(sample, *opening) if opening else None


def build_campaign(copied: DigestCampaign) -> CampaignRow:
    """Return a campaign with its sample letter and some additions."""
    return CampaignRow(
        key=copied.key,
        total=copied.total,
        new=copied.new,
        name=copied.name,
        organiser=copied.organiser,
        declared=copied.declared,
        exact=copied.exact,
        adding=copied.adding,
        variants=copied.variants,
        sample=quotes.build_quote(copied.sample) if copied.sample and quotes.has_words(copied.sample) else None,
        demands=tuple(map(_build_quote, copied.demands)),
        checked=copied.checked,
        opening=_build_quote(copied.opening) if copied.opening else None,
        own=copied.adding,
        published=copied.published,
        side=copied.side,
        contrary=(),
        added=tuple(map(_build_quote, copied.added)),
    )


def _build_quote(said: CampaignStatement) -> Quote:
    return quotes.build_quote(said.words, (said.start, said.end))
