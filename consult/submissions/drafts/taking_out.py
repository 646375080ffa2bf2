"""Removal of possible personal data from a draft with one click, with undo."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from consult.core.web.tokens import seal_field, unseal_field
from consult.submissions.content.draft import DraftComment, DraftContent
from consult.submissions.content.evidence_item import EvidenceItem
from consult.submissions.drafts.personal_data_hints import cover

_PURPOSE = "words taken out"


def take_out(writing: DraftContent, country: str) -> DraftContent:
    """Return the draft with a mark in place of possible personal data in all texts of the author."""
    return replace(
        writing,
        comments={key: _cover(note, country) for key, note in writing.comments.items()},
        answers={
            key: body if writing.chosen.get(key) else cover(body, country) for key, body in writing.answers.items()
        },
        evidence=tuple(_cover_notes(item, country) for item in writing.evidence),
    )


def _cover_notes(item: EvidenceItem, country: str) -> EvidenceItem:
    """Cover personal data in the notes, except those that only moderators see."""
    if item.private:
        return item
    notes: dict[str, Any] = {name: cover(words, country) for name, words in item.notes.items()}
    return replace(item, **notes)


def _cover(note: DraftComment, country: str) -> DraftComment:
    proposed = cover(note.proposed, country)
    body = proposed + cover(note.body[len(note.proposed) :], country)
    return replace(note, body=body, amendment=None if note.amendment is None else len(proposed))


def seal_undo(before: DraftContent, after: DraftContent) -> str:
    """Return sealed data for undoing the removal, which the page carries."""
    comments = [
        [key, after.comments[key].body, note.body, note.amendment]
        for key, note in before.comments.items()
        if after.comments[key] != note
    ]
    answers = [[key, after.answers[key], body] for key, body in before.answers.items() if after.answers[key] != body]
    now_said = {item.key: item.notes for item in after.evidence}
    evidence = [
        [item.key, now_said[item.key], item.notes] for item in before.evidence if now_said[item.key] != item.notes
    ]
    return seal_field(json.dumps({"comments": comments, "answers": answers, "evidence": evidence}), purpose=_PURPOSE)


def put_back(writing: DraftContent, sealed: str) -> DraftContent:
    """Undo the removal, except where the text has changed since. Raises a Refusal."""
    kept = json.loads(unseal_field(sealed, purpose=_PURPOSE))
    comments, answers = dict(writing.comments), dict(writing.answers)
    present = {item.key: item.notes for item in writing.evidence}
    for key, covered, body, amendment in kept["comments"]:
        if key in comments and comments[key].body == covered:
            comments[key] = replace(comments[key], body=body, amendment=amendment)
    for key, covered, body in kept["answers"]:
        if answers.get(key) == covered:
            answers[key] = body
    notes = {key: words for key, covered, words in kept["evidence"] if present.get(key) == covered}
    evidence = tuple(replace(item, **notes.get(item.key, {})) for item in writing.evidence)
    return replace(writing, comments=comments, answers=answers, evidence=evidence)
