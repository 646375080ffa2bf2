"""Substances: matching of names in reports and samples to the vocabulary, and the concern that each raises."""
