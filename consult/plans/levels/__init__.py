"""Levels of plans: a national plan under a regional one, and the plans of a country."""
