"""Public figures: numbers of reports by region and week, in bands."""
