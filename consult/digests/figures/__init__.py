"""Summaries of counts for the page “What we heard” and the digest."""
