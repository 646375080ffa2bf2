"""Parsers and cleaners of files. They run in a child process only, and import only `kinds` of Consult."""
