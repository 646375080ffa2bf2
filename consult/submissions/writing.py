"""A submission being written: plain values, their JSON, and what happens when two windows write at once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from hashlib import blake2b
from typing import Any

from consult.submissions.anchors import Anchor, anchor_of
from consult.submissions.items import MOST, Item, from_record, to_record
from consult.submissions.model import NameRule, Stance

WHOLE = 0
"""Stands for the draft as a whole where a comment's provision is asked for."""


def mark_of(text: str) -> str:
    """Sixteen digits that differ where texts differ in anything at all."""
    return blake2b(text.encode(), digest_size=8).hexdigest()


@dataclass(frozen=True)
class Note:
    """A comment as written so far; a window that was closed too late may leave one without a stance."""

    body: str
    stance: Stance | None = None
    anchor: Anchor | None = None  # the words that it is about; None for the whole of its place
    was: int | None = field(default=None, compare=False)  # the place in an earlier version that it was written on
    chose: Anchor | None = field(default=None, compare=False)  # the words of that which its author chose

    @property
    def mark(self) -> str:
        """What tells this version of the comment from another."""
        return mark_of(f"{self.stance} {self.body}" + (f" {self.anchor.exact}" if self.anchor else ""))


@dataclass(frozen=True)
class About:
    """Who speaks. The address is for the receipt and is sealed apart from the submission."""

    name_rule: NameRule
    organisation_id: int | None = None
    organisation_name: str = ""
    person_name: str = ""
    country: str = ""
    email: str = ""
    language: str = "en"


@dataclass(frozen=True)
class Writing:
    """Comments by provision id (WHOLE for the draft as a whole), answers by question id, and who speaks."""

    comments: Mapping[int, Note] = field(default_factory=dict)
    answers: Mapping[int, str] = field(default_factory=dict)
    about: About | None = None
    amends: int | None = None  # the submission that this replaces the words of
    chosen: Mapping[int, Sequence[str]] = field(default_factory=dict)  # by question: what its answer's lines are of
    note: str = ""  # of the moderator who returned what this changes
    evidence: tuple[Item, ...] = ()
    reply: str = ""  # of its author to that moderator

    @property
    def words(self) -> int:
        """How many comments and answers there are."""
        return len(self.comments) + len(self.answers)

    def mark(self, provision_id: int) -> str:
        """What the comment on a provision is now; empty where there is none."""
        note = self.comments.get(provision_id)
        return note.mark if note else ""

    def key_of(self, provision_id: int) -> int:
        """Where the comment is that was written on a provision: a new version of the draft may have moved it."""
        moved = (place for place, note in self.comments.items() if note.was == provision_id)
        return provision_id if provision_id in self.comments else next(moved, provision_id)

    @property
    def file_ids(self) -> list[int]:
        """The stored files that its evidence names."""
        return [item.file_id for item in self.evidence if item.file_id is not None]

    @property
    def answers_mark(self) -> str:
        """What each answer is now: `question:mark question:mark …`."""
        return " ".join(f"{question}:{mark_of(body)}" for question, body in sorted(self.answers.items()))

    def answers_beside(self, answers: Mapping[int, str], seen: str) -> tuple[dict[int, str], dict[int, str]]:
        """Those of the answers that were changed since they were `seen`; and what they would replace unseen.

        >>> here = Writing(answers={1: "Yes", 2: "No", 3: "Both"})
        >>> seen = Writing(answers={1: "Yes", 2: "Perhaps", 3: "One"}).answers_mark
        >>> here.answers_beside({1: "Maybe", 2: "Never", 3: "One"}, seen)
        ({1: 'Maybe', 2: 'Never'}, {2: 'No'})
        """
        read = dict(part.split(":", 1) for part in seen.split() if ":" in part)
        typed = {key: body for key, body in answers.items() if read.get(str(key)) != (mark_of(body) if body else None)}
        unseen = {
            key: body
            for key, body in self.answers.items()
            if typed.get(key, body) != body and read.get(str(key)) != mark_of(body)
        }
        return typed, unseen

    def with_comment(self, provision_id: int, note: Note | None) -> Writing:
        """With a comment put in, replaced, or (None) taken out; the order in which they were begun stays."""
        comments = {**self.comments, provision_id: note}
        return replace(self, comments={place: said for place, said in comments.items() if said is not None})

    def with_answers(self, answers: Mapping[int, str], chosen: Mapping[int, Sequence[str]] | None = None) -> Writing:
        """With answers put in, replaced or (empty) taken out; others stay as they are."""
        kept = {question: body for question, body in {**self.answers, **answers}.items() if body}
        keys = {**{key: value for key, value in self.chosen.items() if key not in answers}, **(chosen or {})}
        return replace(self, answers=kept, chosen={key: value for key, value in keys.items() if key in kept and value})

    def joined(self, other: Writing) -> Writing:
        """With what was written elsewhere, such as before signing in. Where both say something, both are kept.

        >>> one, two = Writing(comments={1: Note("Yes")}), Writing(comments={1: Note("No"), 2: Note("Maybe")})
        >>> {place: note.body for place, note in one.joined(two).comments.items()}
        {1: 'Yes\\n\\nNo', 2: 'Maybe'}
        """
        comments, answers = dict(self.comments), dict(self.answers)
        for place, note in other.comments.items():
            said = comments.get(place)
            comments[place] = note if said is None else replace(said, body=both(said.body, note.body))
        for question, body in other.answers.items():
            own = answers.get(question, "")
            answers[question] = own if own and question in self.chosen else both(own, body)
        chosen = {**other.chosen, **self.chosen}
        about, amends = self.about or other.about, self.amends or other.amends
        known = {item.key for item in self.evidence}
        evidence = (*self.evidence, *(item for item in other.evidence if item.key not in known))
        return Writing(comments, answers, about, amends, chosen, self.note or other.note, evidence[:MOST],
                       self.reply or other.reply)  # fmt: skip


def both(one: str, other: str) -> str:
    """Two texts below each other; one where it holds the other."""
    if other in one:
        return one
    return other if one in other else f"{one}\n\n{other}"


def to_json(writing: Writing) -> str:
    """The JSON that a draft keeps, sealed.

    It is `{"comments": [[id, stance, body, anchor, was, chose]], "answers": [[id, body]], "about": …}`.

    >>> from_json(to_json(Writing(comments={4: Note("Yes", Stance.SUPPORT)}))).comments[4].stance
    <Stance.SUPPORT: 'support'>
    """
    record: dict[str, Any] = {
        "comments": [
            [place, note.stance, note.body, _record(note.anchor), note.was, _record(note.chose)]
            for place, note in writing.comments.items()
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
    return json.dumps(record, ensure_ascii=False)


def _record(anchor: Anchor | None) -> dict[str, Any] | None:
    return anchor.record if anchor else None


def from_json(text: str) -> Writing:
    record = json.loads(text)
    about = record["about"]
    return Writing(
        {
            place: Note(body, Stance(stance) if stance else None, anchor_of(anchor), was, anchor_of(chose))
            for place, stance, body, anchor, was, chose in ([*row, *[None] * 3][:6] for row in record["comments"])
        },
        dict(record["answers"]),
        About(**{**about, "name_rule": NameRule(about["name_rule"])}) if about else None,
        record["amends"],
        dict(record.get("chosen", [])),
        record.get("note", ""),
        from_record(record.get("evidence", [])),
        record.get("reply", ""),
    )
