"""Poster (PDF) and square picture (PNG) of a warning, to print and to send in messages."""
