"""Anchors of comments in the draft, also in later versions."""
