"""What the submissions of a consultation have in common: identical texts, campaigns, quotes."""
