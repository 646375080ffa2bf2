"""Full-text search in everything public, with filters."""
