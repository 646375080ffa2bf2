"""Triage: people with access read reports and decide what becomes of them."""
