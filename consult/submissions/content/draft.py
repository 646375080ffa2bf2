"""An unfinished submission as plain values, its JSON, and merging of edits from two windows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from hashlib import blake2b
from typing import Any

from consult.submissions.anchors.paper_place import PaperPlace, paper_place_of
from consult.submissions.anchors.selectors import Anchor, anchor_of
from consult.submissions.content.evidence_item import MAX_ITEMS, EvidenceItem, from_record, to_record
from consult.submissions.fields import DraftSubmitter, parse_record
from consult.submissions.model import EvidenceKind, Stance

WHOLE_DRAFT = 0
"""The place of comments on the whole draft."""
_ANSWERS = -1
"""The key of the last save of answers, among those of comments."""
_MAX_SAVE = 80
_FURTHER = 2**40
"""Larger than any provision id. It is added to the key of each further comment on a provision."""


def comment_key(provision_id: int, nth: int = 0) -> int:
    """Return the key of a comment in a draft. The first one on a provision has the provision's id.

    >>> place_of(comment_key(7, 2)), nth_of(comment_key(7, 2)), comment_key(7)
    (7, 2, 7)
    """
    return provision_id + nth * _FURTHER


def place_of(key: int) -> int:
    """Return the provision id of a comment key."""
    return key % _FURTHER


def nth_of(key: int) -> int:
    """Return the index of a comment among those on its provision, from 0."""
    return key // _FURTHER


def compute_mark(text: str) -> str:
    """Return a fingerprint of 16 hexadecimal digits for detecting changed text."""
    return blake2b(text.encode(), digest_size=8).hexdigest()


def follows(save: str, last: str) -> bool | None:
    """Return whether a save follows the `last` one of the same window, or None if it arrived out of order.

    A save is named by its form and sequence number, followed by the saves of other forms that it includes.

    >>> follows("k3f.2+9ab.7", "k3f.1"), follows("k3f.2+9ab.7", "9ab.7"), follows("k3f.2+9ab.7", "9ab.8")
    (True, True, False)
    >>> follows("k3f.2", "k3f.3"), follows("", ""), follows("k3f." + "9" * 5000, "k3f.1")
    (None, False, None)
    """
    sent = dict(_read_save(part) for part in reversed(save.split("+")))
    (form, _number), (last_form, last_number) = _read_save(save), _read_save(last)
    if not last_form or last_form not in sent:
        return False
    return sent[last_form] >= last_number or (None if form == last_form else False)


def _read_save(save: str) -> tuple[str, int]:
    form, _dot, number = save.partition("+")[0].rpartition(".")
    return form, int(number) if number.isdecimal() and len(number) < 10 else 0


@dataclass(frozen=True)
class DraftComment:
    """A comment in a draft. It may lack a type if a window was closed too early."""

    body: str
    stance: Stance | None = None
    anchor: Anchor | None = None  # the commented words. None for the whole provision
    was: int | None = field(default=None, compare=False)  # the provision of an earlier version that it was written on
    chose: Anchor | None = field(default=None, compare=False)  # the words of that provision selected by its author
    amendment: int | None = None  # length of the suggested text at its beginning. The rest is the reason
    agrees_with: int | None = None  # the comment whose suggested wording it supports
    paper_place: PaperPlace | None = None  # the block of its position paper that it was taken from

    @property
    def deletes(self) -> bool:
        """Return whether it suggests deleting its paragraph."""
        return self.amendment == 0

    @property
    def proposed(self) -> str:
        """Return the suggested text of the provision, or ""."""
        return self.body[: self.amendment or 0]

    @property
    def reason(self) -> str:
        """Return the reason for the suggested text, or the whole text if there is none."""
        return self.body[self.amendment or 0 :].strip()

    @property
    def mark(self) -> str:
        """Return the fingerprint of this version of the comment."""
        said = f"{self.stance} {self.body}" + (f" {self.anchor.exact}" if self.anchor else "")
        return compute_mark(
            said
            + (f" {self.amendment} {self.agrees_with}" if (self.amendment, self.agrees_with) != (None, None) else "")
        )


@dataclass(frozen=True)
class DraftContent:
    """Comments by `comment_key` (WHOLE_DRAFT for the whole), answers by question id, and the author's details."""

    comments: Mapping[int, DraftComment] = field(default_factory=dict)
    answers: Mapping[int, str] = field(default_factory=dict)
    about: DraftSubmitter | None = None
    amends: int | None = None  # the submission that it changes
    chosen: Mapping[int, Sequence[str]] = field(default_factory=dict)  # by question id: keys of the chosen options
    note: str = ""  # note of the moderator who returned the submission
    evidence: tuple[EvidenceItem, ...] = ()
    reply: str = ""  # message of the author to that moderator
    paper: tuple[str, ...] = ()  # text of its papers as filed, in parts
    saves: Mapping[int, str] = field(default_factory=dict, compare=False)  # the last save, by comment key or _ANSWERS

    @property
    def words(self) -> int:
        """Return the number of comments, answers and papers."""
        return len(self.comments) + len(self.answers) + len(self.papers)

    @property
    def papers(self) -> list[EvidenceItem]:
        """Return the position papers, which are content rather than supporting evidence."""
        return [item for item in self.evidence if item.kind is EvidenceKind.POSITION_PAPER and item.file_id is not None]

    def mark(self, key: int) -> str:
        """Return the fingerprint of the comment with this key, or ""."""
        note = self.comments.get(key)
        return note.mark if note else ""

    def key_of(self, key: int) -> int:
        """Return the current key of a comment, which a new version of the draft may have changed."""
        moved = (
            now
            for now, note in self.comments.items()
            if note.was == place_of(key) and nth_of(now) == nth_of(key) and place_of(key) != WHOLE_DRAFT
        )
        return key if key in self.comments else next(moved, key)

    def keys_on(self, provision_id: int) -> list[int]:
        """Return the keys of the comments on a provision."""
        return [key for key in self.comments if place_of(key) == provision_id]

    def next_key(self, provision_id: int) -> int:
        """Return the key for another comment on a provision."""
        taken = [nth_of(key) for key in self.keys_on(provision_id)]
        return comment_key(provision_id, max(taken, default=-1) + 1)

    @property
    def file_ids(self) -> list[int]:
        """Return the ids of the stored files in its evidence."""
        return [item.file_id for item in self.evidence if item.file_id is not None]

    @property
    def answers_mark(self) -> str:
        """Return the fingerprints of all answers: `question:mark question:mark …`."""
        return " ".join(f"{question}:{compute_mark(body)}" for question, body in sorted(self.answers.items()))

    def answers_beside(self, answers: Mapping[int, str], seen: str) -> tuple[dict[int, str], dict[int, str]]:
        """Return the answers changed since they were `seen`, and stored answers that they would overwrite unseen.

        >>> here = DraftContent(answers={1: "Yes", 2: "No", 3: "Both"})
        >>> seen = DraftContent(answers={1: "Yes", 2: "Perhaps", 3: "One"}).answers_mark
        >>> here.answers_beside({1: "Maybe", 2: "Never", 3: "One"}, seen)
        ({1: 'Maybe', 2: 'Never'}, {2: 'No'})
        """
        read = dict(part.split(":", 1) for part in seen.split() if ":" in part)
        typed = {
            key: body for key, body in answers.items() if read.get(str(key)) != (compute_mark(body) if body else None)
        }
        unseen = {
            key: body
            for key, body in self.answers.items()
            if typed.get(key, body) != body and read.get(str(key)) != compute_mark(body)
        }
        return typed, unseen

    def with_comment(self, key: int, note: DraftComment | None) -> DraftContent:
        """Return the content with a comment added, replaced or (None) removed. The order is kept."""
        comments = {**self.comments, key: note}
        return replace(self, comments={place: said for place, said in comments.items() if said is not None})

    def with_answers(
        self, answers: Mapping[int, str], chosen: Mapping[int, Sequence[str]] | None = None
    ) -> DraftContent:
        """Return the content with answers added, replaced or (empty) removed. Others are kept."""
        kept = {question: body for question, body in {**self.answers, **answers}.items() if body}
        keys = {**{key: value for key, value in self.chosen.items() if key not in answers}, **(chosen or {})}
        return replace(self, answers=kept, chosen={key: value for key, value in keys.items() if key in kept and value})

    def with_side(self, side: str | None) -> DraftContent:
        """Return the content with what should happen to the draft policy as a whole. None leaves it as it is."""
        return self if side is None or self.about is None else replace(self, about=replace(self.about, side=side))

    def comes_after(self, save: str, key: int = _ANSWERS) -> bool | None:
        """Compare a save of a comment, or of the answers, with the last one: see `follows`."""
        return follows(save, self.saves.get(key, ""))

    def with_save(self, save: str, key: int = _ANSWERS) -> DraftContent:
        """Return the content with the last save of a comment or the answers. Forms without scripts do not name it."""
        return replace(self, saves={**self.saves, key: save if len(save) <= _MAX_SAVE else ""})

    def joined(self, other: DraftContent) -> DraftContent:
        """Return the content merged with another one, such as from before signing in. Conflicting texts are both kept.

        >>> one = DraftContent(comments={1: DraftComment("Yes")})
        >>> two = DraftContent(comments={1: DraftComment("No"), 2: DraftComment("Maybe")})
        >>> {place: note.body for place, note in one.joined(two).comments.items()}
        {1: 'Yes\\n\\nNo', 2: 'Maybe'}
        """
        comments, answers = dict(self.comments), dict(self.answers)
        for place, note in other.comments.items():
            said = comments.get(place)
            comments[place] = note if said is None else replace(said, body=join_texts(said.body, note.body))
        for question, body in other.answers.items():
            own = answers.get(question, "")
            answers[question] = own if own and question in self.chosen else join_texts(own, body)
        chosen = {**other.chosen, **self.chosen}
        about, amends = self.about or other.about, self.amends or other.amends
        known = {item.key for item in self.evidence}
        evidence = (*self.evidence, *(item for item in other.evidence if item.key not in known))
        return DraftContent(
            comments,
            answers,
            about,
            amends,
            chosen,
            self.note or other.note,
            evidence[:MAX_ITEMS],
            self.reply or other.reply,
        )


def join_texts(one: str, other: str) -> str:
    """Join two texts with an empty line, or return the one that contains the other."""
    if other in one:
        return one
    return other if one in other else f"{one}\n\n{other}"


def to_json(writing: DraftContent, *, saves: bool = False) -> str:
    """Return the JSON of a draft. `saves` are only included for storage, because fingerprints must not depend on them.

    It is `{"comments": [[id, stance, body, anchor, was, chose]], "answers": [[id, body]], "about": …}`.

    >>> from_json(to_json(DraftContent(comments={4: DraftComment("Yes", Stance.SUPPORT)}))).comments[4].stance
    <Stance.SUPPORT: 'support'>
    """
    record: dict[str, Any] = {
        "comments": [
            [
                *(key, note.stance, note.body, _record(note.anchor), note.was, _record(note.chose)),
                *_further(note),
            ]
            for key, note in writing.comments.items()
        ],
        "answers": [[question, body] for question, body in writing.answers.items()],
        "about": _about_record(writing.about) if writing.about else None,
        "amends": writing.amends,
        "chosen": [[question, list(keys)] for question, keys in writing.chosen.items()],
        "evidence": to_record(writing.evidence),
    }
    if writing.note:
        record["note"] = writing.note
    if writing.reply:
        record["reply"] = writing.reply
    if writing.paper:
        record["paper"] = list(writing.paper)
    if saves and writing.saves:
        record["saves"] = list(writing.saves.items())
    return json.dumps(record, ensure_ascii=False)


def _further(note: DraftComment) -> tuple[Any, ...]:
    """Return the last values of a comment's row, up to the last one given. Older drafts keep their fingerprints."""
    values = (note.amendment, note.agrees_with, note.paper_place.record if note.paper_place else None)
    given = [index for index, value in enumerate(values) if value is not None]
    return () if not given else values[: max(2, given[-1] + 1)]


def _about_record(about: DraftSubmitter) -> dict[str, Any]:
    """Return the author's details. A side is left out if not given, so that older drafts keep their fingerprints."""
    return {name: value for name, value in asdict(about).items() if value or name != "side"}


def _record(anchor: Anchor | None) -> dict[str, Any] | None:
    return anchor.record if anchor else None


def from_json(text: str) -> DraftContent:
    record = json.loads(text)
    about = record["about"]
    return DraftContent(
        {
            key: DraftComment(
                body,
                Stance(stance) if stance else None,
                anchor_of(anchor),
                was,
                anchor_of(chose),
                amendment,
                agrees_with,
                paper_place_of(place),
            )
            for key, stance, body, anchor, was, chose, amendment, agrees_with, place in (
                [*row, *[None] * 6][:9] for row in record["comments"]
            )
        },
        dict(record["answers"]),
        parse_record(about) if about else None,
        record["amends"],
        dict(record.get("chosen", [])),
        record.get("note", ""),
        from_record(record.get("evidence", [])),
        record.get("reply", ""),
        tuple(record.get("paper", ())),
        dict(record.get("saves", ())),
    )
