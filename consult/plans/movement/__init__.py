"""What moved in a plan in a year."""
