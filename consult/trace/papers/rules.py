"""Forms of documents and their limits. Pure: the rules are data in `rules.toml`, each with its source."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from consult.core.i18n import N_
from consult.core.text import word_pattern

_FILE = Path(__file__).with_name("rules.toml")
PAPER_NAMES = {
    "ecosoc": N_("Written statement to ECOSOC or one of its commissions"),
    "upr": N_("Stakeholder submission to the Universal Periodic Review"),
    "letter": N_("Plain document"),
}
LIMIT_NAMES = {
    "general": N_("general consultative status"),
    "special_commission": N_("special consultative status or on the Roster, to a commission"),
    "special_council": N_("special consultative status or on the Roster, to the Council"),
    "one": N_("from one organisation"),
    "joint": N_("from several organisations together"),
}


@dataclass(frozen=True)
class PaperRule:
    """The requirements of a body for one form of document."""

    key: str
    name: str
    source: str
    heading: str
    numbered: bool
    signatories_first: bool
    limits: Mapping[str, int]


@dataclass(frozen=True)
class PaperLimit:
    """The number of words and the limit of a form for one kind of author."""

    paper: str
    who: str
    words: int
    most: int

    @property
    def fits(self) -> bool:
        return self.words <= self.most


@lru_cache(maxsize=1)
def load_rules() -> Mapping[str, PaperRule]:
    """Return the rules by key, in order."""
    return {row["key"]: PaperRule(**row) for row in tomllib.loads(_FILE.read_text("utf-8"))["paper"]}


def count_words(texts: Iterable[str]) -> int:
    """Return the number of words in texts, in any script.

    >>> count_words(["Sixty per cent", "ليس كافياً"])
    5
    """
    return sum(len(word_pattern(text).findall(text)) for text in texts)


def measure(texts: Sequence[str]) -> list[PaperLimit]:
    """Return the number of words of a submission with every limit."""
    words = count_words(texts)
    return [
        PaperLimit(rule.key, who, words, most) for rule in load_rules().values() for who, most in rule.limits.items()
    ]
