"""A server of the Model Context Protocol at /mcp, which only reads what is public."""
