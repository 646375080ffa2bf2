"""Public numbers: reports by region and week, and by level only where nobody can be found in them."""
