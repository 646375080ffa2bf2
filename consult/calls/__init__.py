"""Calls: an organisation asks people to comment on a few places, each in their own words."""
