"""Transfer of the comments of an unfinished submission from an earlier version of the draft to the current one.

The rules are those for filed comments: a comment is moved if its new position is certain, and the page says so. Other
comments keep their earlier position until the author chooses one.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.documents.model import Provision, Version
from consult.submissions.anchors import carry_forward
from consult.submissions.anchors.relocation import Relocation
from consult.submissions.comments import queries as comments_queries
from consult.submissions.content.draft import WHOLE_DRAFT, DraftComment, DraftContent, comment_key, nth_of, place_of


def rebase_comments(session: Session, consultation_id: int, writing: DraftContent) -> DraftContent:
    """Move comments to the current version if their new position is certain and free."""
    if not any(map(place_of, writing.comments)):
        return writing
    row = session.get_one(Consultation, consultation_id)
    here = comments_queries.get_provision_tree(session, row.version_id or 0).by_id
    behind = {key: note for key, note in writing.comments.items() if place_of(key) not in {WHOLE_DRAFT, *here}}
    if not behind:
        return writing
    went = _relocate(session, row, behind)
    taken, comments = set(writing.comments), {}
    for stood, note in writing.comments.items():
        to, key = went.get(stood, Relocation(None)), stood
        there = comment_key(to.provision_id or 0, nth_of(stood))
        if to.sure and to.provision_id in here and there not in taken:
            key = there
            taken.add(there)
            note = replace(note, anchor=to.anchor, was=note.was or place_of(stood), chose=note.chose or note.anchor)
        comments[key] = note
    return replace(writing, comments=comments)


def propose_relocation(session: Session, row: Consultation, provision_id: int, note: DraftComment) -> Relocation:
    """Return a suggested position for a comment that was not moved, without a provision if there is no evidence."""
    return _relocate(session, row, {provision_id: note}).get(provision_id, Relocation(None))


def _relocate(session: Session, row: Consultation, behind: dict[int, DraftComment]) -> dict[int, Relocation]:
    """Return the positions found by the rule for comments on earlier versions, by key."""
    present = session.get_one(Version, row.version_id)
    places = {place_of(key) for key in behind}
    stood = session.execute(select(Provision.id, Provision.version_id).where(Provision.id.in_(places)))
    versions = {row.id: row.version_id for row in stood}
    return {
        key: carry_forward.load_relocator(session, versions[place], present).place(place, note.anchor)
        for key, note in behind.items()
        if (place := place_of(key)) in versions
    }
