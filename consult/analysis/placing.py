"""Placing: each comment with its class, its campaign, the share that is not its own, and what it says beside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from consult.analysis.grouping import Grouping, Texts
from consult.analysis.kinds import Kind
from consult.analysis.letters import Letter
from consult.analysis.residual import Residual, Statement, residuals


@dataclass(frozen=True, slots=True)
class Placed:
    """What is known of one comment; `campaign` is empty outside published campaigns."""

    campaign: str
    kind: Kind
    share: float
    statements: tuple[Statement, ...] = ()


def names(corpus: Texts, grouping: Grouping) -> list[str]:
    """A name for each campaign that does not change when others come or go: from the hash of its letter."""
    return [f"c-{corpus.hashes[campaign.letter].hex()[:12]}" for campaign in grouping.campaigns]


def place_all(grouping: Grouping, called: Sequence[str], numbers: Sequence[int], texts: Sequence[str]) -> list[Placed]:
    """Each comment in its place; `numbers` are the corpus numbers of the texts, which are as they were written."""
    waiting: dict[int, dict[str, Residual | None]] = {}
    for number, text in zip(numbers, texts, strict=True):
        if grouping.kind(number) is Kind.LETTER:
            waiting.setdefault(int(grouping.campaign[number]), {})[text] = None
    for campaign, found in waiting.items():
        found.update(zip(found, _nearest(grouping.letters[campaign], list(found)), strict=True))
    placed = []
    for number, text in zip(numbers, texts, strict=True):
        campaign, kind = int(grouping.campaign[number]), grouping.kind(number)
        residual = waiting[campaign][text] if kind is Kind.LETTER else None
        name = called[campaign] if campaign >= 0 else ""
        if residual is None:
            placed.append(Placed(name, kind, float(grouping.shares[number])))
        else:
            placed.append(Placed(name, kind, residual.share, residual.statements))
    return placed


def _nearest(letters: Sequence[Letter], texts: list[str]) -> list[Residual]:
    """The residual of each text against the version of the letter it is nearest to."""
    best = residuals(letters[0], texts)
    for letter in letters[1:]:
        other = residuals(letter, texts)
        best = [
            one if one.share + one.kept >= two.share + two.kept else two for one, two in zip(best, other, strict=True)
        ]
    return best
