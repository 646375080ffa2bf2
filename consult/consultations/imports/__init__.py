"""Uploaded drafts that take longer to read than a page should wait: kept, read by a worker, and shown as they go."""
