"""Scripts: letters that look like those of another, and the languages that a script is of."""
