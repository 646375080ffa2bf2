"""Errands: the changes that developers make most often, each done on a copy of the code by a test."""
