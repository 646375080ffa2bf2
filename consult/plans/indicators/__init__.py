"""Indicators of plans: series read from files, previewed, stored and drawn."""
