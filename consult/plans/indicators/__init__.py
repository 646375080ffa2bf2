"""Indicators of plans: series that are read from files, shown before they are kept, and drawn."""
