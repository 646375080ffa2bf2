"""Feeds of all public events, with an archive, and the list of pages for search engines."""
