"""Parsing of a draft's headings, numbers and points into a tree."""
