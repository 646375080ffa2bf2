"""Signals and threads of a process."""
