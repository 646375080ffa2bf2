"""Summary of `consult analyse campaigns` without an output file: campaigns, largest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from consult.analysis.campaigns.classification import ClassifiedComment
from consult.analysis.kinds import StatementKind, TextKind
from consult.core.text import one_line

_WORDS = 60


@dataclass
class _CampaignCount:
    words: str  # words of the letter, or of the first copy
    exact: bool
    size: int = 0
    additions: int = 0
    swapped: int = 0  # copies with a word of the letter replaced by its opposite


@dataclass
class CampaignSummary:
    """A counter of comments by campaign, as they are classified."""

    campaigns: dict[str, _CampaignCount] = field(default_factory=dict)
    others: int = 0

    def add(self, one: ClassifiedComment, text: str) -> None:
        if not one.campaign:
            self.others += 1
            return
        exact = one.kind is TextKind.EXACT
        found = self.campaigns.get(one.campaign)
        if found is None:
            found = self.campaigns[one.campaign] = _CampaignCount(_beginning(text), exact)
        elif exact and not found.exact:
            found.words, found.exact = _beginning(text), True
        found.size += 1
        found.swapped += any(statement.kind is StatementKind.CONTRARY for statement in one.statements)
        found.additions += any(statement.kind is StatementKind.ADDED for statement in one.statements)

    def lines(self) -> Iterator[str]:
        if self.campaigns:
            yield f"{'campaign':<14}  {'comments':>9}  {'additions':>9}  {'swapped':>9}  begins"
        for name, one in sorted(self.campaigns.items(), key=lambda item: (-item[1].size, item[0])):
            yield f"{name:<14}  {one.size:>9,}  {one.additions:>9,}  {one.swapped:>9,}  {one.words}"
        if any(campaign.swapped for campaign in self.campaigns.values()):
            yield "swapped: copies with a word of the letter replaced by its opposite. They need not oppose the letter."
        yield f"In no campaign: {self.others:,}. For a table with one row for each comment, use --out FILE."


def _beginning(text: str) -> str:
    words = one_line(text[: _WORDS * 4])
    return words if len(words) <= _WORDS else f"{words[:_WORDS].rsplit(' ', 1)[0]} …"
