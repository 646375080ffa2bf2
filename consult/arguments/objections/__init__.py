"""Objections: an author says that an argument their words are counted under is not their point."""
