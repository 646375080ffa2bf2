"""Uploaded files: stored encrypted under random names and shown as cleaned copies only.

Nothing is imported here, because the child process that parses a file imports this package too and must stay small.
"""
