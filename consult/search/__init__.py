"""Search in public content: published comments and evidence, each in its own language, with filters."""
