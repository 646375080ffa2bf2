"""Uploaded files: stored encrypted under random names, parsed in a child process, shown only as cleaned copies.

Nothing is imported here: the child process that parses a file imports this package too, and must stay small.
"""
