"""Public pages of bodies and their records of answers."""
