"""Detection of contradiction: added words that reject the letter or ask for its opposite.

There are two signs: a sentence of a known form rejects the letter (“please ignore the text below”), or a sentence calls
for what the letter is against, or against what it calls for, about the same things. Agreement counts against a finding:
“NO! Stop it!” agrees with a letter that asks to stop something. Sentences without either sign are judged by meaning if
a judge is available. A finding is a suggestion for a person, with a confidence and the sentence concerned, never a
decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from consult.analysis.text.demands import ADMISSION, ADOPTION, AMOUNT, ARRIVAL, PUNISHMENT, Call, may_ask, read_calls
from consult.analysis.text.phrases import compile_words, has_phrase
from consult.analysis.text.rejection_signs import Judge
from consult.analysis.text.sentences import Sentence, guess_language, split_sentences
from consult.analysis.text.wordlists import read_lists

SUGGESTED = 0.5
"""The minimum confidence of a suggested contradiction."""
_REJECTS = 0.8
_PROPOSAL = 0.8
_SAME_AXIS = 0.7
_OTHER_AXIS = 0.6
_ONLY_AXIS = 0.55
_ANY = -1
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Words that seem to contradict a letter: `text[start:end]`, with a confidence from 0 to 1."""

    start: int
    end: int
    confidence: float


@dataclass(frozen=True)
class LetterPosition:
    """The calls of a letter for and against things. If it opposes a proposal, its claims about that are inverted."""

    calls: tuple[Call, ...]
    language: str
    proposal: int
    """1 if the letter asks to adopt the proposal, -1 if it asks to stop it, 0 if neither."""

    @classmethod
    def of(cls, letter: str) -> LetterPosition:
        """Return the position of a letter from its words.

        >>> letter = LetterPosition.of("The bill would close clinics and jail addicts. Please reject the bill.")
        >>> letter.proposal, [call.sign for call in letter.calls if not call.asked]
        (-1, [1, -1])
        """
        language = guess_language(letter)
        sentences = split_sentences(letter, language)
        calls = [(sentence, call) for sentence in sentences for call in read_calls(sentence)]
        asked = sum(call.sign for _, call in calls if call.asked and call.proposal)
        proposal = (asked > 0) - (asked < 0)
        made = []
        for sentence, call in calls:
            if call.asked:
                made.append(call)
            elif proposal and _is_claim(sentence):
                made.append(Call(call.sign * proposal, call.axis, call.things, False, False))
        return cls(tuple(made), language, proposal)

    @cached_property
    def _signs(self) -> dict[tuple[int, str], set[int]]:
        """Map each (axis, thing) to the signs of the letter's calls about it.

        The axis `_ANY` has its demands on any axis.
        """
        signs: dict[tuple[int, str], set[int]] = {}
        for call in self.calls:
            for thing in call.things:
                signs.setdefault((call.axis, thing), set()).add(call.sign)
                if call.asked:
                    signs.setdefault((_ANY, thing), set()).add(call.sign)
        return signs

    def sign_of(self, thing: str, axis: int) -> int:
        """Return 1 or -1 if the letter is for or against a thing on one axis, 0 if both or neither."""
        signs = self._signs.get((axis, thing), set())
        return next(iter(signs)) if len(signs) == 1 else 0

    def sign_on(self, axis: int) -> int:
        """Return 1 or -1 if all calls of the letter on one axis have this sign, 0 if mixed or none."""
        signs = {call.sign for call in self.calls if call.axis == axis}
        return next(iter(signs)) if len(signs) == 1 else 0


def _is_claim(sentence: Sentence) -> bool:
    return compile_words(sentence.language, "claims").search(f" {' '.join(sentence.words)} ") is not None


def find_contradiction(
    letter: LetterPosition, text: str, own: Sequence[Span], judge: Judge | None = None
) -> Contradiction | None:
    """Return the sentence in a member's own words that contradicts the letter most, or None.

    `own` gives the ranges of the member's words in `text`.

    >>> letter = LetterPosition.of("We ask you to fund the clinics. Please adopt the strategy.")
    >>> said = ("Please ignore the letter below.", "Close the clinics!", "Do not adopt it.", "Fund the clinics NOW!")
    >>> [find_contradiction(letter, words, [(0, len(words))]) is not None for words in said]
    [True, True, True, False]
    """
    return find_contradictions(letter, [(text, own)], judge)[0]


def find_contradictions(
    letter: LetterPosition, members: Sequence[tuple[str, Sequence[Span]]], judge: Judge | None = None
) -> list[Contradiction | None]:
    """Return the strongest contradiction of each member, given their texts and own words.

    A judge evaluates all sentences in one batch.
    """
    if judge is None:
        return [_choose(_weigh_sentences(letter, *member), None) for member in members]
    weighed = [list(_weigh_sentences(letter, *member)) for member in members]
    judge.judge_ahead([(one.words, one.sentence) for each in weighed for one in each if not one.weight])
    return [_choose(each, judge) for each in weighed]


class _Weighed(NamedTuple):
    """A sentence of words that begin at `start`, and its weight by rules: above 0 contradicts, below 0 agrees."""

    start: int
    words: str
    sentence: Sentence
    weight: float


def _weigh_sentences(letter: LetterPosition, text: str, own: Sequence[Span]) -> Iterator[_Weighed]:
    for start, end in own:
        for sentence in split_sentences(text[start:end], letter.language):
            weight = max(measure_rejection(sentence), -weigh_calls(letter, sentence), key=abs)
            yield _Weighed(start, text[start:end], sentence, weight)


def _choose(weighed: Iterable[_Weighed], judge: Judge | None) -> Contradiction | None:
    best: Contradiction | None = None
    agreed = 0.0
    for start, words, sentence, told in weighed:
        weight = told or (judge(words, sentence) if judge is not None else 0.0)
        if weight < 0:
            agreed = max(agreed, -weight)
        elif weight >= SUGGESTED and (best is None or weight > best.confidence):
            best = Contradiction(start + sentence.start, start + sentence.end, round(weight, 2))
    return best if best is not None and best.confidence > agreed else None


@lru_cache(maxsize=512)
def get_position(letter: str) -> LetterPosition:
    """Return the cached position of a letter, since many members are compared with it."""
    return LetterPosition.of(letter)


def seems_to_agree(letter: LetterPosition, text: str, before: str = "") -> bool:
    """Return True if a sentence asks for what the letter asks, as “must NOT be implemented” does for “please stop”.

    Calls in `before`, the sentence before the change, are ignored because they say nothing about the change.
    """
    known = {call for sentence in split_sentences(before, letter.language) for call in read_calls(sentence)}
    weights = [
        _weigh_call(letter, call)
        for sentence in split_sentences(text, letter.language)
        if may_ask(sentence)
        for call in read_calls(sentence)
        if call.asked and call not in known
    ]
    return max(weights, key=abs, default=0.0) >= SUGGESTED


def measure_rejection(sentence: Sentence) -> float:
    """Return the confidence that a sentence rejects the text next to it by its form, or 0."""
    if sentence.question:
        return 0.0
    told = f" {' '.join(sentence.words)} "
    return _REJECTS if any(_has_framing(told, language) for language in sentence.languages) else 0.0


def _has_framing(told: str, language: str) -> bool:
    for idiom in read_lists(language).get("framing_idioms", ()):
        if idiom in told:
            told = told.replace(f" {idiom} ", " ")
    return has_phrase(told.split(), language, "framing")


def weigh_calls(letter: LetterPosition, sentence: Sentence) -> float:
    """Return how far a sentence asks for what the letter asks: above 0 for the same, below 0 for the opposite."""
    if not may_ask(sentence):
        return 0.0
    weights = [_weigh_call(letter, call) for call in read_calls(sentence) if call.asked]
    return max(weights, key=abs, default=0.0)


def _weigh_call(letter: LetterPosition, call: Call) -> float:
    if call.proposal and letter.proposal:
        return _PROPOSAL * call.sign * letter.proposal
    tries = [(call.axis, _SAME_AXIS), (_ANY, _OTHER_AXIS)]
    if call.axis == PUNISHMENT:  # who would punish somebody is against what would be allowed
        tries = [(call.axis, _SAME_AXIS), (ADMISSION, -_OTHER_AXIS)]
    only = call.axis == PUNISHMENT or (not call.things and call.axis in (ADMISSION, AMOUNT))
    for axis, weight in tries:
        if axis == ADOPTION:  # who supports a thing agrees with a demand for it, not with all that is said of it
            continue
        signs = {thing: letter.sign_of(thing, axis) for thing in call.things}
        known = [thing for thing, sign in signs.items() if sign]
        balance = sum(signs.values())
        if balance and (2 * len(known) >= len(signs) or ARRIVAL in known):
            return weight * call.sign * (1 if balance > 0 else -1)
        if only and letter.sign_on(call.axis):
            return _ONLY_AXIS * call.sign * letter.sign_on(call.axis)
    return 0.0
