"""Submissions in the name of an organisation."""
