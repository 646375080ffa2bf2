"""Unfinished submissions: autosave, rebase on a new version, sign-off and reminders."""
