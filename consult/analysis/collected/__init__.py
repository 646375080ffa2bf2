"""Page that imports tables of comments collected elsewhere."""
