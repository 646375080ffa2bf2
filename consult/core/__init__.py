"""Infrastructure for all packages, without domain rules."""
