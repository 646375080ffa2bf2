"""Moderators, their assignments and working days."""
