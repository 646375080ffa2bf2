"""People who follow a consultation, and its feeds."""
