"""Detection of words swapped inside a campaign letter that reverse its meaning, and of sentences that ask."""

from __future__ import annotations

import pytest

from consult.analysis.kinds import StatementKind
from consult.analysis.text.campaign_letter import CampaignLetter
from consult.analysis.text.demands import find_demands
from consult.analysis.text.residual import compute_residuals

LETTER = (
    "We write for the people who pick our food and for their families at home. "
    "The new rule would cut their pay and the number of inspections. "
    "Please stop the harmful changes in this rule today."
)


LAST = "Please stop the harmful changes in this rule today"
NOT_CUT = "The new rule would not cut their pay and the number of inspections."


@pytest.mark.parametrize(
    ("comment", "contrary"),
    [
        (f"I do not agree with the following. {LETTER}", []),
        (LETTER.replace("Please stop", "Please adopt the rule! Please stop"), []),
        (LETTER.replace("Please stop", "Please adopt"), ["Please adopt the harmful changes in this rule today."]),
        (f"No no no {LETTER}", []),
        (LETTER.replace(LAST, "These changes must NOT be implemented"), []),
        (LETTER.replace("would cut", "would not cut"), [NOT_CUT]),
        (f"My father picked fruit. {LETTER}", []),
    ],
)  # fmt: skip
def test_only_a_word_swapped_inside_the_letter_is_marked_as_contrary(comment: str, contrary: list[str]) -> None:
    (found,) = compute_residuals(CampaignLetter.of(LETTER), [comment])
    against = [said for said in found.statements if said.kind is StatementKind.CONTRARY]
    assert [said.text for said in against] == contrary
    assert all(comment[said.start : said.end] == said.text and said.confidence > 0 for said in against)


def test_demands_are_the_sentences_that_ask() -> None:
    text = "I grow apples. Nous demandons de financer les cliniques. Would they close? Bitte stoppen Sie das Gesetz."
    assert [text[start:end] for start, end in find_demands(text)] == [
        "Nous demandons de financer les cliniques.",
        "Bitte stoppen Sie das Gesetz.",
    ]
