"""Tables of comments collected elsewhere: columns by name, and the text of a row."""
