"""How the published members of a campaign sent its letter, each counted once: a table, its picture and its file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from consult.analysis.campaigns.queries import CampaignOverview
from consult.core.i18n import _


@dataclass(frozen=True)
class CompositionRow:
    """So many of the members sent the letter in one way; `share` of all, from 0 to 100; `key` names the way."""

    key: str
    label: str
    members: int
    share: float


def describe_composition(letter: CampaignOverview) -> list[CompositionRow]:
    """The ways in which members sent a letter, of counts that are of published ones; nothing for a template.

    Who seems to ask for the opposite is counted so whatever else they changed, so each is in one row and rows add up.
    """
    if letter.template or not letter.published:
        return []
    adding = letter.adding - letter.both
    counts = {
        "exact": letter.exact,
        "changed": letter.published - letter.exact - adding - letter.contrary,
        "adding": adding,
        "contrary": letter.contrary,
    }
    if min(counts.values()) < 0:  # a count that is being followed: better nothing than a false picture
        return []
    labels = {
        "exact": _("The letter word for word"),
        "changed": _("The letter with words changed or left out"),
        "adding": _("The letter with other words of their own"),
        "contrary": _("The letter with words that seem to ask for the opposite"),
    }
    return [CompositionRow(key, labels[key], n, 100 * n / letter.published) for key, n in counts.items()]


def list_cells(rows: Sequence[CompositionRow]) -> Iterator[Sequence[object]]:
    """The same as lines of a file."""
    yield ("how", "submissions")
    for row in rows:
        yield (row.key, row.members)
