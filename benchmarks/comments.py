"""Synthetic comments with known labels: letters, edited copies of them, and individual comments.

The seed determines the output. Letters and sentences are composed of clauses in this file or given by the caller.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple


class Comment(NamedTuple):
    """A comment. `label` is `c<k>` for a copy of letter k, `u<i>` for an individual comment, and `short` for others."""

    id: int
    label: str
    kind: str
    text: str


SHARES = {
    "exact": 0.44,
    "format": 0.09,
    "prefix": 0.08,
    "delsent": 0.04,
    "longpers": 0.035,
    "suffix": 0.035,
    "syn10": 0.025,
    "typo": 0.025,
    "syn25": 0.017,
    "reorder": 0.015,
    "contrary": 0.01,
    "unique": 0.145,
    "quote": 0.025,
    "short": 0.018,
}
SHORT = ("Please see attached.", "See attached file(s)", "I oppose this rule", "I support this.", "No", "See attached")
_WHO = (
    "farm workers",
    "small clinics",
    "the families in our valley",
    "people who use drugs",
    "rural schools",
    "our members",
    "young doctors",
    "night-shift nurses",
    "the port authority",
    "pharmacists",
    "local growers",
    "prison chaplains",
    "the harm-reduction teams",
    "first-time tenants",
    "bus drivers",
    "river pilots",
    "parents of patients",
    "the courts",
    "community labs",
    "older residents",
    "our village council",
    "students abroad",
    "border towns",
    "the fishing fleet",
)
_DO = (
    "depend on",
    "cannot plan without",
    "have waited years for",
    "pay dearly for",
    "would lose",
    "should be asked about",
    "know more than anyone about",
    "are entitled to",
    "were promised",
    "keep asking for",
    "carry the burden of",
    "rely on",
    "have built their lives around",
    "do not understand",
    "want the ministry to explain",
    "must not be left without",
)
_WHAT = (
    "a clear rule on treatment",
    "the current wage floor",
    "access to naloxone",
    "an honest impact assessment",
    "the licence they already hold",
    "clean needles and a safe room",
    "the right to appeal",
    "a fair share of the fund",
    "protection from sudden inspections",
    "the twelve-month transition",
    "evidence gathered by independent scientists",
    "public hearings in the evening",
    "a cap on paperwork",
    "the treaty obligations of this country",
    "stable prices",
    "an exemption for medical research",
    "proper notice before a raid",
    "the data the agency refuses to publish",
)
_WHY = (
    "because the harvest does not wait",
    "as the last audit showed",
    "and nobody has counted the cost",
    "in every season",
    "even when the budget is tight",
    "whatever the weather brings",
    "since the clinic closed in March",
    "although the draft says otherwise",
    "long before any new fee is charged",
    "under the rules of 2009",
    "when the nearest hospital is two hours away",
    "so that no child grows up behind a fence",
    "for reasons of health",
    "not only in the capital",
    "until an independent body has reported",
    "without another round of delays",
)
_SYLLABLES = (
    "ba",
    "den",
    "fo",
    "gil",
    "har",
    "ist",
    "jo",
    "kel",
    "lum",
    "mar",
    "nev",
    "or",
    "pra",
    "quen",
    "rid",
    "sol",
)
_SWAPS = {
    "clear": "plain",
    "rule": "regulation",
    "access": "entry",
    "honest": "frank",
    "years": "ages",
    "want": "wish",
    "families": "households",
    "people": "persons",
    "would": "could",
    "fund": "pot",
    "shows": "proves",
    "and": "as well as",
    "public": "open",
    "hearings": "meetings",
    "report": "paper",
    "before": "ahead of",
    "internet": "web",
    "stop": "end",
    "workers": "employees",
    "should": "ought to",
    "big": "large",
    "school": "college",
    "government": "state",
    "children": "kids",
    "help": "aid",
    "use": "usage",
    "many": "lots of",
    "because": "since",
    "important": "vital",
}
_TURNS = (
    (r"\bdo not\b", "do"),
    (r"\bcannot\b", "can"),
    (r"\bmust not\b", "must"),
    (r"\bshould\b(?! not)", "should not"),
    (r"\bmust\b(?! not)", "must not"),
    (r"\bare\b(?! not)", "are not"),
    (r"\bis\b(?! not)", "is not"),
    (r"\bwould\b(?! not)", "would not"),
    (r"\bwithout\b", "with"),
    (r"\bwill\b(?! not)", "will not"),
    (r"\bcan\b(?! not)", "cannot"),
    (r"\bnot\b", ""),
    (r"\bincrease\b", "decrease"),
    (r"\bsupport\b", "oppose"),
    (r"n't\b", ""),
    (r"\bnever\b", "always"),
    (r"\bmore\b", "less"),
    (r"\bagainst\b", "for"),
    (r"\ballow\b", "ban"),
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


def sentence(rng: random.Random) -> str:
    """Return a sentence that is unlikely to occur twice, though its clauses are common."""
    who, do, what, why = rng.choice(_WHO), rng.choice(_DO), rng.choice(_WHAT), rng.choice(_WHY)
    more = f", {why}, and {rng.choice(_WHO)} {rng.choice(_DO)} {_name(rng)}" if rng.random() < 0.6 else f" {why}"
    text = f"{who} of {_name(rng)} {do} {_name(rng)} or {what}{more}"
    return text[0].upper() + text[1:] + rng.choice(".....!")


def _name(rng: random.Random) -> str:
    """Return a made-up name, so that five equal words in a row are rare."""
    return "".join(rng.choice(_SYLLABLES) for _ in range(rng.randint(2, 3)))


def letter(rng: random.Random) -> str:
    """Return a letter of 3 to 10 sentences."""
    count = rng.choice((3, 3, 4, 4, 5, 6, 8, 10))
    parts = [sentence(rng) for _ in range(count)]
    cut = rng.randrange(1, count)
    return " ".join(parts[:cut]) + "\n\n" + " ".join(parts[cut:])


class Writer:
    """A writer of comments from letters and a set of sentences."""

    def __init__(self, seed: int, letters: int = 26, given: Sequence[str] = (), stock: Sequence[str] = ()) -> None:
        self.rng = random.Random(seed)
        self.letters = list(given) or [letter(self.rng) for _ in range(letters)]
        self.stock = stock
        weights = [1 / (rank + 1) for rank in range(len(self.letters))]
        self.weights = [weight / sum(weights) + 0.01 for weight in weights]

    def write(self, count: int) -> Iterator[Comment]:
        """Yield `n` comments."""
        kinds, shares = list(SHARES), list(SHARES.values())
        for number in range(count):
            kind = self.rng.choices(kinds, shares)[0]
            which = self.rng.choices(range(len(self.letters)), self.weights)[0]
            yield self._comment(number, kind, which)

    def _comment(self, number: int, kind: str, which: int) -> Comment:
        if kind == "short":
            return Comment(number, "short", kind, self.rng.choice(SHORT))
        if kind == "unique":
            return Comment(number, f"u{number}", kind, self._own(1, 6))
        if kind == "quote":
            quoted = self.rng.choice(_SENTENCE.split(self.letters[which]))
            text = f'{self._own(2, 5)} They say: "{quoted}" I do not agree. {self._own(2, 5)}'
            return Comment(number, f"u{number}", kind, text)
        text = self.letters[which] if kind == "exact" else getattr(self, f"_{kind}")(self.letters[which])
        return Comment(number, f"c{which}", kind if text is not None else "exact", text or self.letters[which])

    def _say(self) -> str:
        return self.rng.choice(self.stock) if self.stock else sentence(self.rng)

    def _own(self, least: int, most: int) -> str:
        return " ".join(self._say() for _ in range(self.rng.randint(least, most)))

    def _format(self, text: str) -> str:
        return self.rng.choice((text.upper(), text.lower(), " ".join(text.split()), text.replace(" ", "  ", 5)))

    def _prefix(self, text: str) -> str:
        return f"{self._own(1, 2)} {text}"

    def _suffix(self, text: str) -> str:
        return f"{text} {self._own(1, 3)}"

    def _longpers(self, text: str) -> str:
        own = self._own(4, 10)
        return f"{own}\n\n{text}" if self.rng.random() < 0.5 else f"{text}\n\n{own}"

    def _delsent(self, text: str) -> str:
        parts = _SENTENCE.split(text)
        for _ in range(self.rng.randint(1, max(1, len(parts) // 3))):
            parts.pop(self.rng.randrange(len(parts)))
        return " ".join(parts)

    def _reorder(self, text: str) -> str:
        parts = _SENTENCE.split(text)
        self.rng.shuffle(parts)
        return " ".join(parts)

    def _swap(self, text: str, share: float) -> str:
        def other(match: re.Match[str]) -> str:
            word = match.group()
            return _SWAPS.get(word, word) if self.rng.random() < share else word

        return re.sub(r"\w+", other, text)

    def _syn10(self, text: str) -> str:
        return self._swap(text, 0.3)

    def _syn25(self, text: str) -> str:
        return self._swap(text, 0.7)

    def _typo(self, text: str) -> str:
        letters = list(text)
        for _ in range(self.rng.randint(1, 4)):
            at = self.rng.randrange(len(letters) - 1)
            letters[at], letters[at + 1] = letters[at + 1], letters[at]
        return "".join(letters)

    def _contrary(self, text: str) -> str | None:
        turns = [(pattern, new) for pattern, new in _TURNS if re.search(pattern, text)]
        if not turns:
            return None
        pattern, new = self.rng.choice(turns)
        return re.sub(pattern, new, text, count=1)
