"""Draft policies: a document has versions, a version is a tree of provisions."""
