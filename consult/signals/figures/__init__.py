"""Public figures: reports by region and week, without identifying anybody."""
