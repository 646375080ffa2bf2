"""Classifies comments: class, campaign, share that is not the letter's, and added statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from consult.analysis.campaigns.groups import CorpusLike, GroupedTexts
from consult.analysis.campaigns.letters import CampaignLetter
from consult.analysis.campaigns.template_residuals import compute_template_residuals
from consult.analysis.kinds import TextKind
from consult.analysis.text.rejection_signs import Judge
from consult.analysis.text.residual import Residual, ResidualStatement, compute_residuals


@dataclass(frozen=True, slots=True)
class ClassifiedComment:
    """What is known of one comment; `campaign` is empty outside published campaigns."""

    campaign: str
    kind: TextKind
    share: float
    statements: tuple[ResidualStatement, ...] = ()


def stable_names(corpus: CorpusLike, grouping: GroupedTexts) -> list[str]:
    """A name for each campaign that does not change when others come or go: from the hash of its letter, `t-` for a
    template."""
    return [
        f"{'t' if campaign.template else 'c'}-{corpus.hashes[campaign.letter].hex()[:12]}"
        for campaign in grouping.campaigns
    ]


def classify_comments(
    grouping: GroupedTexts,
    called: Sequence[str],
    numbers: Sequence[int],
    texts: Sequence[str],
    *,
    contradictions: bool = True,
    judge: Judge | None = None,
) -> list[ClassifiedComment]:
    """Each comment in its place; `numbers` are the corpus numbers of the texts, which are as they were written.

    Without `contradictions`, words beside a letter are not held against it; with a judge, by their meaning too.
    """
    waiting: dict[int, dict[str, Residual | None]] = {}
    for number, text in zip(numbers, texts, strict=True):
        if grouping.kind(number) is TextKind.LETTER:
            waiting.setdefault(int(grouping.campaign[number]), {})[text] = None
    for campaign, found in waiting.items():
        letters = grouping.letters[campaign]
        residuals = (
            compute_template_residuals(letters[0], list(found))
            if grouping.campaigns[campaign].template
            else _nearest_residuals(letters, list(found), contradictions, judge)
        )
        found.update(zip(found, residuals, strict=True))
    placed = []
    for number, text in zip(numbers, texts, strict=True):
        campaign, kind = int(grouping.campaign[number]), grouping.kind(number)
        residual = waiting[campaign][text] if kind is TextKind.LETTER else None
        name = called[campaign] if campaign >= 0 else ""
        if residual is None:
            placed.append(ClassifiedComment(name, kind, float(grouping.shares[number])))
        else:
            placed.append(ClassifiedComment(name, kind, residual.share, residual.statements))
    return placed


def _nearest_residuals(
    letters: Sequence[CampaignLetter], texts: list[str], contradictions: bool, judge: Judge | None
) -> list[Residual]:
    """The residual of each text against the version of the letter it is nearest to."""
    best = compute_residuals(letters[0], texts, contradictions=contradictions, judge=judge)
    for letter in letters[1:]:
        other = compute_residuals(letter, texts, contradictions=contradictions, judge=judge)
        best = [
            one if one.share + one.kept >= two.share + two.kept else two for one, two in zip(best, other, strict=True)
        ]
    return best
