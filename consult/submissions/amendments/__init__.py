"""Suggested wordings: supporters, collisions and adoption into the next version."""
