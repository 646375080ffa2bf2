"""Relations that upper packages may read of positions."""

from __future__ import annotations

from sqlalchemy import select

from consult.core.database.relations import Relation
from consult.positions.model import Position


class ReadablePosition(Relation):
    """A decision on the position of a letter or a text, with its consultation and time."""

    selected = select(Position.id, Position.consultation_id, Position.at)
