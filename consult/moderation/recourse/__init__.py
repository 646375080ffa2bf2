"""Appeals by authors and content reports by readers."""
