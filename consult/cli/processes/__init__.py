"""The commands that start web, worker and scheduler processes."""
