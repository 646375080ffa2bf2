"""One command each; each prints a table. `python -m benchmarks.pages`"""
