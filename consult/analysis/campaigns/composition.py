"""The composition of a campaign: published members by how they sent its letter, for a table, chart and file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from consult.analysis.campaigns.queries import CampaignOverview
from consult.core.i18n import _


@dataclass(frozen=True)
class CompositionRow:
    """The number of members who sent the letter in one way. `share` is a percentage of all; `key` names the way."""

    key: str
    label: str
    members: int
    share: float


def describe_composition(letter: CampaignOverview) -> list[CompositionRow]:
    """Return published members by how they sent the letter. Empty for templates and unpublished campaigns."""
    if letter.template or not letter.published:
        return []
    counts = {
        "exact": letter.exact,
        "changed": letter.published - letter.exact - letter.adding,
        "adding": letter.adding,
    }
    if min(counts.values()) < 0:  # counts are being updated, so show nothing rather than a wrong chart
        return []
    labels = {
        "exact": _("Exact copies"),
        "changed": _("Copies with words changed or left out"),
        "adding": _("Copies with added words"),
    }
    return [CompositionRow(key, labels[key], n, 100 * n / letter.published) for key, n in counts.items()]


def list_cells(rows: Sequence[CompositionRow]) -> Iterator[Sequence[object]]:
    """Yield the same data as rows of a file."""
    yield ("how", "submissions")
    for row in rows:
        yield (row.key, row.members)
