"""Draft policies: a document has versions, and a version is a tree of provisions."""
