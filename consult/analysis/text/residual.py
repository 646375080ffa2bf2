"""The residual: what a comment says that its campaign's letter does not, what it leaves out, what it turns round."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from consult.analysis.campaigns.letters import CampaignLetter
from consult.analysis.kinds import StatementKind
from consult.analysis.text.alignment import AlignedComment, WordEdit, align_all
from consult.analysis.text.contradiction import Contradiction, find_contradictions, get_position, seems_to_agree
from consult.analysis.text.polarity import CONTRACTION_STEMS, is_contrary, is_negated
from consult.analysis.text.rejection_signs import Judge
from consult.analysis.text.spans import SENTENCE_END
from consult.analysis.text.wordlists import load_words

_SMALL = 8
"""A change of more words than this is a passage of its own, to be read, not a turned word."""
_LEAST = 3
"""Fewer words inside a sentence of the letter are a change of wording, not a statement."""
_TURNED = 0.9
"""How sure it is that a turned word turns the sentence: about as often as it does in planted ones."""
_CLOSING = re.compile(r"[.!?…。！？؟)\]\"'”’»]+")
_OPENING = re.compile(r"[(\[\"'“‘«¡¿]+$")
_PAUSE = re.compile("[:;–—]")
_SUBJECTS = load_words("subjects")
_POLITE = load_words("courtesies")
_SIGNS = load_words("closes")


@dataclass(frozen=True, slots=True)
class ResidualStatement:
    """Words with the place they have in the comment: `comment[start:end] == text`.

    Of words removed, `text` is the letter's and `start == end` is the place where they are missing.
    """

    start: int
    end: int
    text: str
    kind: StatementKind
    confidence: float = 0
    """Of words that contradict: how sure that is, from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Residual:
    """The statements of a comment, in order; the share of its words that are the letter's; the letter's share kept."""

    statements: tuple[ResidualStatement, ...]
    share: float
    kept: float


def compute_residuals(
    letter: CampaignLetter, comments: Sequence[str], *, contradictions: bool = True, judge: Judge | None = None
) -> list[Residual]:
    """The residual of each comment against its letter; `contradictions`: its own words are held against the letter, by
    a judge of their meaning too if there is one.

    >>> letter = CampaignLetter.of("We ask you not to repeal the rule that protects farm workers and their children.")
    >>> own = "I pick fruit. We ask you to repeal the rule that protects farm workers and their children."
    >>> [(str(found.kind), found.text) for found in compute_residuals(letter, [own])[0].statements][0]
    ('added', 'I pick fruit.')
    >>> str(compute_residuals(letter, [own])[0].statements[1].kind)
    'contrary'
    """
    readers = [_EditReader(laid) if laid else None for laid in align_all(letter, comments)]
    said = [reader.read() if reader else [] for reader in readers]
    own = [
        (text, [(one.start, one.end) for one in each if one.kind is StatementKind.ADDED])
        for text, each in zip(comments, said, strict=True)
    ]
    found: list[Contradiction | None] = [None] * len(own)
    if contradictions and any(spans for _text, spans in own):
        found = find_contradictions(get_position(letter.text), own, judge)
    return [
        reader.residual(each, contrary) if reader else _NOTHING
        for reader, each, contrary in zip(readers, said, found, strict=True)
    ]


_NOTHING = Residual((), 1.0, 1.0)


class _EditReader:
    """What the edits of one comment say."""

    def __init__(self, laid: AlignedComment) -> None:
        self.laid = laid
        self.letter = laid.letter
        self.comment = laid.comment
        self.words = laid.words

    @property
    def spans(self) -> list[tuple[int, int]]:
        return self.laid.spans

    def read(self) -> list[ResidualStatement]:
        """What the edits say."""
        self.laid.lay()
        return [said for edit in self.laid.edits() for said in self._say(edit)]

    def residual(self, statements: list[ResidualStatement], found: Contradiction | None) -> Residual:
        """The words that remain without all that agrees with the letter; `found`: what contradicts it most."""
        if found is not None:
            words = self.comment[found.start : found.end]
            contrary = ResidualStatement(found.start, found.end, words, StatementKind.CONTRARY, found.confidence)
            statements = [*statements, contrary]
        ordered = sorted(statements, key=lambda said: (said.start, said.end, said.kind, said.text))
        share, kept = self.laid.shares()
        return Residual(tuple(dict.fromkeys(ordered)), share, kept)

    def _say(self, edit: WordEdit) -> list[ResidualStatement]:
        """The statements an edit makes: none for a change of wording that leaves the sense."""
        old, new = self.letter.words[edit.a : edit.b], self.words[edit.c : edit.d]
        if self._turns(edit, old, new):
            turned = self._sentence(edit)
            if not seems_to_agree(get_position(self.letter.text), turned.text, self._sentence_before(edit)):
                return [turned]
        said = []
        if self._is_own(edit, old, new):
            start, end = self._without_courtesies(edit.c, edit.d)
            if start < end:
                said.append(self._passage(start, end))
        if len(old) >= (_LEAST if not new else _LEAST + 2) and not _POLITE.issuperset(old):
            said.append(self._lacking(edit))
        return said

    def _turns(self, edit: WordEdit, old: Sequence[str], new: Sequence[str]) -> bool:
        if max(len(old), len(new)) > _SMALL or not is_contrary(*self._whole(edit, old, new)):
            return False
        if not new:
            ends = self.letter.ends
            return not ((edit.a == 0 or ends[edit.a - 1]) and ends[edit.b - 1])
        if not old and self._opens(edit):
            return not self._ends(edit.d - 1) and self._runs_on(edit)
        return True

    def _whole(self, edit: WordEdit, old: Sequence[str], new: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
        """What changed, with the "can" before the "t" of "can't"."""
        before = self.words[edit.c - 1] if edit.c else ""
        if "t" in (*old[:1], *new[:1]) and before in CONTRACTION_STEMS:
            return [before, *old], [before, *new]
        return old, new

    def _opens(self, edit: WordEdit) -> bool:
        """Whether a change is made where a sentence begins, in the comment or in the letter."""
        return edit.c == 0 or edit.a == 0 or self.letter.ends[edit.a - 1] or self._ends(edit.c - 1)

    def _runs_on(self, edit: WordEdit) -> bool:
        """Whether words put before a sentence of the letter became part of it."""
        if edit.a >= len(self.letter.spans):
            return False
        start, end = self.letter.spans[edit.a]
        first, was = self.comment[self.spans[edit.d][0]], self.letter.text[start:end]
        if _PAUSE.search(self.comment, self.spans[edit.d - 1][1], self.spans[edit.d][0]):
            return False
        last = self.words[edit.d - 1]  # a negator at the end of words put before a sentence belongs to it
        if self.letter.words[edit.a] in _SUBJECTS and is_negated([last]):  # "no no no" before "We ask" is a cry
            return False
        return last == "t" or is_negated([last]) or (first.islower() and was.istitle())

    def _is_own(self, edit: WordEdit, old: Sequence[str], new: Sequence[str]) -> bool:
        if not new:
            return False
        at_edge = edit.c == 0 or edit.d == len(self.words)
        beside = edit.c - 1 in self.laid.slips or edit.d in self.laid.slips
        if not old and not beside and (at_edge or (self._opens(edit) and self._ends(edit.d - 1))):
            return True
        number = any(word.isdigit() and word not in old for word in new)
        return number or len(new) >= (_LEAST + 2 if old else _LEAST)

    def _ends(self, word: int) -> bool:
        """Whether a sentence of the comment ends with a word."""
        if word + 1 >= len(self.spans):
            return True
        return SENTENCE_END.search(self.comment, self.spans[word][1], self.spans[word + 1][0]) is not None

    def _without_courtesies(self, start: int, end: int) -> tuple[int, int]:
        """A run of own words without "Dear Chairman" before it and "Sincerely" with a name after it."""
        if end == len(self.words):
            for word in range(max(start, end - _SMALL), end):
                if self.words[word] in _SIGNS and (word == 0 or self._ends(word - 1)):
                    end = word
                    break
        first = start
        while first < min(end, start + _SMALL) and self.words[first] in _POLITE:
            first += 1
        if first == end or (first > start and self._ends(first - 1)):
            start = first
        return start, end

    def _passage(self, start: int, end: int) -> ResidualStatement:
        return self._slice(self.spans[start][0], self.spans[end - 1][1], StatementKind.ADDED)

    def _sentence(self, edit: WordEdit) -> ResidualStatement:
        """The whole sentence of the comment in which a word was turned."""
        last = len(self.words) - 1
        start = min(edit.c, last) if edit.c < edit.d or edit.c == 0 or not self._ends(edit.c - 1) else edit.c - 1
        end = min(max(edit.d - 1, start), last)
        while start > 0 and not self._ends(start - 1):
            start -= 1
        while end < last and not self._ends(end):
            end += 1
        return self._slice(self.spans[start][0], self.spans[end][1], StatementKind.CONTRARY)

    def _sentence_before(self, edit: WordEdit) -> str:
        """The letter's words from the beginning of the sentence in which a word was turned to the end of one."""
        last = len(self.letter.words) - 1
        start, end = min(edit.a, last), min(max(edit.b - 1, edit.a), last)
        while start > 0 and not self.letter.ends[start - 1]:
            start -= 1
        while end < last and not self.letter.ends[end]:
            end += 1
        return self.letter.text[self.letter.spans[start][0] : self.letter.spans[end][1]]

    def _slice(self, start: int, end: int, kind: StatementKind) -> ResidualStatement:
        """A statement with the marks that open and close it."""
        closing = _CLOSING.match(self.comment, end)
        opening = _OPENING.search(self.comment[max(0, start - 4) : start])
        end = closing.end() if closing else end
        start -= len(opening.group()) if opening else 0
        return ResidualStatement(
            start, end, self.comment[start:end], kind, _TURNED if kind is StatementKind.CONTRARY else 0
        )

    def _lacking(self, edit: WordEdit) -> ResidualStatement:
        spans_ = self.letter.spans
        text = self.letter.text[spans_[edit.a][0] : spans_[edit.b - 1][1]]
        at = self.spans[edit.c - 1][1] if edit.c else 0
        return ResidualStatement(at, at, text, StatementKind.REMOVED)
