"""Record of each body: how many answers were on time, late or overdue, counted in the background."""
