"""Where your words went: one submission from received to answered."""
