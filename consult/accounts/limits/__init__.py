"""Limits on sign-in attempts and on e-mails to one address."""
