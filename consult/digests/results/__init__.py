"""The page “What we heard”."""
