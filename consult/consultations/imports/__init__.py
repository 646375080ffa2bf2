"""Uploaded drafts, read in the background and shown before they are used."""
