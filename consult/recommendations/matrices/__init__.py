"""Readers of recommendations as they are published: thematic lists, exports and tables."""
