"""Facilitators who submit for groups, and the setting for anonymous submissions."""
