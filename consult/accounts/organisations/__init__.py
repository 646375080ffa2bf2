"""Organisations: members, public profile and verified domains."""
