"""Storage of the lines of each text that carry no statement, and of the positions where a letter has a name."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from consult.analysis.campaigns.classification import ClassifiedComment
from consult.analysis.campaigns.groups import GroupedTexts
from consult.analysis.model import Campaign, TextGroup
from consult.analysis.text.kept_words import LineChoices, apply_choices
from consult.analysis.text.line_roles import LineRole, read_lines


def dump_set_aside(text: str, one: ClassifiedComment, choices: LineChoices) -> str:
    """Return the lines of a text that carry no statement, as JSON for `TextGroup.set_aside`."""
    lines = one.lines or apply_choices(text, read_lines(text), choices)
    return json.dumps([[line.start, line.end, line.role] for line in lines if line.role is not LineRole.WORDS])


def store_name_slots(
    session: Session, consultation_id: int, grouping: GroupedTexts, ids: Sequence[int], read: Sequence[bytes]
) -> None:
    """Store the positions of names in letters, and mark texts that were read without these positions to be read again.

    `ids` are the campaigns in the order of the grouping; `read` are the texts that were read with these positions.
    """
    found = {number: grouping.letters[at][0].name_slots for at, number in enumerate(ids)}
    for row in session.scalars(select(Campaign).where(Campaign.id.in_([one for one in found if found[one]]))):
        if not found[row.id] <= set(row.name_slots):
            row.name_slots = sorted(found[row.id] | set(row.name_slots))
            earlier = TextGroup.campaign_id == row.id, TextGroup.text_hash.not_in(read)
            session.execute(
                update(TextGroup).where(TextGroup.consultation_id == consultation_id, *earlier).values(placed=0)
            )
