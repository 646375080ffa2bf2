"""The lists of submissions behind each number of a digest."""
