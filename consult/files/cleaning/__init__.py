"""Parsers and cleaners of uploaded files. They run in a child process only."""
