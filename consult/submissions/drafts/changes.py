"""Changes of a shared draft since a member approved it, by part of the draft, with removed and added words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.core.i18n import _
from consult.documents.versions import diff
from consult.submissions.comments import queries as comments_queries
from consult.submissions.content.draft import DraftComment, DraftContent, from_json, place_of

MOST = 12
"""Maximum number of changes shown. The full text is one click away."""


@dataclass(frozen=True)
class TextChange:
    """A change on one part of the draft. Without runs it is not a text, such as the author's name or evidence."""

    name: str
    runs: Sequence[diff.DiffRun] = ()


def list_changes(session: Session, row: Consultation, before: str, after: str) -> list[TextChange]:
    """Return the differences between two states of a draft, given as JSON. Empty if the earlier one is unknown."""
    if not before:
        return []
    was, now = from_json(before), from_json(after)
    return [*_comments(session, row, was, now), *_answers(session, row, was, now), *_others(was, now)][:MOST]


def _comments(session: Session, row: Consultation, was: DraftContent, now: DraftContent) -> list[TextChange]:
    changed = [key for key in sorted({*was.comments, *now.comments}) if was.comments.get(key) != now.comments.get(key)]
    places = comments_queries.get_provisions(session, row.version_id or 0, {place_of(key) for key in changed} - {0})
    comments = []
    for key in changed:
        place = places.get(place_of(key))
        runs = diff.diff_words(_words(was.comments.get(key)), _words(now.comments.get(key)))
        comments.append(TextChange(place.name if place else str(_("The draft as a whole")), diff.shorten(runs)))
    return comments


def _words(note: DraftComment | None) -> str:
    """Return the text of a comment, with a line for the suggested deletion of its paragraph."""
    if note is None:
        return ""
    return f"{_('Delete this paragraph')}\n{note.body}" if note.deletes else note.body


def _answers(session: Session, row: Consultation, was: DraftContent, now: DraftContent) -> list[TextChange]:
    numbers = {one.id: n for n, one in enumerate(comments_queries.list_questions(session, row.id), start=1)}
    return [
        TextChange(
            str(_("Question %(number)s", number=numbers.get(key, "?"))),
            diff.shorten(diff.diff_words(was.answers.get(key, ""), now.answers.get(key, ""))),
        )
        for key in sorted({*was.answers, *now.answers})
        if was.answers.get(key) != now.answers.get(key)
    ]


def _others(was: DraftContent, now: DraftContent) -> list[TextChange]:
    others = []
    if was.about != now.about:
        others.append(TextChange(str(_("About you"))))
    if was.evidence != now.evidence or was.paper != now.paper:
        others.append(TextChange(str(_("Evidence"))))
    return others
