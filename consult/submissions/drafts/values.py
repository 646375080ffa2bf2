"""A draft submission as plain values, its JSON, and the merge of two windows' edits."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from hashlib import blake2b
from typing import Any

from consult.submissions.anchors.selectors import Anchor, anchor_of
from consult.submissions.evidence.items import MAX_ITEMS, EvidenceItem, from_record, to_record
from consult.submissions.fields import DraftSubmitter, parse_record
from consult.submissions.model import EvidenceKind, Stance

WHOLE_DRAFT = 0
"""Stands for the draft as a whole where a comment's provision is asked for."""
_ANSWERS = -1
"""Stands for the answers to questions where the last save of a comment has its key."""
_MAX_SAVE = 80
_FURTHER = 2**40
"""Above any provision's id: the key of a second comment on a provision is its id and once this, of a third twice."""


def comment_key(provision_id: int, nth: int = 0) -> int:
    """The key of a comment in a draft: the first on a provision has that one's id.

    >>> place_of(comment_key(7, 2)), nth_of(comment_key(7, 2)), comment_key(7)
    (7, 2, 7)
    """
    return provision_id + nth * _FURTHER


def place_of(key: int) -> int:
    """The provision that a comment with this key is on."""
    return key % _FURTHER


def nth_of(key: int) -> int:
    """Which of the comments on its provision one with this key is, from 0."""
    return key // _FURTHER


def compute_mark(text: str) -> str:
    """Sixteen digits that differ where texts differ in anything at all."""
    return blake2b(text.encode(), digest_size=8).hexdigest()


def follows(save: str, last: str) -> bool | None:
    """Whether a save comes after the `last` one, from the same window; None: it was sent before that, and came late.

    A save is named by its form and how many saves that has sent, then by the saves of others that it takes over.

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
    """A comment as written so far; a window that was closed too late may leave one without a stance."""

    body: str
    stance: Stance | None = None
    anchor: Anchor | None = None  # the words that it is about; None for the whole of its place
    was: int | None = field(default=None, compare=False)  # the place in an earlier version that it was written on
    chose: Anchor | None = field(default=None, compare=False)  # the words of that which its author chose
    amendment: int | None = None  # so many of its characters are the provision's text as it should be; then why
    agrees_with: int | None = None  # the comment with somebody else's amendment that it wants too

    @property
    def proposed(self) -> str:
        """The provision's text as it should be; empty where none is proposed."""
        return self.body[: self.amendment or 0]

    @property
    def reason(self) -> str:
        """What is said beside the proposed text; all that is said where there is none."""
        return self.body[self.amendment or 0 :].strip()

    @property
    def mark(self) -> str:
        """A mark of this version of the comment."""
        said = f"{self.stance} {self.body}" + (f" {self.anchor.exact}" if self.anchor else "")
        return compute_mark(
            said + (f" {self.amendment} {self.agrees_with}" if self.amendment or self.agrees_with else "")
        )


@dataclass(frozen=True)
class DraftContent:
    """Comments by their `comment_key` (of WHOLE_DRAFT for the whole), answers by question id, and who speaks."""

    comments: Mapping[int, DraftComment] = field(default_factory=dict)
    answers: Mapping[int, str] = field(default_factory=dict)
    about: DraftSubmitter | None = None
    amends: int | None = None  # the submission that this replaces the words of
    chosen: Mapping[int, Sequence[str]] = field(default_factory=dict)  # by question: what its answer's lines are of
    note: str = ""  # of the moderator who returned what this changes
    evidence: tuple[EvidenceItem, ...] = ()
    reply: str = ""  # of its author to that moderator
    paper: tuple[str, ...] = ()  # the text of its papers as it was filed, in parts
    saves: Mapping[int, str] = field(default_factory=dict, compare=False)  # by comment key or _ANSWERS: the last save

    @property
    def words(self) -> int:
        """How many comments, answers and papers there are."""
        return len(self.comments) + len(self.answers) + len(self.papers)

    @property
    def papers(self) -> list[EvidenceItem]:
        """The files that say what it says: not what supports it."""
        return [item for item in self.evidence if item.kind is EvidenceKind.POSITION_PAPER and item.file_id is not None]

    def mark(self, key: int) -> str:
        """What the comment with a key is now; empty where there is none."""
        note = self.comments.get(key)
        return note.mark if note else ""

    def key_of(self, key: int) -> int:
        """Where the comment is that was written under a key: a new version of the draft may have moved it."""
        moved = (
            now
            for now, note in self.comments.items()
            if note.was == place_of(key) and nth_of(now) == nth_of(key) and place_of(key) != WHOLE_DRAFT
        )
        return key if key in self.comments else next(moved, key)

    def keys_on(self, provision_id: int) -> list[int]:
        """The keys of the comments on a provision."""
        return [key for key in self.comments if place_of(key) == provision_id]

    def next_key(self, provision_id: int) -> int:
        """The key for one more comment on a provision."""
        taken = [nth_of(key) for key in self.keys_on(provision_id)]
        return comment_key(provision_id, max(taken, default=-1) + 1)

    @property
    def file_ids(self) -> list[int]:
        """The stored files that its evidence names."""
        return [item.file_id for item in self.evidence if item.file_id is not None]

    @property
    def answers_mark(self) -> str:
        """What each answer is now: `question:mark question:mark …`."""
        return " ".join(f"{question}:{compute_mark(body)}" for question, body in sorted(self.answers.items()))

    def answers_beside(self, answers: Mapping[int, str], seen: str) -> tuple[dict[int, str], dict[int, str]]:
        """Those of the answers that were changed since they were `seen`; and what they would replace unseen.

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
        """With a comment put in, replaced, or (None) taken out; the order in which they were begun stays."""
        comments = {**self.comments, key: note}
        return replace(self, comments={place: said for place, said in comments.items() if said is not None})

    def with_answers(
        self, answers: Mapping[int, str], chosen: Mapping[int, Sequence[str]] | None = None
    ) -> DraftContent:
        """With answers put in, replaced or (empty) taken out; others stay as they are."""
        kept = {question: body for question, body in {**self.answers, **answers}.items() if body}
        keys = {**{key: value for key, value in self.chosen.items() if key not in answers}, **(chosen or {})}
        return replace(self, answers=kept, chosen={key: value for key, value in keys.items() if key in kept and value})

    def comes_after(self, save: str, key: int = _ANSWERS) -> bool | None:
        """What `follows` says of a save of a comment, or of the answers, and the last one."""
        return follows(save, self.saves.get(key, ""))

    def with_save(self, save: str, key: int = _ANSWERS) -> DraftContent:
        """With the last save of a comment, or of the answers; forms without a script do not name theirs."""
        return replace(self, saves={**self.saves, key: save if len(save) <= _MAX_SAVE else ""})

    def joined(self, other: DraftContent) -> DraftContent:
        """With what was written elsewhere, such as before signing in. Where both say something, both are kept.

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
    """Two texts below each other; one where it holds the other."""
    if other in one:
        return one
    return other if one in other else f"{one}\n\n{other}"


def to_json(writing: DraftContent, *, saves: bool = False) -> str:
    """The JSON that a draft keeps, sealed; with its last `saves` only there, since no mark is to depend on them.

    It is `{"comments": [[id, stance, body, anchor, was, chose]], "answers": [[id, body]], "about": …}`.

    >>> from_json(to_json(DraftContent(comments={4: DraftComment("Yes", Stance.SUPPORT)}))).comments[4].stance
    <Stance.SUPPORT: 'support'>
    """
    record: dict[str, Any] = {
        "comments": [
            [
                *(key, note.stance, note.body, _record(note.anchor), note.was, _record(note.chose)),
                *((note.amendment, note.agrees_with) if note.amendment or note.agrees_with else ()),
            ]
            for key, note in writing.comments.items()
        ],
        "answers": [[question, body] for question, body in writing.answers.items()],
        "about": asdict(writing.about) if writing.about else None,
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
            )
            for key, stance, body, anchor, was, chose, amendment, agrees_with in (
                [*row, *[None] * 5][:8] for row in record["comments"]
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
