"""Rebases a draft submission from an earlier version of the text to the present one.

The rule is that of filed comments: certain matches move, and the page says so; other comments keep their old words
until the author places them.
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
from consult.submissions.drafts.values import WHOLE_DRAFT, DraftComment, DraftContent


def rebase_comments(session: Session, consultation_id: int, writing: DraftContent) -> DraftContent:
    """The same comments on their places in the present version: those whose place is sure, and free."""
    if not writing.comments.keys() - {WHOLE_DRAFT}:
        return writing
    row = session.get_one(Consultation, consultation_id)
    here = comments_queries.get_provision_tree(session, row.version_id or 0).by_id
    behind = {place: note for place, note in writing.comments.items() if place != WHOLE_DRAFT and place not in here}
    if not behind:
        return writing
    went = _relocate(session, row, behind)
    free = here.keys() - writing.comments.keys()
    comments = {}
    for place, note in writing.comments.items():
        to = went.get(place, Relocation(None))
        key = place
        if to.sure and to.provision_id in free:
            key, free = to.provision_id, free - {to.provision_id}
            note = replace(note, anchor=to.anchor, was=note.was or place, chose=note.chose or note.anchor)
        comments[key] = note
    return replace(writing, comments=comments)


def propose_relocation(session: Session, row: Consultation, provision_id: int, note: DraftComment) -> Relocation:
    """A proposed place for a comment that stayed behind; None without any evidence for one."""
    return _relocate(session, row, {provision_id: note}).get(provision_id, Relocation(None))


def _relocate(session: Session, row: Consultation, behind: dict[int, DraftComment]) -> dict[int, Relocation]:
    """Where the rule puts comments on places of earlier versions."""
    present = session.get_one(Version, row.version_id)
    stood = session.execute(select(Provision.id, Provision.version_id).where(Provision.id.in_(behind)))
    return {
        place: carry_forward.load_relocator(session, version_id, present).place(place, behind[place].anchor)
        for place, version_id in stood.all()
    }
