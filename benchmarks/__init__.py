"""Benchmarks, one command each: `python -m benchmarks.pages`. Each prints a table."""
