"""Watchers: who is told of signals, and the letters to them."""
