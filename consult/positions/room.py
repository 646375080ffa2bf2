"""Public columns of positions: the decisions, without the people who made them."""

from __future__ import annotations

from consult.ledger.statements import PublicTable
from consult.positions.model import Position

POSITION = PublicTable(Position, public="id consultation_id unit key seen side at", people="account_id")
