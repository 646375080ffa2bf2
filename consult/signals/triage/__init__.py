"""Triage: assessors read reports and decide about them."""
