"""Grouping: every text of a corpus as a campaign's letter, a copy with changes, or a voice of its own.

The result depends on which texts there are and how often, never on the order they came in: texts are taken by number
of copies and then by hash.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from consult.analysis.campaigns import SHORT, Cores, answers, as_good_as, is_version, joins, plainly_joins, worth_a_look
from consult.analysis.fingerprints import (
    Flags,
    Ints,
    Marks,
    Ragged,
    among,
    grams,
    only,
    repeated,
    rows_of,
    without,
    word_hashes,
)
from consult.analysis.kinds import COPIES, Change, Kind
from consult.analysis.letters import Letter, sentences_of_its_own
from consult.analysis.normalise import normal_form, spaced
from consult.analysis.orphans import found_letters
from consult.analysis.residual import residuals

_OFFICIAL = 0.1
"""A version sent by this share of the letter's own number is the organiser's, not a sender's."""
_PASSAGE = 3
"""So many marks that others have too are a shared passage: a stock sentence of some twelve words."""
_COMPANY = 400
"""So many copies are enough to tell a letter's words from its senders'."""
_SLICE = 20_000
_NO_MARKS = np.empty(0, dtype=np.uint64)


_KINDS = tuple(Kind)


class Texts(Protocol):
    """What is grouped: distinct texts by number; see `Corpus`."""

    @property
    def hashes(self) -> Sequence[bytes]: ...
    def __len__(self) -> int: ...
    def text(self, number: int) -> str: ...
    def texts(self, numbers: Iterable[int]) -> list[str]: ...
    def marks(self) -> Ragged: ...
    def words(self) -> Ints: ...
    def quoting(self) -> Flags: ...
    def pointing(self) -> Flags: ...
    def copies(self) -> Ints: ...


@dataclass(slots=True)
class Campaign:
    """One letter: its core, its text (a number in the corpus) and the versions of it that are the organiser's too.

    `members` are those outside the corpus; of a `given` letter every copy is exact, however few there are; one that
    `lasts` was published before, and stays though members have gone.
    """

    core: Marks
    letter: int
    versions: list[int]
    members: int = 0
    given: bool = False
    lasts: bool = False


@dataclass(frozen=True, slots=True)
class Grouping:
    """For each text of a corpus its campaign (-1 if none), its kind, and the share that is not its own.

    Campaigns stand in order of size. The share of a letter's copy is left to its residual.
    """

    campaigns: list[Campaign]
    letters: list[list[Letter]]
    campaign: Ints
    kinds: bytearray
    shares: np.ndarray
    passages: Marks
    """The marks of what many say who are in no campaign, ascending."""

    def kind(self, text: int) -> Kind:
        """What a text is."""
        return _KINDS[self.kinds[text]]


def group(
    corpus: Texts,
    known: Sequence[tuple[Campaign, Letter]] = (),
    passages: Marks = _NO_MARKS,
) -> Grouping:
    """Every text of the corpus in its place, beside the campaigns and passages that are known without it."""
    groups = _Groups(corpus, passages)
    for campaign, letter in known:
        groups.know(campaign, letter)
    groups.seed()
    groups.vote(range(len(groups.campaigns)))
    groups.adopt_orphans()
    groups.publish()
    return groups.grouping()


class _Groups:
    """The work of grouping one corpus."""

    def __init__(self, corpus: Texts, passages: Marks) -> None:
        self.corpus = corpus
        self.passages = passages
        self.index: dict[int, list[int]] = {}
        self.marks: Ragged = corpus.marks()
        self.copies: Ints = corpus.copies()
        self.own: Ints = self.marks.sizes()
        self.quoting: Flags = corpus.quoting()
        self.long: Flags = corpus.words() >= SHORT
        self.pointers: Flags = corpus.pointing()
        hashes = np.array([int.from_bytes(key[:8]) for key in corpus.hashes], dtype=np.uint64)
        self.order: Ints = np.lexsort((hashes, -self.copies))
        self.of: Ints = np.full(len(corpus), -1, dtype=np.int64)
        self.campaigns: list[Campaign] = []
        self.letters: dict[int, Letter] = {}

    def know(self, campaign: Campaign, letter: Letter) -> None:
        """A campaign that was found before, or was declared."""
        self.letters[campaign.letter] = letter
        self._open(campaign)
        self.of[campaign.versions] = self.of[campaign.letter]

    def _open(self, campaign: Campaign) -> int:
        number = len(self.campaigns)
        self.campaigns.append(campaign)
        self.of[campaign.letter] = number
        for mark in campaign.core.tolist():
            self.index.setdefault(mark, []).append(number)
        return number

    def seed(self) -> None:
        """Texts sent five times are letters, or versions of a letter sent more often; short ones stand alone."""
        for number in self.order[self.copies[self.order] >= COPIES].tolist():
            if self.pointers[number] or self.of[number] >= 0:
                continue
            marks = self.marks[number] if self.long[number] else _NO_MARKS
            near = self._nearest(number, marks)
            if near is None:
                near = self._open(Campaign(marks, number, []))
            elif self.copies[number] >= _OFFICIAL * self.copies[self.campaigns[near].letter]:
                self.campaigns[near].versions.append(number)
            self.of[number] = near

    def _nearest(self, number: int, marks: Marks) -> int | None:
        shared: dict[int, int] = {}
        for mark in marks.tolist():
            for campaign in self.index.get(mark, ()):
                shared[campaign] = shared.get(campaign, 0) + 1
        if not shared:
            return None
        least = int(as_good_as(np.array(max(shared.values()))))
        good = [campaign for campaign, count in shared.items() if count >= least]
        near = min(good, key=lambda campaign: (len(self.campaigns[campaign].core), campaign))
        found = self.campaigns[near]
        if shared[near] < 0.2 * min(len(found.core), len(marks)):
            return None
        rare = bool(_COMPANY * self.copies[number] < 10 * self.copies[found.letter])
        letter, text = self._letter(found.letter), self.corpus.text(number)
        if self.quoting[number] and answers(letter, [text])[0]:
            return None
        return near if is_version(letter, text, rare=rare) else None

    def vote(self, campaigns: range) -> None:
        """Texts that are in no campaign yet join the letter they hold."""
        voted = [
            (number, text)
            for number in campaigns
            if len(self.campaigns[number].core)
            for text in (self.campaigns[number].letter, *self._versions(self.campaigns[number]))
        ]
        if not voted:
            return
        cores = [
            self.campaigns[number].core if text == self.campaigns[number].letter else self.marks[text]
            for number, text in voted
        ]
        owners = np.array([number for number, _ in voted], dtype=np.int64)
        index = Cores(cores, owners.tolist())
        waiting = np.flatnonzero((self.of < 0) & self.long)
        for start in range(0, len(waiting), _SLICE):
            rows = waiting[start : start + _SLICE]
            votes = index.vote(rows_of(self.marks, rows))
            core, own = index.sizes[votes.letter], self.own[rows]
            joined = plainly_joins(votes.shared, core, own)
            look = worth_a_look(votes.shared, core, own) & ~joined
            quoting = joined & self.quoting[rows]
            for letter in np.unique(votes.letter[look | quoting]).tolist():
                text = self._letter(voted[letter][1])
                at = np.flatnonzero(look & (votes.letter == letter))
                joined[at] = joins(text, self.corpus.texts(rows[at].tolist()))
                at = np.flatnonzero(quoting & (votes.letter == letter))
                joined[at] = ~answers(text, self.corpus.texts(rows[at].tolist()))
            joined &= ~votes.torn  # two letters put together are not the one or the other
            self.of[rows[joined]] = owners[votes.letter[joined]]

    def _versions(self, campaign: Campaign) -> list[int]:
        """The versions that say enough to be told by: who shares one sentence with a letter has not sent it."""
        return [text for text in campaign.versions if sentences_of_its_own(self._letter(text))]

    def adopt_orphans(self) -> None:
        """Letters nobody sent unchanged are found among the rest, and the rest votes on them.

        What known letters say does not make company, so that those who quote a letter do not become one; nor do they
        found the letter they quote: texts without long quotations are looked at first.
        """
        for some in (self.long & ~self.quoting, self.long):
            known = len(self.campaigns)
            orphans = self.order[(self.of[self.order] < 0) & some[self.order]]
            cores = np.concatenate([_NO_MARKS, *(campaign.core for campaign in self.campaigns)])
            theirs = without(rows_of(self.marks, orphans), np.unique(cores))
            for found in found_letters(theirs, self.copies[orphans]):
                leader = int(orphans[found.leader])
                letter = self._template(leader, orphans[found.founders][:_COMPANY])
                if not sentences_of_its_own(letter):
                    continue
                self.of[orphans[found.founders]] = len(self.campaigns)
                self.campaigns.append(Campaign(found.core, leader, []))
                self.letters[leader] = letter
            self.vote(range(known, len(self.campaigns)))

    def _letter(self, text: int) -> Letter:
        if text not in self.letters:
            self.letters[text] = Letter.of(self.corpus.text(text))
        return self.letters[text]

    def _template(self, leader: int, company: Ints) -> Letter:
        """The leader's text, with the words that at most half of its company has marked as the leader's own."""
        text = self.corpus.text(leader)
        marks, whole = grams(word_hashes([spaced(normal_form(text))]))
        seen = np.zeros(len(marks), dtype=np.int64)
        for other in self.corpus.texts(company.tolist()):
            theirs, real = grams(word_hashes([spaced(normal_form(other))]))
            seen += np.isin(marks, theirs[real])
        ours = np.zeros(len(marks), dtype=np.bool_)
        for start in np.flatnonzero(whole & (2 * seen >= len(company))).tolist():
            ours[start : start + 5] = True
        return Letter.of(text, ours)

    def publish(self) -> None:
        """Campaigns of enough comments stay, in order of size; the rest are voices of their own again."""
        inside = self.of >= 0
        sizes = np.bincount(self.of[inside], weights=self.copies[inside], minlength=len(self.campaigns))
        sizes = sizes + np.array([campaign.members for campaign in self.campaigns], dtype=np.float64)
        keys = [self.corpus.hashes[campaign.letter] for campaign in self.campaigns]
        kept = [
            number for number in range(len(self.campaigns)) if sizes[number] >= COPIES or self.campaigns[number].lasts
        ]
        kept.sort(key=lambda number: (-sizes[number], keys[number]))
        places = np.full(len(self.campaigns) + 1, -1, dtype=np.int64)
        places[kept] = np.arange(len(kept))
        self.of = places[self.of]
        self.campaigns = [self.campaigns[number] for number in kept]

    def grouping(self) -> Grouping:
        """The result: kinds and shares."""
        letters = [self._official(campaign) for campaign in self.campaigns]
        kinds = bytearray([_KINDS.index(Kind.INDIVIDUAL)]) * len(self.of)
        shares, passages = self._shared(kinds)
        for text in np.flatnonzero(self.pointers).tolist():
            kinds[text], shares[text] = _KINDS.index(Kind.ATTACHMENT), 0
        for text in np.flatnonzero(self.of >= 0).tolist():
            kinds[text] = _KINDS.index(Kind.LETTER)
        for campaign in self.campaigns:
            for text in (campaign.letter, *campaign.versions):
                if self.copies[text] >= COPIES or campaign.given:
                    kinds[text], shares[text] = _KINDS.index(Kind.EXACT), 1
        return Grouping(self.campaigns, letters, self.of, kinds, shares, passages)

    def _official(self, campaign: Campaign) -> list[Letter]:
        """The letter and its versions, less those that turn it round: a counter-letter is no version."""
        letter = self._letter(campaign.letter)
        texts = self.corpus.texts(campaign.versions)
        campaign.versions = [
            text
            for text, found in zip(campaign.versions, residuals(letter, texts), strict=True)
            if not any(said.kind is Change.CONTRARY for said in found.statements)
        ]
        return [letter, *(self._letter(text) for text in campaign.versions)]

    def _shared(self, kinds: bytearray) -> tuple[np.ndarray, Marks]:
        """For texts in no campaign, the share made of passages that others have too; long ones are marked so."""
        outside = np.flatnonzero(self.of < 0)
        theirs = rows_of(self.marks, outside)
        known = np.concatenate([self.passages, *(campaign.core for campaign in self.campaigns)])
        keys = np.union1d(known, repeated(theirs.values))
        theirs = only(theirs, keys)
        slots, _ = among(theirs.values, keys)
        counts = np.bincount(slots, weights=self.copies[outside][theirs.owners()], minlength=len(keys))
        passages = keys[counts >= COPIES]
        often = (counts >= COPIES) | np.isin(keys, known)
        held = np.bincount(theirs.owners()[often[slots]], minlength=len(outside))
        shares = np.zeros(len(self.of))
        long = held >= _PASSAGE
        shares[outside[long]] = held[long] / self.own[outside[long]]
        for text in outside[long].tolist():
            kinds[text] = _KINDS.index(Kind.SHARED)
        return shares, passages
