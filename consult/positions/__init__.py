"""Positions: the position of each published submission on the draft as a whole, as filed or as a person decided."""
