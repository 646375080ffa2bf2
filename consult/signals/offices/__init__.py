"""Offices: bodies that issue warnings for a country, and the assessors who work for them."""
