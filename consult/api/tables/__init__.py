"""Tables of comments collected elsewhere, by program: previewed, and imported with the result of each rejected row."""
