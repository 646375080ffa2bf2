"""The residual: what a comment adds to its campaign's letter, leaves out, and reverses."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from consult.analysis.kinds import StatementKind
from consult.analysis.text.alignment import AlignedComment, WordEdit, align_all
from consult.analysis.text.campaign_letter import CampaignLetter
from consult.analysis.text.kept_words import LineChoices, apply_choices, find_words, has_name
from consult.analysis.text.line_roles import Span, TextLine, read_lines
from consult.analysis.text.polarity import CONTRACTION_STEMS, is_contrary, is_negated
from consult.analysis.text.spans import SENTENCE_END
from consult.analysis.text.wordlists import load_words

_SMALL = 8
"""A change of more words is a passage of its own, not a reversed word."""
_LEAST = 3
"""Fewer words inside a sentence of the letter are a change of wording, not a statement."""
_TURNED = 0.9
"""The confidence that a reversed word reverses the sentence, as measured on constructed examples."""
_CLOSING = re.compile(r"[.!?…。！？؟)\]\"'”’»]+")
_OPENING = re.compile(r"[(\[\"'“‘«¡¿]+$")
_PAUSE = re.compile("[:;–—]")
_SUBJECTS = load_words("subjects")
_POLITE = load_words("courtesies")
_SLOT = 5
"""Senders who add words at one place of a letter, half of them a name, show that it is for names."""


@dataclass(frozen=True, slots=True)
class ResidualStatement:
    """Words with their position in the comment: `comment[start:end] == text`.

    For removed words, `text` is the letter's, and `start == end` is where they are missing.
    """

    start: int
    end: int
    text: str
    kind: StatementKind
    confidence: float = 0
    """For words that contradict: the confidence from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Residual:
    """The statements of a comment in order, the share of its words that are the letter's, and the share of the letter
    it keeps."""

    statements: tuple[ResidualStatement, ...]
    share: float
    kept: float
    lines: tuple[TextLine, ...] = ()
    """The lines of the comment, cut where the letter ends and the sender's own words begin."""


def compute_residuals(
    letter: CampaignLetter,
    comments: Sequence[str],
    *,
    choices: LineChoices = (),
) -> list[Residual]:
    """Return the residual of each comment against its letter.

    `choices` are roles that people gave to lines.

    >>> letter = CampaignLetter.of("We ask you not to repeal the rule that protects farm workers and their children.")
    >>> own = "I pick fruit. We ask you to repeal the rule that protects farm workers and their children."
    >>> [(str(found.kind), found.text) for found in compute_residuals(letter, [own])[0].statements][0]
    ('added', 'I pick fruit.')
    >>> str(compute_residuals(letter, [own])[0].statements[1].kind)
    'contrary'
    """
    return compare_with_letter(letter, comments, choices).residuals


@dataclass(frozen=True, slots=True)
class ComparedTexts:
    """Residuals of comments, and the additions of each comment.

    An addition is the position of the letter's word after it, and True if it is a name. `find_name_slots` needs the
    additions of all comments that are compared at the same time.
    """

    residuals: list[Residual]
    additions: list[tuple[tuple[int, bool], ...]]


def compare_with_letter(
    letter: CampaignLetter, comments: Sequence[str], choices: LineChoices = (), *, complete: bool = True
) -> ComparedTexts:
    """Return the residual of each comment against its letter.

    If the comments are `complete`, the name slots of the letter are updated from their additions. Otherwise the caller
    updates them from the additions of all parts.
    """
    readers = [_EditReader(laid, choices) if laid else None for laid in align_all(letter, comments)]
    additions = [reader.list_additions() if reader else () for reader in readers]
    if complete:
        letter.name_slots.update(find_name_slots(additions))
    residuals = [
        reader.residual() if reader else _read_copy(text, choices)
        for text, reader in zip(comments, readers, strict=True)
    ]
    return ComparedTexts(residuals, additions)


def _read_copy(text: str, choices: LineChoices) -> Residual:
    return Residual((), 1.0, 1.0, tuple(apply_choices(text, read_lines(text), choices)))


def find_name_slots(additions: Iterable[Sequence[tuple[int, bool]]]) -> list[int]:
    """Return positions in the letter, by the word after them, where at least half of the senders who add something add
    a name.
    """
    added, named = Counter[int](), Counter[int]()
    for of_comment in additions:
        for place, name in of_comment:
            added[place] += 1
            named[place] += name
    return [place for place, n in named.items() if added[place] >= _SLOT and 2 * n >= added[place]]


class _EditReader:
    """A reader of statements from the edits of one comment."""

    def __init__(self, laid: AlignedComment, choices: LineChoices) -> None:
        self.laid = laid
        self.choices = choices
        self.letter = laid.letter
        self.comment = laid.comment
        self.words = laid.words
        laid.lay()
        self.edits = laid.edits()

    @cached_property
    def additions(self) -> list[tuple[int, int, int]]:
        """Return what the sender added between sentences of the letter: its position there, and its range in the
        comment.
        """
        return [
            (edit.a, self.spans[edit.c][0], self.spans[edit.d - 1][1])
            for edit in self.edits
            if edit.c < edit.d and self._opens(edit) and (self._ends(edit.d - 1) or self._before_sentence(edit))
        ]

    def list_additions(self) -> tuple[tuple[int, bool], ...]:
        """Return the position in the letter of each addition, and True if it is a name."""
        return tuple((place, has_name(self.comment[start:end])) for place, start, end in self.additions)

    @cached_property
    def lines(self) -> tuple[TextLine, ...]:
        """Return the lines of the comment, split where words of the letter end and the sender's own words begin."""
        starts = {start for _place, start, _end in self.additions}
        cuts = {at for at in (*starts, *(self._next_word(end) for _place, _start, end in self.additions)) if at}
        names: list[Span] = [(start, end) for place, start, end in self.additions if place in self.letter.name_slots]
        lines = read_lines(self.comment, tuple(sorted(cuts)), tuple(names))
        return tuple(apply_choices(self.comment, lines, self.choices))

    def _before_sentence(self, edit: WordEdit) -> bool:
        """Return True if a sentence of the letter begins after a change."""
        return edit.b == 0 or edit.b >= len(self.letter.words) or self.letter.ends[edit.b - 1]

    def _next_word(self, end: int) -> int:
        """Return the position at which the next words begin, with their opening marks, or 0 at the end."""
        gap = re.compile(r"[^\s]*\s+").match(self.comment, end)
        return gap.end() if gap and gap.end() < len(self.comment) else 0

    @property
    def spans(self) -> list[tuple[int, int]]:
        return self.laid.spans

    @property
    def statements(self) -> list[ResidualStatement]:
        """Return the statements of the edits."""
        return [part for edit in self.edits for said in self._say(edit) for part in self._without_lines(said)]

    def residual(self) -> Residual:
        """Return the statements in order, with the shares and the lines."""
        statements = sorted(self.statements, key=lambda said: (said.start, said.end, said.kind, said.text))
        share, kept = self.laid.shares()
        return Residual(tuple(dict.fromkeys(statements)), share, kept, self.lines)

    def _without_lines(self, said: ResidualStatement) -> list[ResidualStatement]:
        """Return an added statement without names, addresses and other lines without content."""
        if said.kind is not StatementKind.ADDED:
            return [said]
        words = find_words(self.comment, said.start, said.end, self.lines)
        return [ResidualStatement(start, end, self.comment[start:end], said.kind) for start, end in words]

    def _say(self, edit: WordEdit) -> list[ResidualStatement]:
        """Return the statements of an edit: none for a change of wording that keeps the meaning."""
        old, new = self.letter.words[edit.a : edit.b], self.words[edit.c : edit.d]
        if self._turns(edit, old, new):
            first, last = self._find_sentence(edit)
            if self._is_mostly_kept(first, last):
                return [self._slice(self.spans[first][0], self.spans[last][1], StatementKind.CONTRARY)]
        said = []
        if self._is_own(edit, old, new):
            said.append(self._passage(edit.c, edit.d))
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
        """Return both sides of a change, with the “can” before the “t” of “can't”."""
        before = self.words[edit.c - 1] if edit.c else ""
        if "t" in (*old[:1], *new[:1]) and before in CONTRACTION_STEMS:
            return [before, *old], [before, *new]
        return old, new

    def _opens(self, edit: WordEdit) -> bool:
        """Return True if the change is at the start of a sentence of the comment or of the letter."""
        return edit.c == 0 or edit.a == 0 or self.letter.ends[edit.a - 1] or self._ends(edit.c - 1)

    def _runs_on(self, edit: WordEdit) -> bool:
        """Return True if words inserted before a sentence of the letter became part of it."""
        if edit.a >= len(self.letter.spans):
            return False
        start, end = self.letter.spans[edit.a]
        first, was = self.comment[self.spans[edit.d][0]], self.letter.text[start:end]
        if _PAUSE.search(self.comment, self.spans[edit.d - 1][1], self.spans[edit.d][0]):
            return False
        last = self.words[edit.d - 1]  # a negator at the end of inserted words belongs to the sentence that follows
        # “no no no” before “We ask” is an exclamation.
        if self.letter.words[edit.a] in _SUBJECTS and is_negated([last]):
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
        """Return True if a sentence of the comment ends with the word."""
        if word + 1 >= len(self.spans):
            return True
        return SENTENCE_END.search(self.comment, self.spans[word][1], self.spans[word + 1][0]) is not None

    def _passage(self, start: int, end: int) -> ResidualStatement:
        return self._slice(self.spans[start][0], self.spans[end - 1][1], StatementKind.ADDED)

    def _find_sentence(self, edit: WordEdit) -> tuple[int, int]:
        """Return the first and last word of the comment's sentence in which a word was reversed."""
        last = len(self.words) - 1
        start = min(edit.c, last) if edit.c < edit.d or edit.c == 0 or not self._ends(edit.c - 1) else edit.c - 1
        end = min(max(edit.d - 1, start), last)
        while start > 0 and not self._ends(start - 1):
            start -= 1
        while end < last and not self._ends(end):
            end += 1
        return start, end

    def _is_mostly_kept(self, first: int, last: int) -> bool:
        """Return True if half of a sentence's words are the letter's. Otherwise it is rewritten, not reversed."""
        changed = sum(max(0, min(edit.d, last + 1) - max(edit.c, first)) for edit in self.edits)
        return 2 * changed <= last + 1 - first

    def _slice(self, start: int, end: int, kind: StatementKind) -> ResidualStatement:
        """Return a statement, including opening and closing punctuation."""
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
