"""Requests, access rules, forms, limits and templates."""
