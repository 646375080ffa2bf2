"""Calls for comments: an organisation asks people to comment on a few provisions in their own words."""
