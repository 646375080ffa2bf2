"""A draft of a submission that was begun on an earlier version of the text, brought to the present one.

As comments that were sent are carried: what the rule is sure of moves, and says so; the rest stays on the words that it
was written on until its author says where it goes.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.documents.model import Provision, Version
from consult.submissions import carrying, lists
from consult.submissions.reanchoring import Placed
from consult.submissions.writing import WHOLE, Note, Writing


def caught_up(session: Session, consultation_id: int, writing: Writing) -> Writing:
    """The same comments on their places in the present version: those whose place is sure, and free."""
    if not writing.comments.keys() - {WHOLE}:
        return writing
    row = session.get_one(Consultation, consultation_id)
    here = lists.places(session, row.version_id or 0).by_id
    behind = {place: note for place, note in writing.comments.items() if place != WHOLE and place not in here}
    if not behind:
        return writing
    went = _went(session, row, behind)
    free = here.keys() - writing.comments.keys()
    comments = {}
    for place, note in writing.comments.items():
        to = went.get(place, Placed(None))
        key = place
        if to.sure and to.provision_id in free:
            key, free = to.provision_id, free - {to.provision_id}
            note = replace(note, anchor=to.anchor, was=note.was or place, chose=note.chose or note.anchor)
        comments[key] = note
    return replace(writing, comments=comments)


def proposed(session: Session, row: Consultation, provision_id: int, note: Note) -> Placed:
    """Where a comment that stayed behind might go; nowhere where nothing speaks for a place."""
    return _went(session, row, {provision_id: note}).get(provision_id, Placed(None))


def _went(session: Session, row: Consultation, behind: dict[int, Note]) -> dict[int, Placed]:
    """Where the rule puts comments on places of earlier versions."""
    present = session.get_one(Version, row.version_id)
    stood = session.execute(select(Provision.id, Provision.version_id).where(Provision.id.in_(behind)))
    return {
        place: carrying.carrier(session, version_id, present).place(place, behind[place].anchor)
        for place, version_id in stood.all()
    }
