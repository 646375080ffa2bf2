"""Suspension of accounts by administrators."""
