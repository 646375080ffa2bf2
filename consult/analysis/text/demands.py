"""Demands: the sentences of a text that ask for something, and what they call for, found by word lists.

A call is a verb of the list `calls` with its side and the things it is about. Negators and preceding calls (“stop
cutting”) invert the side. The module does not understand text: calls are hints for comparing texts or showing them to a
person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from consult.analysis.text.phrases import (
    compile_calls,
    compile_concepts,
    compile_openers,
    compile_words,
    has_phrase,
    is_listed,
    is_negated,
    list_pattern,
    may_hold,
)
from consult.analysis.text.sentences import Sentence, split_sentences
from consult.analysis.text.stopwords import is_stopword
from consult.analysis.text.wordlists import load_words, read_lists

ADOPTION = 0
"""The line of the list `calls` about a proposal. Its words also express support and opposition of other things."""
ADMISSION = 1
"""The line about who and what is admitted or allowed."""
AMOUNT = 4
"""The line about how much there is of something."""
PUNISHMENT = 5
"""The line about who is punished."""
PRESERVATION = 3
"""The line about what is kept and what is removed."""
COURSE = 2
"""The line about what continues and what is stopped."""
ARRIVAL = "0:"
"""The first line of `concepts`, people from elsewhere. “Let them in” is about them too."""
_ABOUT_PROPOSALS = frozenset({ADOPTION, ADMISSION, COURSE})
SOMEBODY = "-"
"""The thing of a call about people who are not specified further."""
_STEM = 5
_REACH = 4
"""A call within this many words after “and” begins a new part of the sentence."""
_SOON = 4
_REQUESTS, _WANTS, _OPENS, _CALLS, _PARTS, _NAMES, _DENIES, _CLAIMS, _PERSONS = (1 << bit for bit in range(9))
_ASKS = _REQUESTS | _WANTS
_REFUSES = _NAMES | _DENIES
_NO_THINGS = ("light_nouns", "requests", "negators", "openers", "persons")
_SHORT = 7
"""Sentences up to this length may ask with a word of amount alone: “More clinics now!”."""
_LEAD_IN = 8
"""The maximum number of words before a comma that introduce a demand: “For the sake of our children, stop”."""
_PLEASE = load_words("please")
_COURTESIES = load_words("courtesies") | _PLEASE


@dataclass(frozen=True, slots=True)
class Call:
    """A call of one verb: `sign` is 1 (for) or -1 (against), `axis` a line of the verb list, `things` its stems."""

    sign: int
    axis: int
    things: frozenset[str]
    proposal: bool
    """True if the call is about a proposal: a rule, a bill, “this”."""
    asked: bool


def find_demands(text: str) -> list[tuple[int, int]]:
    """Return the character ranges of the sentences that ask for something.

    >>> letter = "I grow apples. Please stop the changes. They would cut wages. We ask you to fund clinics."
    >>> [letter[start:end] for start, end in find_demands(letter)]
    ['Please stop the changes.', 'We ask you to fund clinics.']
    """
    return [(it.start, it.end) for it in split_sentences(text) if is_demand(it) and asks_plainly(it)]


def asks_plainly(sentence: Sentence) -> bool:
    """Return True if a sentence is clearly a request: a word of request, a call at its start, or an exclamation.

    >>> [asks_plainly(one) for one in split_sentences("Allowing this destroys clinics. Fund them.")]
    [False, True]
    """
    begun = claimed = False
    for words, aside, _asked in _split_parts(sentence):
        part = _Part(words, sentence.language, aside or sentence.question)
        if part.requests() and not part.aside:
            return True
        if not begun and part.matches:
            if part.begins_call(short=False) and not part.claims():
                return True
            begun = True
        begun = begun or len(words) > _LEAD_IN
        claimed = claimed or part.claims()
    return len(sentence.words) <= _SHORT and not (claimed or is_listed(sentence.language, "gerunds", sentence.words[0]))


def is_demand(sentence: Sentence) -> bool:
    """Return True if a sentence asks for something with one of its calls."""
    return may_ask(sentence) and any(call.asked for call in read_calls(sentence))


def may_ask(sentence: Sentence) -> bool:
    """Return True if a sentence has a word that asks, or a part that begins like a request: a quick check.

    >>> [may_ask(one) for one in split_sentences("Please stop the changes. They would cut wages.")]
    [True, False]
    """
    language, seen = sentence.language, 0
    opening = opened = carried = False  # only openers so far in this part; its first word is one; that of one before is
    for at, word in enumerate(sentence.words):
        hint = _hint(language, word)
        if at == 0 or hint & _PARTS or at in sentence.pauses:
            opening, carried, opened = True, carried or opened, bool(hint & _OPENS)
        if hint & _CALLS and (opening or carried):
            return True
        opening = opening and bool(hint & _OPENS)
        seen |= hint
    told = f" {' '.join(sentence.words)} "
    return seen & _REFUSES == _REFUSES or (
        bool(seen & _ASKS) and any(compile_words(language, name).search(told) for name in ("requests", "wants"))
    )


@lru_cache(maxsize=50_000)
def _hint(language: str, word: str) -> int:
    """Return bit flags of the roles that a word may have in a request."""
    lists = {
        _REQUESTS: ("requests",),
        _WANTS: ("wants",),
        _CLAIMS: ("claims",),
        _PERSONS: ("persons",),
        _OPENS: ("openers",),
        _CALLS: ("calls",),
        _PARTS: ("asides", "modals", "joins"),
        _NAMES: ("proposal_nouns",),
        _DENIES: ("negators", "phrase_negators"),
    }
    found = sum(hint for hint, names in lists.items() if any(may_hold(language, name, word) for name in names))
    return found | _OPENS * (word in _PLEASE) | _DENIES * (word == "t")


@cache
def _proposal_stems(language: str) -> frozenset[str]:
    words = " ".join(read_lists(language)["proposal_nouns"]).split()
    return frozenset(_stem(word.strip("*")) for word in words)


@lru_cache(maxsize=10_000)
def read_calls(sentence: Sentence) -> tuple[Call, ...]:
    """Return the calls of a sentence, part by part."""
    calls: list[Call] = []
    asking = denied = claimed = False
    for words, aside, asked in _split_parts(sentence):
        part = _Part(words, sentence.language, aside or sentence.question)
        joined = bool(calls) and part.is_a("joins", words[:1])
        begins = not joined and not claimed and part.begins_call(short=len(sentence.words) <= _SHORT)
        asking = not part.aside and (asked or part.requests() or begins or (asking and part.goes_on()))
        claimed = not asking and (claimed or part.claims())
        denied = is_negated(words, sentence.language) != (part.is_a("alternatives", words[:1]) and denied)
        calls.extend(part.calls(asking, -1 if denied else 1))
    return tuple(calls)


def _split_parts(sentence: Sentence) -> Iterator[tuple[list[str], bool, bool]]:
    """Yield the parts of a sentence, whether each is an aside, and whether the words before it ask."""
    part: list[str] = []
    aside = related = asked = False
    told = _drop_idioms(sentence).split()
    for at, word in enumerate(told):
        if at not in sentence.pauses and not _hint(sentence.language, word) & _PARTS:
            part.append(word)
            continue
        opens = is_listed(sentence.language, "asides", word)
        if related and aside and is_listed(sentence.language, "modals", word):  # "people who smoke | should pay"
            yield part, aside, asked
            part, aside, related = [], False, False
        if part and (opens or at in sentence.pauses or _parts_at_join(sentence.language, told, at)):
            yield part, aside, asked
            before = f" {' '.join(part[-3:])} "
            asked = opens and compile_words(sentence.language, "requests").search(before) is not None
            opens = opens and not asked
            part = []
            afresh = at in sentence.pauses or (
                told[at + 1 : at + 2] and is_listed(sentence.language, "speakers", told[at + 1])
            )
            aside = aside and (related or not afresh)
        aside = aside or opens
        related = related or (opens and is_listed(sentence.language, "relatives", word))
        part.append(word)
    if part:
        yield part, aside, asked


def _parts_at_join(language: str, told: Sequence[str], at: int) -> bool:
    """Return True if “and” joins another call rather than another thing."""
    if not is_listed(language, "joins", told[at]) or is_listed(language, "amounts", " ".join(told[at + 1 : at + 2])):
        return False
    return compile_calls(language).search(f" {' '.join(told[at + 1 : at + _REACH])} ") is not None


def _drop_idioms(sentence: Sentence) -> str:
    """Return the words, with dashes in place of idioms that look like calls."""
    told = f" {' '.join(sentence.words)} "
    for idiom in read_lists(sentence.language).get("call_idioms", ()):
        if f" {idiom} " in told:
            told = told.replace(f" {idiom} ", f" {'- ' * len(idiom.split())}")
    for compound in read_lists(sentence.language).get("compounds", ()):
        if f" {compound} " in told:
            told = told.replace(f" {compound} ", f" {compound.replace(' ', '-')} {'- ' * (len(compound.split()) - 1)}")
    return told


class _Part:
    """A part of a sentence, read for its calls."""

    def __init__(self, words: list[str], language: str, aside: bool) -> None:
        self.language = language
        self.told = f" {' '.join(words)} "
        self.aside = aside
        self.exhortations = read_lists(language).get("exhortations", ())
        self.verb_last = "verb_last" in read_lists(language)  # what a verb is about may stand before it
        self.hints = 0
        for word in words:
            self.hints |= _hint(language, word)
        found = compile_calls(language).finditer(self.told) if self.hints & _CALLS else ()
        self.matches = [match for match in found if not self._describes(match)]

    def calls(self, asked: bool, sign: int) -> list[Call]:
        """Return the calls in order, each inverted by those before it. `sign` is -1 if the part is negated."""
        if asked and self._names_persons(self.told) and has_phrase(self.told.split(), self.language, "admissions"):
            return [Call(sign, ADMISSION, frozenset({ARRIVAL}), False, True)]
        if not self.matches:
            refused = sign < 0 and not self.aside and self._refuses()
            things = self._things(self.told) if refused else frozenset()
            return [Call(-1, ADOPTION, things, True, True)] if refused else []
        calls = []
        last, base = 0, sign
        for at, match in enumerate(self.matches):
            side, axis = (match.lastgroup or "f0")[0], int((match.lastgroup or "f0")[1:])
            if self.is_a("means", self.told[last : match.start()].split()[-1:]):
                sign = base
            sign *= 1 if side == "f" else -1
            following = self.told[match.end() : self.matches[at + 1].start()] if at + 1 < len(self.matches) else "-"
            if not following.strip() and self.is_a("amounts", [match.group().strip()]):
                continue  # "no more prison" is about prison
            calls.append(self._call(sign, axis, at, asked))
            last = match.end() - 1
        return calls

    def begins_call(self, *, short: bool) -> bool:
        """Return True if the part begins with a call, as an imperative does. Words of amount count only if `short`."""
        if not self.matches:
            return self._opens(f" {self.told.split()[0]} ")
        first = self.matches[0]
        if (self.is_a("amounts", [first.group().strip()]) and not short) or self.is_a(
            "gerunds", [first.group().strip()]
        ):
            return False
        return self._opens(self.told[: first.start()])

    def _opens(self, before: str) -> bool:
        """Return True if the words may precede a request."""
        return compile_openers(self.language).fullmatch(before) is not None

    def requests(self) -> bool:
        """Return True if the part has a word of request, or says in the present tense what is wanted."""
        if self._has(_REQUESTS, "requests", self.told):
            return True
        return self._has(_WANTS, "wants", self.told) and not self.claims()

    def claims(self) -> bool:
        """Return True if the part says what will happen."""
        return self._has(_CLAIMS, "claims", self.told)

    def goes_on(self) -> bool:
        """Return True if the part may continue the previous request: it has no subject and makes no claim."""
        return not self.is_a("subjects", self.told.split()) and not self.claims()

    def is_a(self, name: str, words: Sequence[str]) -> bool:
        """Return True if one of the words is on a list."""
        return any(is_listed(self.language, name, word) for word in words)

    def _describes(self, match: re.Match[str]) -> bool:
        """Return True if a match asks for nothing: “legal residents”, “at lower wages”, “let us”."""
        word, rest = match.group().strip(), self.told[match.end() :].split()
        if any(self.told.startswith(f"{exhortation} ", match.start()) for exhortation in self.exhortations):
            return True
        if self.is_a("amounts", [word]):
            return self.is_a("prepositions", self.told[: match.start()].split()[-1:])
        return self.is_a("states", [word]) and bool(rest) and not is_stopword(rest[0])

    def _end(self, at: int) -> int:
        """Return the end of the words that a call is about. Adjacent calls such as “hire more” share them."""
        end = self.matches[at].end()
        for later in self.matches[at + 1 :]:
            if self.told[end : later.start()].strip():
                return later.start()
            end = later.end()
        return len(self.told)

    def _call(self, sign: int, axis: int, at: int, asked: bool) -> Call:
        match, end = self.matches[at], self._end(at)
        after = self.told[match.end() - 1 : end + 1]
        if self.is_a("halts", [match.group().strip()]) and self.is_a("actions", after.split()[:1]):
            return Call(sign, axis, frozenset(), False, asked)  # stops somebody's doing, not a thing
        if any(later.start() == end and self.is_a("nominals", [later.group().strip()]) for later in self.matches):
            after = " "  # "no more wage cuts" is not about wages
        after = compile_calls(self.language).sub("", after)
        near = self._cut(after)
        whole = self._things(after)
        things = whole if self.verb_last else self._things(near) or whole
        if (not after.strip() and (at == len(self.matches) - 1)) or self.verb_last:
            things |= self._things(compile_calls(self.language).sub("", self.told[: match.start() + 1]))
        if axis in (ADMISSION, COURSE):
            arrives = compile_words(self.language, "arrivals").search(self.told[match.start() - 1 :]) is not None
            if arrives and self._names_persons(self.told):
                axis, things = ADMISSION, things | {ARRIVAL}
            elif self.is_a("lets", [match.group().strip()]) and self.is_a("infinitives", after.split()):
                things = frozenset()
        if not things and (self._names_persons(after) or self.is_a("lets", [match.group().strip()])):
            things = frozenset({SOMEBODY})
        before = self.told[: match.start() + 1]
        passive = not after.strip() or self.is_a("passives", before.split()[-1:])  # "the bill must be stopped now"
        banned = axis == ADMISSION and (match.lastgroup or "f").startswith("a")  # "do not ban it" is not about a bill
        proposal = (
            axis in _ABOUT_PROPOSALS
            and not banned
            and self._is_of_proposal(*((before, "") if passive else (near, after)))
        )
        return Call(sign, axis, things, proposal, asked)

    def _refuses(self) -> bool:
        """Return True if the proposal follows a negator closely (“no changes”), or must not be adopted."""
        words = self.told.split()
        if self.requests() and self._names_proposal(self.told):
            return True
        return any(
            is_negated(words[at : at + 1], self.language) or words[at] == "t"
            for at in range(len(words))
            if self._names_proposal(f" {' '.join(words[at + 1 : at + _SOON])}")
        )

    def _names_persons(self, words: str) -> bool:
        return self._has(_PERSONS, "persons", words)

    def _is_of_proposal(self, near: str, after: str) -> bool:
        said = near if near.strip() else after
        if compile_words(self.language, "unchanged").search(f"{said} "):
            return False
        if self._names_proposal(said):
            return True
        rest = re.split(f" (?:{list_pattern(self.language, 'prepositions')}) ", f"{said} ")[0].split()
        return self.is_a("this", rest) and all(word in _PLEASE or self.is_a("this", [word]) for word in rest)

    def _names_proposal(self, words: str) -> bool:
        return self._has(_NAMES, "proposal_nouns", words)

    def _has(self, hint: int, name: str, words: str) -> bool:
        """Return True if the part contains words of a list. The search is skipped if no word of the part can match."""
        return self.hints & hint != 0 and compile_words(self.language, name).search(f"{words} ") is not None

    def _cut(self, words: str) -> str:
        """Return the words before the first preposition that has a thing before it."""
        for match in compile_words(self.language, "prepositions").finditer(words):
            if self._things(words[: match.start()]):
                return words[: match.start()]
        return words

    def _things(self, words: str) -> frozenset[str]:
        stems = {_stem(word) for word in words.split() if _is_thing(self.language, word)}
        told = f" {words.strip()} "
        return frozenset(stems).union(name for name, pattern in compile_concepts(self.language) if pattern.search(told))


@lru_cache(maxsize=50_000)
def _is_thing(language: str, word: str) -> bool:
    """Return True if a word names something that a call may be about."""
    return (
        len(word) > 2
        and not is_stopword(word)
        and word not in _COURTESIES
        and not any(is_listed(language, name, word) for name in _NO_THINGS)
        and _stem(word) not in _proposal_stems(language)
    )


def _stem(word: str) -> str:
    if word.startswith("ال") and len(word) > _STEM:
        word = word[2:]
    return word.removesuffix("s")[:_STEM] if len(word) > 3 else word
