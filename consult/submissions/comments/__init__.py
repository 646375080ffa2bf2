"""Published comments and the statements in them."""
