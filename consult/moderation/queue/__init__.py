"""The review queue: cases, filters and pages."""
