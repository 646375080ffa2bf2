"""Files: whole lists as streams of any length, with one description of their columns."""
