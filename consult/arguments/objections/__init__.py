"""Objections of authors to the argument under which their words are counted."""
