"""Versions of a consultation's draft: upload, check and publication."""
