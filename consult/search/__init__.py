"""Full-text search in published content, with filters."""
