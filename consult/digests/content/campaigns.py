"""The digest's section on campaigns. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from consult.digests.content import quotes
from consult.digests.content.quotes import QuotableComment
from consult.digests.content.rows import AlikeRow, CampaignRow


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
    alike: AlikeRow | None = None  # texts of no campaign that are alike to it in meaning; none: not looked for
    contrary: Sequence[CampaignStatement] = ()
    added: Sequence[CampaignStatement] = ()


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
        contrary=tuple(quotes.build_quote(said.words, (said.start, said.end)) for said in copied.contrary),
        added=tuple(quotes.build_quote(said.words, (said.start, said.end)) for said in copied.added),
    )
