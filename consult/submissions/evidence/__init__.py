"""Evidence sent with comments: files, links and position papers."""
