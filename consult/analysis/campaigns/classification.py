"""Classification of comments: class, campaign, the share that is not the letter's, and added statements.

A comment is an exact copy if it adds nothing to the letter, apart from lines without a statement (names, addresses,
greetings). In addition, several people sent it, or it is the text of the letter or of a version.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from consult.analysis.campaigns.comparison import CampaignComparison
from consult.analysis.campaigns.groups import CorpusLike, GroupedTexts
from consult.analysis.kinds import MIN_COPIES, StatementKind, TextKind
from consult.analysis.parallel import Executor, Inline
from consult.analysis.text.campaign_letter import CampaignLetter
from consult.analysis.text.kept_words import LineChoices, keep_words
from consult.analysis.text.line_roles import TextLine
from consult.analysis.text.normalise import normal_form
from consult.analysis.text.residual import Residual, ResidualStatement

_INLINE = Inline()
_MOSTLY_LETTER = 0.85
"""A copy of which less is the letter's has words of its own, though none stand together: a person reads them."""


@dataclass(frozen=True, slots=True)
class ClassifiedComment:
    """The classification of one comment. `campaign` is empty outside published campaigns.

    `adds`: the comment adds statements to the letter. `contrary`: it seems to contradict the letter.
    """

    campaign: str
    kind: TextKind
    share: float
    statements: tuple[ResidualStatement, ...] = ()
    adds: bool = False
    contrary: bool = False
    lines: tuple[TextLine, ...] = ()
    """Its lines, where it is compared with a letter; else they are those of `read_lines`."""


def stable_names(corpus: CorpusLike, grouping: GroupedTexts) -> list[str]:
    """Return a stable name for each campaign, derived from the hash of its letter. Templates begin with `t-`."""
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
    choices: LineChoices = (),
) -> list[ClassifiedComment]:
    """Return the classification of each comment, in order. `numbers` are the corpus numbers of the original texts.

    `choices` are roles that people gave to lines.
    """
    return start_classification(grouping, called, numbers, texts, choices=choices)()


def start_classification(
    grouping: GroupedTexts,
    called: Sequence[str],
    numbers: Sequence[int],
    texts: Sequence[str],
    *,
    choices: LineChoices = (),
    executor: Executor = _INLINE,
) -> Callable[[], list[ClassifiedComment]]:
    """Start `classify_comments` in an executor. Return a function that waits for the result.

    Batches must be finished in the order in which they were started.
    """
    waiting: dict[int, dict[str, None]] = {}
    for number, text in zip(numbers, texts, strict=True):
        if grouping.kind(number) is TextKind.LETTER:
            waiting.setdefault(int(grouping.campaign[number]), {})[text] = None
    started = {
        campaign: CampaignComparison(
            grouping.letters[campaign], grouping.campaigns[campaign].template, list(distinct), choices, executor
        )
        for campaign, distinct in waiting.items()
    }

    def finish() -> list[ClassifiedComment]:
        residuals = {campaign: comparison.result() for campaign, comparison in started.items()}
        return [
            _classify(grouping, called, int(number), text, residuals)
            for number, text in zip(numbers, texts, strict=True)
        ]

    return finish


def _classify(
    grouping: GroupedTexts, called: Sequence[str], number: int, text: str, residuals: dict[int, dict[str, Residual]]
) -> ClassifiedComment:
    campaign, kind = int(grouping.campaign[number]), grouping.kind(number)
    name = called[campaign] if campaign >= 0 else ""
    if kind is not TextKind.LETTER:
        return ClassifiedComment(name, kind, float(grouping.shares[number]))
    return _classify_copy(grouping, name, number, text, residuals[campaign][text])


def _classify_copy(grouping: GroupedTexts, name: str, number: int, text: str, residual: Residual) -> ClassifiedComment:
    campaign = int(grouping.campaign[number])
    template = grouping.campaigns[campaign].template
    kinds = {each.kind for each in residual.statements}
    adds = StatementKind.ADDED in kinds or (not template and residual.share < _MOSTLY_LETTER)
    contrary = StatementKind.CONTRARY in kinds
    whole = not (template or adds or contrary) and (
        bool(grouping.copies[number] >= MIN_COPIES) or _is_signed(grouping.letters[campaign], text, residual.lines)
    )
    kind = TextKind.EXACT if whole else TextKind.LETTER
    return ClassifiedComment(name, kind, residual.share, residual.statements, adds, contrary, residual.lines)


def _is_signed(letters: Sequence[CampaignLetter], text: str, lines: tuple[TextLine, ...]) -> bool:
    """Return True if a text is one of the letters, apart from lines that carry no statement, such as a signature."""
    words = normal_form(keep_words(text, lines or None))
    return any(words == _normal_words(letter.text) for letter in letters)


@lru_cache(maxsize=512)
def _normal_words(text: str) -> str:
    return normal_form(keep_words(text))
