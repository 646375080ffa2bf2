"""Grouping of a corpus: each text is a campaign letter, a changed copy or an individual text.

The result depends on the texts and their counts, not on the order of arrival: texts are processed by number of copies
and then by hash.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from consult.analysis.campaigns.diluted_copies import find_diluted_copies
from consult.analysis.campaigns.membership import (
    LetterIndex,
    clear_members,
    is_version,
    match_members,
    match_replies,
    near_best,
    possible_members,
)
from consult.analysis.campaigns.near_texts import find_near_groups
from consult.analysis.campaigns.quoted_sources import is_quoted_source
from consult.analysis.campaigns.slots import find_fixed_words
from consult.analysis.campaigns.unsent_letters import find_letters
from consult.analysis.kinds import MIN_COPIES, MIN_LETTER_WORDS, StatementKind, TextKind
from consult.analysis.text.campaign_letter import CampaignLetter, has_own_sentences
from consult.analysis.text.fingerprints import (
    Flags,
    Ints,
    Marks,
    RaggedArray,
    concatenate_rows,
    drop_marks,
    find_slots,
    hash_words,
    keep_marks,
    mark_grams,
    repeated_marks,
    replace_rows,
    select_rows,
    word_hashes,
)
from consult.analysis.text.normalise import normal_form, split_unspaced
from consult.analysis.text.quotations import drop_quotations
from consult.analysis.text.residual import compute_residuals

_OFFICIAL = 0.1
"""A version sent by at least this share of the letter's own number is attributed to the organiser, not to a sender."""
_PASSAGE = 3
"""The number of common fingerprints that make a shared passage: a stock sentence of about twelve words."""
_COMPANY = 400
"""The number of copies needed at most to tell a letter's words from those its senders added."""
_SLICE = 20_000
_PAIRED = 4_000
"""The number of texts compared by word pairs at a time, which limits memory."""
_ALIGNED = 40
"""The number of texts of a template that are aligned, and stand for all of them when new texts arrive."""
_NO_MARKS = np.empty(0, dtype=np.uint64)
_KINDS = tuple(TextKind)


class CorpusLike(Protocol):
    """The interface of a corpus to group: distinct texts by number. See `Corpus`."""

    @property
    def hashes(self) -> Sequence[bytes]: ...
    def __len__(self) -> int: ...
    def text(self, number: int) -> str: ...
    def texts(self, numbers: Iterable[int]) -> list[str]: ...
    def marks(self) -> RaggedArray: ...
    def words(self) -> Ints: ...
    def quoting(self) -> Flags: ...
    def pointing(self) -> Flags: ...
    def copies(self) -> Ints: ...


@dataclass(slots=True)
class LetterGroup:
    """A letter: its core, its text (a number in the corpus), and its official versions.

    `members` counts members outside the corpus. All copies of a `given` letter are exact, however few. A letter that
    `lasts` was published before and stays after members left. A `template` has no core: the words marked as `ours` are
    the passages that its texts share, with slots between them, and its versions are some of these texts.
    """

    core: Marks
    letter: int
    versions: list[int]
    members: int = 0
    given: bool = False
    lasts: bool = False
    template: bool = False


@dataclass(frozen=True, slots=True)
class GroupedTexts:
    """For each text of a corpus: its campaign (-1 if none), its kind, and the share that is not its own.

    Campaigns are in order of size. The share of a copy, and whether a copy that few people sent is exact, are decided
    later by `classify_comments`.
    """

    campaigns: list[LetterGroup]
    letters: list[list[CampaignLetter]]
    campaign: Ints
    kinds: bytearray
    shares: np.ndarray
    passages: Marks
    """The fingerprints of passages shared by texts in no campaign, ascending."""
    copies: Ints

    def kind(self, text: int) -> TextKind:
        """Return the kind of a text."""
        return _KINDS[self.kinds[text]]


def group_texts(
    corpus: CorpusLike,
    known: Sequence[tuple[LetterGroup, CampaignLetter]] = (),
    passages: Marks = _NO_MARKS,
    *,
    altered: bool = True,
) -> GroupedTexts:
    """Group all texts of a corpus, given campaigns and passages that are known already.

    Without `altered`, diluted copies and texts spun from a template are not detected.
    """
    groups = _Groups(corpus, passages)
    for campaign, letter in known:
        groups.know(campaign, letter)
    groups.seed()
    groups.vote(range(len(groups.campaigns)))
    groups.adopt_orphans()
    if altered:
        groups.adopt_altered()
    groups.publish()
    return groups.grouping()


class _Groups:
    """The state while grouping one corpus."""

    def __init__(self, corpus: CorpusLike, passages: Marks) -> None:
        self.corpus = corpus
        self.passages = passages
        self.index: dict[int, list[int]] = {}
        self.marks: RaggedArray = corpus.marks()
        self.copies: Ints = corpus.copies()
        self.own: Ints = self.marks.sizes()
        self.quoting: Flags = corpus.quoting()
        self.long: Flags = corpus.words() >= MIN_LETTER_WORDS
        self.pointers: Flags = corpus.pointing()
        hashes = np.array([int.from_bytes(key[:8]) for key in corpus.hashes], dtype=np.uint64)
        self.order: Ints = np.lexsort((hashes, -self.copies))
        self.of: Ints = np.full(len(corpus), -1, dtype=np.int64)
        self.campaigns: list[LetterGroup] = []
        self.letters: dict[int, CampaignLetter] = {}

    def know(self, campaign: LetterGroup, letter: CampaignLetter) -> None:
        """Register a campaign that was found before or declared. Found letters that are too short now are ignored."""
        if not (self.long[campaign.letter] or campaign.given):
            return
        self.letters[campaign.letter] = letter
        self._open(campaign)
        self.of[campaign.versions] = self.of[campaign.letter]

    def _open(self, campaign: LetterGroup) -> int:
        number = len(self.campaigns)
        self.campaigns.append(campaign)
        self.of[campaign.letter] = number
        for mark in campaign.core.tolist():
            self.index.setdefault(mark, []).append(number)
        return number

    def seed(self) -> None:
        """Create letters from frequent texts, or add these as versions of a more frequent letter.

        Short texts are excluded, because many people answer “No.” without a campaign.
        """
        for number in self.order[self.copies[self.order] >= MIN_COPIES].tolist():
            if self.pointers[number] or self.of[number] >= 0 or not self.long[number]:
                continue
            marks = self.marks[number]
            near = self._nearest(number, marks)
            if near is None:
                near = self._open(LetterGroup(marks, number, []))
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
        least = int(near_best(np.array(max(shared.values()))))
        good = [campaign for campaign, count in shared.items() if count >= least]
        near = min(good, key=lambda campaign: (len(self.campaigns[campaign].core), campaign))
        found = self.campaigns[near]
        if shared[near] < 0.2 * min(len(found.core), len(marks)):
            return None
        rare = bool(_COMPANY * self.copies[number] < 10 * self.copies[found.letter])
        letter, text = self._letter(found.letter), self.corpus.text(number)
        if self.quoting[number] and match_replies(letter, [text])[0]:
            return None
        return near if is_version(letter, text, rare=rare) else None

    def vote(self, campaigns: range) -> None:
        """Assign ungrouped texts to the letter that they contain."""
        groups = [(number, self.campaigns[number]) for number in campaigns if len(self.campaigns[number].core)]
        voted = [(number, text) for number, group in groups for text in (group.letter, *self._versions(group))]
        if not voted:
            return
        cores = [
            self.campaigns[number].core if text == self.campaigns[number].letter else self.marks[text]
            for number, text in voted
        ]
        owners = np.array([number for number, _ in voted], dtype=np.int64)
        index = LetterIndex(cores, owners.tolist())
        waiting = np.flatnonzero((self.of < 0) & self.long)
        for start in range(0, len(waiting), _SLICE):
            rows = waiting[start : start + _SLICE]
            votes = index.vote(select_rows(self.marks, rows))
            core, own = index.sizes[votes.letter], self.own[rows]
            joined = clear_members(votes.shared, core, own)
            look = possible_members(votes.shared, core, own) & ~joined
            quoting = joined & self.quoting[rows]
            for letter in np.unique(votes.letter[look | quoting]).tolist():
                text = self._letter(voted[letter][1])
                at = np.flatnonzero(look & (votes.letter == letter))
                joined[at] = match_members(text, self.corpus.texts(rows[at].tolist()))
                at = np.flatnonzero(quoting & (votes.letter == letter))
                joined[at] = ~match_replies(text, self.corpus.texts(rows[at].tolist()))
            joined &= ~votes.torn  # two letters put together are not the one or the other
            self.of[rows[joined]] = owners[votes.letter[joined]]

    def _versions(self, campaign: LetterGroup) -> list[int]:
        """Return versions long enough to identify the letter. One shared sentence does not make a copy."""
        return [text for text in campaign.versions if has_own_sentences(self._letter(text))]

    def adopt_orphans(self) -> None:
        """Find letters that nobody sent unchanged among the ungrouped texts, and assign texts to them.

        Fingerprints of known letters are ignored, so that texts that quote a letter do not form a campaign. Texts
        without long quotations are examined first. Texts that quote the same source do not found a campaign.
        """
        for some in (self.long & ~self.quoting, self.long):
            known = len(self.campaigns)
            orphans = self.order[(self.of[self.order] < 0) & some[self.order]]
            cores = np.concatenate([_NO_MARKS, *(campaign.core for campaign in self.campaigns)])
            theirs = drop_marks(select_rows(self.marks, orphans), np.unique(cores))
            for found in find_letters(theirs, self.copies[orphans]):
                leader = int(orphans[found.leader])
                company = orphans[found.founders][:_COMPANY]
                letter = self._template(leader, company)
                if not has_own_sentences(letter) or is_quoted_source(found.core, self.corpus.texts(company[:_ALIGNED])):
                    continue
                self.of[orphans[found.founders]] = len(self.campaigns)
                self.campaigns.append(LetterGroup(found.core, leader, []))
                self.letters[leader] = letter
            self.vote(range(known, len(self.campaigns)))

    def adopt_altered(self) -> None:
        """Find ungrouped texts that share hardly five words in a row with others of their campaign.

        First diluted copies of a letter, then texts spun from one template.
        """
        loose = self.order[(self.of[self.order] < 0) & self.long[self.order]]
        slices = [loose[start : start + _PAIRED] for start in range(0, len(loose), _PAIRED)]
        hashed = [hash_words(self.corpus.texts(rows.tolist())) for rows in slices]
        for rows, words in zip(slices, hashed, strict=True):
            self._adopt_diluted(rows, words)
        kept = [
            select_rows(words, np.flatnonzero(self.of[rows] < 0)) for rows, words in zip(slices, hashed, strict=True)
        ]
        self._adopt_variants(loose[self.of[loose] < 0], concatenate_rows(kept))

    def _adopt_diluted(self, rows: Ints, words: RaggedArray) -> None:
        numbers = [number for number, campaign in enumerate(self.campaigns) if not campaign.template]
        letters = [self._letter(self.campaigns[number].letter) for number in numbers]
        copies = find_diluted_copies([letter.hashes[letter.ours] for letter in letters], words)
        for row in np.flatnonzero(copies >= 0).tolist():
            text, letter = int(rows[row]), int(copies[row])
            quoted = self.quoting[text] and (
                not self.quoting[self.campaigns[numbers[letter]].letter]
                or match_replies(letters[letter], [self.corpus.text(text)])[0]
            )
            if not quoted:  # else it may be a reply
                self.of[text] = numbers[letter]

    def _adopt_variants(self, rows: Ints, words: RaggedArray) -> None:
        """Group texts put together from one stock of phrases. Texts of known groups come first, as references."""
        known = np.flatnonzero(np.isin(self.of, [at for at, found in enumerate(self.campaigns) if found.template]))
        words, rows = concatenate_rows([hash_words(self.corpus.texts(known)), words]), np.concatenate([known, rows])
        quoting = np.flatnonzero(self.quoting[rows])  # those who quote one source need have nothing else in common
        own = hash_words(map(drop_quotations, self.corpus.texts(rows[quoting].tolist())))
        for group in find_near_groups(replace_rows(words, quoting, own), self.of[known].tolist()):
            texts = rows[group.members]
            if group.known >= 0:
                self.of[texts] = group.known
                continue
            leader = int(rows[group.leader])
            fixed = find_fixed_words(words[group.leader], [words[row] for row in group.members[:_ALIGNED].tolist()])
            self.letters[leader] = CampaignLetter.of(self.corpus.text(leader), fixed)
            versions = [int(text) for text in texts[:_ALIGNED] if text != leader]
            self.of[texts] = self._open(LetterGroup(_NO_MARKS, leader, versions, template=True))

    def _letter(self, text: int) -> CampaignLetter:
        if text not in self.letters:
            self.letters[text] = CampaignLetter.of(self.corpus.text(text))
        return self.letters[text]

    def _template(self, leader: int, company: Ints) -> CampaignLetter:
        """Return the leader's text as a letter.

        Words that at most half of its group shares are marked as the leader's own.
        """
        text = self.corpus.text(leader)
        marks, whole = mark_grams(word_hashes([split_unspaced(normal_form(text))]))
        seen = np.zeros(len(marks), dtype=np.int64)
        for other in self.corpus.texts(company.tolist()):
            theirs, real = mark_grams(word_hashes([split_unspaced(normal_form(other))]))
            seen += np.isin(marks, theirs[real])
        ours = np.zeros(len(marks), dtype=np.bool_)
        for start in np.flatnonzero(whole & (2 * seen >= len(company))).tolist():
            ours[start : start + 5] = True
        return CampaignLetter.of(text, ours)

    def publish(self) -> None:
        """Keep campaigns with enough comments, sorted by size. Texts of the others become individual again."""
        inside = self.of >= 0
        sizes = np.bincount(self.of[inside], weights=self.copies[inside], minlength=len(self.campaigns))
        sizes = sizes + np.array([campaign.members for campaign in self.campaigns], dtype=np.float64)
        keys = [self.corpus.hashes[campaign.letter] for campaign in self.campaigns]
        kept = [
            number
            for number in range(len(self.campaigns))
            if sizes[number] >= MIN_COPIES or self.campaigns[number].lasts
        ]
        kept.sort(key=lambda number: (-sizes[number], keys[number]))
        places = np.full(len(self.campaigns) + 1, -1, dtype=np.int64)
        places[kept] = np.arange(len(kept))
        self.of = places[self.of]
        self.campaigns = [self.campaigns[number] for number in kept]

    def grouping(self) -> GroupedTexts:
        """Return the result with kinds and shares."""
        letters = [self._official(campaign) for campaign in self.campaigns]
        kinds = bytearray([_KINDS.index(TextKind.INDIVIDUAL)]) * len(self.of)
        shares, passages = self._shared(kinds)
        for text in np.flatnonzero(self.pointers).tolist():
            kinds[text], shares[text] = _KINDS.index(TextKind.ATTACHMENT), 0
        for text in np.flatnonzero(self.of >= 0).tolist():
            kinds[text] = _KINDS.index(TextKind.LETTER)
        for campaign in self.campaigns:
            for text in () if campaign.template else (campaign.letter, *campaign.versions):
                if self.copies[text] >= MIN_COPIES or campaign.given:
                    kinds[text], shares[text] = _KINDS.index(TextKind.EXACT), 1
        return GroupedTexts(self.campaigns, letters, self.of, kinds, shares, passages, self.copies)

    def _official(self, campaign: LetterGroup) -> list[CampaignLetter]:
        """Return the letter and its versions, without versions that contradict it."""
        letter = self._letter(campaign.letter)
        if campaign.template:
            return [letter]
        texts = self.corpus.texts(campaign.versions)
        campaign.versions = [
            text
            for text, found in zip(campaign.versions, compute_residuals(letter, texts), strict=True)
            if not any(said.kind is StatementKind.CONTRARY for said in found.statements)
        ]
        return [letter, *(self._letter(text) for text in campaign.versions)]

    def _shared(self, kinds: bytearray) -> tuple[np.ndarray, Marks]:
        """Compute how much of each text outside campaigns is shared passages, and mark texts with long ones."""
        outside = np.flatnonzero(self.of < 0)
        theirs = select_rows(self.marks, outside)
        known = np.concatenate([self.passages, *(campaign.core for campaign in self.campaigns)])
        keys = np.union1d(known, repeated_marks(theirs.values))
        theirs = keep_marks(theirs, keys)
        slots, _ = find_slots(theirs.values, keys)
        counts = np.bincount(slots, weights=self.copies[outside][theirs.owners()], minlength=len(keys))
        passages = keys[counts >= MIN_COPIES]
        often = (counts >= MIN_COPIES) | np.isin(keys, known)
        held = np.bincount(theirs.owners()[often[slots]], minlength=len(outside))
        shares = np.zeros(len(self.of))
        long = held >= _PASSAGE
        shares[outside[long]] = held[long] / self.own[outside[long]]
        for text in outside[long].tolist():
            kinds[text] = _KINDS.index(TextKind.SHARED)
        return shares, passages
