"""Positions: which side each published submission takes on the draft as a whole, as filed or as a person decided."""
