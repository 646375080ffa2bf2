"""Comparison of the copies of a campaign with the versions of its letter, in parts that may run in other processes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

from consult.analysis.campaigns.template_residuals import compute_template_residuals
from consult.analysis.parallel import Executor, StartedCall
from consult.analysis.text.campaign_letter import CampaignLetter
from consult.analysis.text.kept_words import LineChoices
from consult.analysis.text.residual import Residual, compare_with_letter, find_name_slots


@dataclass(frozen=True, slots=True)
class NearestResiduals:
    """Residuals of texts against the nearest version of the letter, and the number of that version.

    `additions` are those of `ComparedTexts`, for each version. They are empty for a template.
    """

    residuals: list[Residual]
    nearest: list[int]
    additions: list[list[tuple[tuple[int, bool], ...]]]


def compare_part(
    letters: Sequence[CampaignLetter], template: bool, texts: Sequence[str], choices: LineChoices, complete: bool
) -> NearestResiduals:
    """Compare texts with the versions of their letter.

    `complete` means that no other part of this comparison has texts.
    """
    if template:
        return NearestResiduals(compute_template_residuals(letters[0], texts), [0] * len(texts), [])
    compared = [compare_with_letter(letter, texts, choices, complete=complete) for letter in letters]
    best, nearest = list(compared[0].residuals), [0] * len(texts)
    for number, version in enumerate(compared[1:], start=1):
        for row, other in enumerate(version.residuals):
            if other.share + other.kept > best[row].share + best[row].kept:
                best[row], nearest[row] = other, number
    return NearestResiduals(best, nearest, [version.additions for version in compared])


class CampaignComparison:
    """The comparison of some distinct texts of a campaign, started in an executor."""

    def __init__(
        self,
        letters: Sequence[CampaignLetter],
        template: bool,
        texts: Sequence[str],
        choices: LineChoices,
        executor: Executor,
    ) -> None:
        self._letters, self._template, self._choices, self._executor = letters, template, choices, executor
        self._complete = executor.chunk is None
        self._slots = [frozenset(letter.name_slots) for letter in letters]
        self._parts = self._start(texts)

    def result(self) -> dict[str, Residual]:
        """Wait for all parts and return the residual of each text. It does not depend on the size of the parts."""
        parts = [(texts, task.result()) for texts, task in self._parts]
        residuals = {
            text: residual for texts, part in parts for text, residual in zip(texts, part.residuals, strict=True)
        }
        if self._complete or self._template:
            return residuals
        for number, letter in enumerate(self._letters):
            letter.name_slots.update(find_name_slots(chain.from_iterable(part.additions[number] for _, part in parts)))
        repeated = [text for texts, part in parts for text in self._list_outdated(texts, part)]
        for texts, task in self._start(repeated):
            residuals.update(zip(texts, task.result().residuals, strict=True))
        return residuals

    def _start(self, texts: Sequence[str]) -> list[tuple[Sequence[str], StartedCall[NearestResiduals]]]:
        size = self._executor.chunk or max(1, len(texts))
        letters = (
            self._letters if self._complete else [replace(one, name_slots={*one.name_slots}) for one in self._letters]
        )
        return [
            (part, self._executor.start(compare_part, letters, self._template, part, self._choices, self._complete))
            for part in (texts[first : first + size] for first in range(0, len(texts), size))
        ]

    def _list_outdated(self, texts: Sequence[str], part: NearestResiduals) -> list[str]:
        """Return texts whose lines are now cut differently, because positions of names were found later."""
        learnt = [letter.name_slots - before for letter, before in zip(self._letters, self._slots, strict=True)]
        return [
            text
            for row, (text, version) in enumerate(zip(texts, part.nearest, strict=True))
            if any(place in learnt[version] for place, _ in part.additions[version][row])
        ]
