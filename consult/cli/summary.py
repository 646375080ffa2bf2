"""What `consult analyse campaigns` prints where no table is asked for: the campaigns, largest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from consult.analysis.kinds import Kind
from consult.analysis.placing import Placed
from consult.core.text import one_line

_WORDS = 60


@dataclass
class _Campaign:
    words: str  # of the letter itself, or of the first copy where nobody sent just that
    exact: bool
    size: int = 0
    additions: int = 0


@dataclass
class Summary:
    """Comments counted by campaign as they are placed."""

    campaigns: dict[str, _Campaign] = field(default_factory=dict)
    others: int = 0

    def add(self, one: Placed, text: str) -> None:
        if not one.campaign:
            self.others += 1
            return
        exact = one.kind is Kind.EXACT
        found = self.campaigns.get(one.campaign)
        if found is None:
            found = self.campaigns[one.campaign] = _Campaign(_beginning(text), exact)
        elif exact and not found.exact:
            found.words, found.exact = _beginning(text), True
        found.size += 1
        found.additions += any(statement.kind == "added" for statement in one.statements)

    def lines(self) -> Iterator[str]:
        if self.campaigns:
            yield f"{'campaign':<14}  {'comments':>9}  {'additions':>9}  begins"
        for name, one in sorted(self.campaigns.items(), key=lambda item: (-item[1].size, item[0])):
            yield f"{name:<14}  {one.size:>9,}  {one.additions:>9,}  {one.words}"
        yield f"In no campaign: {self.others:,}. The table, one row a comment: --out FILE."


def _beginning(text: str) -> str:
    words = one_line(text[: _WORDS * 4])
    return words if len(words) <= _WORDS else f"{words[:_WORDS].rsplit(' ', 1)[0]} …"
