"""Triage: people with a seat read what came in, and decide what becomes of it."""
