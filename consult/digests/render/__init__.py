"""Rendering of a digest as a page, e-mail, PDF and Word file."""
