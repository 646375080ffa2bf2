"""Topics of a draft, and the comments under each."""
