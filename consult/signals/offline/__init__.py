"""Reporting without a line: what a phone keeps of the form, and only if its owner asks for it."""
