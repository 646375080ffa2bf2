"""Retention of e-mail addresses from one consultation."""
