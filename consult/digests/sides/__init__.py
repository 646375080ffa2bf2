"""Positions on the draft as a whole: the section of a digest, and its sentences."""
