"""Suggestions of reports that may describe the same event."""
