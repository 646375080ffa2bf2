"""Actions outside any plan that were promised in answers."""
