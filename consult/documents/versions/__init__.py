"""Comparison of versions: differences, corrections and the map of provisions."""
